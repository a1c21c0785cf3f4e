//! The audit trail.

use casemate_model::access::Denied;
use casemate_model::audit::Chain;
use casemate_model::member::Role;
use casemate_model::page::PageSize;
use casemate_service::Secrets;
use casemate_service::trail::checkpoint::take_checkpoints;
use casemate_service::trail::read_trail::{ReadTrail, ReadTrailError, read_trail};
use casemate_service::trail::verify_trail::{Verified, VerifyTrailError, verify_all_trails, verify_trail};

use crate::office::{ADMIN, Office, PASSWORD, on_each, settings, walls};

async fn forge(office: &Office, statements: &[&'static str]) {
    let mut tx = office.store.begin_instance().await.unwrap();
    for statement in statements {
        sqlx::query(*statement).execute(tx.raw_sqlite().unwrap()).await.unwrap();
    }
    tx.commit().await.unwrap();
}

const WITHOUT_TRIGGERS: [&str; 3] = [
    "DROP TRIGGER audit_events_are_not_changed",
    "DROP TRIGGER audit_events_are_not_deleted",
    "DROP TRIGGER audit_events_are_not_replaced",
];

fn of(verified: &[Verified], chain: Chain) -> &Verified {
    verified.iter().find(|one| one.chain == chain).unwrap()
}

#[tokio::test]
async fn seniors_read_and_verify_and_others_do_not() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let senior = office.join(&admin, "grace@example.org", Role::SeniorReviewer).await;
        let senior = office.asking(&senior.token).await;
        let size = PageSize::new(2).unwrap();
        let page = read_trail(&office.service, &senior, ReadTrail { size, ..ReadTrail::default() }).await.unwrap();
        assert_eq!(page.items.len(), 2);
        assert!(page.items[0].seq > page.items[1].seq, "the latest first");
        let next = ReadTrail { before: page.next, size, case: None };
        let next = read_trail(&office.service, &senior, next).await.unwrap();
        assert_eq!(next.items[0].seq, page.items[1].seq - 1);
        let verified = verify_trail(&office.service, &senior).await.unwrap();
        assert!(verified.is_sound() && verified.events > 4, "{verified:?}");

        let reviewer = office.join(&admin, "linus@example.org", Role::Reviewer).await;
        let reviewer = office.asking(&reviewer.token).await;
        let answer = read_trail(&office.service, &reviewer, ReadTrail::default()).await;
        assert!(matches!(answer, Err(ReadTrailError::Denied(Denied::NotAllowed))));
        let answer = verify_trail(&office.service, &reviewer).await;
        assert!(matches!(answer, Err(VerifyTrailError::Denied(Denied::NotAllowed))));
    })
    .await;
}

#[tokio::test]
async fn every_chain_of_an_untouched_instance_holds() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let _ = office.sign_in(ADMIN, "wrong wrong wrong").await;
        let checkpoints = take_checkpoints(&office.service).await.unwrap();
        assert_eq!(checkpoints.len(), 2, "the instance's and the tenant's");
        assert!(take_checkpoints(&office.service).await.unwrap().is_empty(), "nothing has grown since");
        office.sign_in(ADMIN, PASSWORD).await.unwrap();
        assert_eq!(take_checkpoints(&office.service).await.unwrap().len(), 1);
        let verified = verify_all_trails(&office.service, &checkpoints).await.unwrap();
        assert!(verified.iter().all(Verified::is_sound), "{verified:?}");
        assert!(of(&verified, Chain::Tenant(admin.caller.tenant())).events > 0);
    })
    .await;
}

