//! The audit trail.

use casemate_model::access::Actor;
use casemate_model::audit::{Chain, NewEvent, OutcomeOfEvent, Verifier};
use casemate_model::id::TenantId;
use casemate_model::page::PageSize;
use casemate_store::{Store, StoreError};
use serde_json::{Map, json};

use crate::house::{House, at, on_each, walls};

fn event(chain: Chain, object: &str) -> NewEvent {
    NewEvent {
        chain,
        at: at(0),
        actor: Actor::System,
        action: "case_create".to_owned(),
        object: object.to_owned(),
        outcome: OutcomeOfEvent::Success,
        details: Map::from_iter([("b".to_owned(), json!([1, "ü"])), ("a".to_owned(), json!(null))]),
        request_id: "r".to_owned(),
    }
}

async fn append(store: &Store, tenant: TenantId, object: &str) {
    let mut tx = store.begin(&walls(tenant)).await.unwrap();
    tx.append_event(event(Chain::Tenant(tenant), object)).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_chain_holds_and_is_read_in_pages() {
    on_each(|house| async move {
        let (tenant, other) = (TenantId::fresh(), TenantId::fresh());
        for n in 1..=5 {
            append(&house.store, tenant, &format!("case:CASE-{n}")).await;
            append(&house.store, other, "case:CASE-1").await;
        }
        let scope = walls(tenant);
        let mut tx = house.store.begin_reading(&scope).await.unwrap();
        let mut verifier = Verifier::default();
        for event in tx.events_in_order(0, 3).await.unwrap().into_iter().chain(tx.events_in_order(3, 3).await.unwrap())
        {
            verifier.take(&event.unwrap()).unwrap();
        }
        let head = tx.head().await.unwrap().unwrap();
        assert_eq!(verifier.head(), (5, head.hash));
        assert_eq!(head.seq, 5);

        let page = tx.events(&scope, None, None, PageSize::new(2).unwrap()).await.unwrap();
        assert_eq!(page.items.iter().map(|event| event.seq).collect::<Vec<_>>(), [5, 4]);
        let page = tx.events(&scope, None, page.next, PageSize::new(3).unwrap()).await.unwrap();
        assert_eq!(page.items.iter().map(|event| event.seq).collect::<Vec<_>>(), [3, 2, 1]);
        assert_eq!(page.next, None);
        let page = tx.events(&scope, Some("case:CASE-2"), None, PageSize::default()).await.unwrap();
        assert_eq!(page.items.iter().map(|event| event.seq).collect::<Vec<_>>(), [2]);
    })
    .await;
}

#[tokio::test]
async fn what_was_not_committed_did_not_happen() {
    on_each(|house| async move {
        let tenant = TenantId::fresh();
        append(&house.store, tenant, "case:CASE-1").await;
        let mut tx = house.store.begin(&walls(tenant)).await.unwrap();
        tx.append_event(event(Chain::Tenant(tenant), "case:CASE-2")).await.unwrap();
        drop(tx);
        append(&house.store, tenant, "case:CASE-3").await;
        let mut tx = house.store.begin_reading(&walls(tenant)).await.unwrap();
        let events = tx.events_in_order(0, 10).await.unwrap();
        let objects: Vec<_> = events.into_iter().flatten().map(|event| (event.seq, event.event.object)).collect();
        assert_eq!(objects, [(1, "case:CASE-1".to_owned()), (2, "case:CASE-3".to_owned())]);
    })
    .await;
}

#[tokio::test]
async fn many_writers_make_one_chain() {
    on_each(|house| async move {
        let tenant = TenantId::fresh();
        let writers: Vec<_> = (0..8)
            .map(|n| {
                let store = house.store.clone();
                tokio::spawn(async move {
                    for _ in 0..5 {
                        append(&store, tenant, &format!("case:CASE-{n}")).await;
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        let mut tx = house.store.begin_reading(&walls(tenant)).await.unwrap();
        let mut verifier = Verifier::default();
        for event in tx.events_in_order(0, 100).await.unwrap() {
            verifier.take(&event.unwrap()).unwrap();
        }
        assert_eq!(verifier.head().0, 40);
    })
    .await;
}

#[tokio::test]
async fn an_event_stays_in_its_own_chain() {
    on_each(|house| async move {
        let mut tx = house.store.begin(&walls(TenantId::fresh())).await.unwrap();
        for chain in [Chain::Instance, Chain::Tenant(TenantId::fresh())] {
            let answer = tx.append_event(event(chain, "case:CASE-1")).await;
            assert!(matches!(answer, Err(StoreError::Broken(_))));
        }
    })
    .await;
}

/// Statements that would change the past.
const FORGERIES: [&str; 3] = [
    "UPDATE audit_events SET object = 'case:CASE-9'",
    "DELETE FROM audit_events",
    "INSERT OR REPLACE INTO audit_events SELECT tenant_id, seq, at, 'system', 'x', 'x', outcome, details, request_id, prev, hash \
     FROM audit_events",
];

#[tokio::test]
async fn sqlite_refuses_to_change_the_past() {
    let house = House::on_file().await;
    let tenant = TenantId::fresh();
    append(&house.store, tenant, "case:CASE-1").await;
    for forgery in FORGERIES {
        let mut tx = house.store.begin(&walls(tenant)).await.unwrap();
        let error = sqlx::query(forgery).execute(tx.raw_sqlite().unwrap()).await.unwrap_err();
        assert!(error.to_string().contains("audit events are not"), "{forgery}: {error}");
    }
}

#[tokio::test]
async fn postgres_refuses_to_change_the_past() {
    let Some(house) = House::on_postgres().await else { return };
    let tenant = TenantId::fresh();
    append(&house.store, tenant, "case:CASE-1").await;
    for forgery in [FORGERIES[0], FORGERIES[1], "TRUNCATE audit_events"] {
        let mut tx = house.store.begin(&walls(tenant)).await.unwrap();
        let error = sqlx::query(forgery).execute(tx.raw_postgres().unwrap()).await.unwrap_err();
        assert!(error.to_string().contains("audit events are not"), "{forgery}: {error}");
    }
}