#[tokio::test]
async fn a_long_chain_is_verified_to_its_end() {
    let office = Office::on_memory().await;
    let admin = office.set_up().await;
    let tenant = admin.caller.tenant();
    let mut tx = office.store.begin(&walls(tenant)).await.unwrap();
    let template = casemate_model::audit::NewEvent {
        chain: Chain::Tenant(tenant),
        at: casemate_model::Timestamp::UNIX_EPOCH,
        actor: admin.caller.actor(),
        action: "case_read".to_owned(),
        object: "case:CASE-1".to_owned(),
        outcome: casemate_model::audit::OutcomeOfEvent::Success,
        details: serde_json::Map::new(),
        request_id: String::new(),
    };
    let mut last = 0;
    while last < 2_000 {
        last = tx.append_event(template.clone()).await.unwrap().seq;
    }
    tx.commit().await.unwrap();
    for events in [2_000, 2_001] {
        let verified = verify_trail(&office.service, &admin).await.unwrap();
        assert!(verified.is_sound(), "{verified:?}");
        assert_eq!(verified.events, events);
        let mut tx = office.store.begin(&walls(tenant)).await.unwrap();
        tx.append_event(template.clone()).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn tampering_in_the_database_shows() {
    let forgeries: [(&str, &[&'static str], i64); 6] = [
        ("a changed event", &["UPDATE audit_events SET action = 'case_close' WHERE seq = 2"], 2),
        ("changed details", &["UPDATE audit_events SET details = '{\"role\":\"viewer\"}' WHERE seq = 3"], 3),
        ("an event made unreadable", &["UPDATE audit_events SET actor = '???' WHERE seq = 2"], 2),
        ("a removed event", &["DELETE FROM audit_events WHERE seq = 2"], 2),
        ("a removed first event", &["DELETE FROM audit_events WHERE seq = 1"], 1),
        ("a cut tail", &["DELETE FROM audit_events WHERE seq >= 3"], 3),
    ];
    for (name, forgery, broken_at) in forgeries {
        let office = Office::on_memory().await;
        let admin = office.set_up().await;
        forge(&office, &WITHOUT_TRIGGERS).await;
        assert!(verify_trail(&office.service, &admin).await.unwrap().is_sound());
        forge(&office, forgery).await;
        let verified = verify_trail(&office.service, &admin).await.unwrap();
        assert_eq!(verified.broken_at, Some(broken_at), "{name}: {verified:?}");
    }
}

#[tokio::test]
async fn a_tail_cut_with_the_head_shows_against_a_checkpoint() {
    let office = Office::on_memory().await;
    let admin = office.set_up().await;
    let checkpoints = take_checkpoints(&office.service).await.unwrap();
    forge(&office, &WITHOUT_TRIGGERS).await;
    forge(
        &office,
        &[
            "DELETE FROM audit_events WHERE seq = 3",
            "UPDATE audit_heads SET seq = 2, hash = (SELECT hash FROM audit_events e WHERE e.tenant_id = audit_heads.tenant_id AND seq = 2) \
             WHERE seq = 3",
        ],
    )
    .await;
    let chain = Chain::Tenant(admin.caller.tenant());
    let alone = verify_all_trails(&office.service, &[]).await.unwrap();
    assert!(of(&alone, chain).is_sound(), "the chain alone cannot know");
    let compared = verify_all_trails(&office.service, &checkpoints).await.unwrap();
    let fault = of(&compared, chain).checkpoint_fault.as_deref().unwrap();
    assert!(fault.starts_with("3 events were there"), "{fault}");
}

#[tokio::test]
async fn a_rewritten_history_and_a_vanished_tenant_show_against_a_checkpoint() {
    let office = Office::on_memory().await;
    let admin = office.set_up().await;
    let chain = Chain::Tenant(admin.caller.tenant());
    let checkpoints = take_checkpoints(&office.service).await.unwrap();
    let history = office.trail(chain).await;
    forge(&office, &WITHOUT_TRIGGERS).await;
    forge(&office, &["DELETE FROM audit_events", "DELETE FROM audit_heads"]).await;
    let gone = verify_all_trails(&office.service, &checkpoints).await.unwrap();
    assert!(of(&gone, chain).checkpoint_fault.is_some());
    // The same events again, with one of them told differently and all hashes made anew.
    let mut tx = office.store.begin(&walls(admin.caller.tenant())).await.unwrap();
    for mut event in history {
        event.event.request_id = "another".to_owned();
        tx.append_event(event.event).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert!(verify_trail(&office.service, &admin).await.unwrap().is_sound(), "the chain alone cannot know");
    let compared = verify_all_trails(&office.service, &checkpoints).await.unwrap();
    let fault = of(&compared, chain).checkpoint_fault.as_deref().unwrap();
    assert!(fault.starts_with("event 3 is another"), "{fault}");
}

#[tokio::test]
async fn a_checkpoint_that_this_instance_did_not_sign_is_told() {
    on_each(|office| async move {
        office.set_up().await;
        let checkpoints = take_checkpoints(&office.service).await.unwrap();
        let mut changed = checkpoints.clone();
        changed[0].seq -= 1;
        let mut moved = checkpoints.clone();
        moved[0].chain = moved[1].chain.clone();
        let stranger = office.again(settings(), Secrets::generate().unwrap());
        let foreign = take_checkpoints(&stranger).await.unwrap();
        for forged in [changed, moved, foreign] {
            let verified = verify_all_trails(&office.service, &forged).await.unwrap();
            assert!(of(&verified, Chain::Instance).checkpoint_fault.is_some());
        }
        let verified = verify_all_trails(&office.service, &checkpoints).await.unwrap();
        assert!(verified.iter().all(Verified::is_sound), "{verified:?}");
    })
    .await;
}
