//! The walls between tenants, as the database itself holds them.

use std::collections::BTreeMap;

use casemate_model::access::Actor;
use casemate_model::audit::{Chain, NewEvent, OutcomeOfEvent};
use casemate_model::id::{TenantId, UserId};
use casemate_model::member::{Role, User};
use casemate_model::tenant::Tenant;
use casemate_store::{OpenStoreError, Place, Store};
use casemate_testing::postgres::fresh_database;
use serde_json::Map;
use sqlx::{Connection as _, PgConnection};

use crate::house::{House, at, walls};

/// Tables with a `tenant_id` that are found by a secret's hash before the tenant is known.
const FOUND_BEFORE_THE_TENANT: [&str; 2] = ["sessions", "links"];

async fn leave_a_trace(store: &Store, tenant: TenantId) {
    let mut tx = store.begin(&walls(tenant)).await.unwrap();
    let event = NewEvent {
        chain: Chain::Tenant(tenant),
        at: at(0),
        actor: Actor::System,
        action: "case_create".to_owned(),
        object: "case:CASE-1".to_owned(),
        outcome: OutcomeOfEvent::Success,
        details: Map::new(),
        request_id: String::new(),
    };
    tx.append_event(event).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn every_tenant_table_has_forced_row_level_security() {
    let Some(database) = fresh_database() else { return };
    Store::open(&Place::Postgres(database.url)).await.unwrap();
    let mut connection = PgConnection::connect(&database.superuser_url).await.unwrap();
    let tables: Vec<(String, bool, bool)> = sqlx::query_as(
        "SELECT c.relname::text, c.relrowsecurity, c.relforcerowsecurity FROM pg_class c \
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' \
         WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY 1",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let policies: Vec<(String, String, String, String)> = sqlx::query_as(
        "SELECT tablename::text, cmd, coalesce(qual, ''), coalesce(with_check, '') FROM pg_policies WHERE policyname = 'walls'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let policies: BTreeMap<_, _> =
        policies.into_iter().map(|(table, cmd, qual, check)| (table, (cmd, qual, check))).collect();
    let wall = "(tenant_id = casemate_tenant())".to_owned();
    let mut seen = 0;
    for (table, is_on, is_forced) in tables {
        if FOUND_BEFORE_THE_TENANT.contains(&table.as_str()) {
            continue;
        }
        seen += 1;
        assert!(is_on && is_forced, "{table}: row-level security is not enabled and forced");
        assert_eq!(policies.get(&table), Some(&("ALL".to_owned(), wall.clone(), wall.clone())), "{table}: no walls");
    }
    assert!(seen >= 4, "the test sees the tenant tables");
}

#[tokio::test]
async fn every_key_of_a_tenant_table_begins_with_the_tenant() {
    let Some(database) = fresh_database() else { return };
    Store::open(&Place::Postgres(database.url)).await.unwrap();
    let mut connection = PgConnection::connect(&database.superuser_url).await.unwrap();
    // Unique indexes of tenant tables, and foreign keys between tenant tables, with their first column.
    let keys: Vec<(String, String, String)> = sqlx::query_as(
        "WITH tenant_tables AS (
           SELECT c.oid, c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
           WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND c.relname NOT IN ('sessions', 'links'))
         SELECT t.relname::text, x.relname::text, a.attname::text FROM pg_index i
         JOIN tenant_tables t ON t.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indisunique
         UNION ALL
         SELECT t.relname::text, f.conname::text, a.attname::text FROM pg_constraint f
         JOIN tenant_tables t ON t.oid = f.conrelid JOIN tenant_tables o ON o.oid = f.confrelid
         JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1] WHERE f.contype = 'f'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert!(keys.len() >= 4, "the test sees the keys");
    for (table, key, first) in keys {
        assert_eq!(first, "tenant_id", "{table}: {key}");
    }
}

#[tokio::test]
async fn raw_sql_sees_no_row_of_another_tenant() {
    let Some(house) = House::on_postgres().await else { return };
    let (ours, theirs) = (TenantId::fresh(), TenantId::fresh());
    leave_a_trace(&house.store, ours).await;
    leave_a_trace(&house.store, theirs).await;

    let mut tx = house.store.begin(&walls(ours)).await.unwrap();
    let rows: Vec<uuid::Uuid> =
        sqlx::query_scalar("SELECT tenant_id FROM audit_events").fetch_all(tx.raw_postgres().unwrap()).await.unwrap();
    assert_eq!(rows, [ours.0]);
    let changed = sqlx::query("UPDATE audit_heads SET seq = 0 WHERE tenant_id <> $1")
        .bind(ours.0)
        .execute(tx.raw_postgres().unwrap())
        .await
        .unwrap();
    assert_eq!(changed.rows_affected(), 0);
    let error = sqlx::query("INSERT INTO audit_heads (tenant_id, seq, hash) VALUES ($1, 1, '')")
        .bind(TenantId::fresh().0)
        .execute(tx.raw_postgres().unwrap())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("row-level security"), "{error}");
    drop(tx);

    let mut tx = house.store.begin_instance().await.unwrap();
    let rows: i64 =
        sqlx::query_scalar("SELECT count(*) FROM audit_events").fetch_one(tx.raw_postgres().unwrap()).await.unwrap();
    assert_eq!(rows, 0, "the instance sees no tenant's rows");
}

#[tokio::test]
async fn before_the_tenant_is_known_only_ones_own_rows_are_seen_and_none_is_changed() {
    let Some(house) = House::on_postgres().await else { return };
    let (ours, theirs) = (TenantId::fresh(), TenantId::fresh());
    let user = |n: u8| User {
        id: UserId::fresh(),
        email: format!("user{n}@example.org").parse().unwrap(),
        name: "Ada".parse().unwrap(),
    };
    let (ada, eve) = (user(1), user(2));
    for (tenant, name) in [(ours, "Ours"), (theirs, "Theirs")] {
        let walls = walls(tenant);
        let mut tx = house.store.begin(&walls).await.unwrap();
        let name = name.parse().unwrap();
        tx.insert_tenant(&walls, &Tenant { id: tenant, name, four_eyes: true, created_at: at(0) }).await.unwrap();
        tx.commit().await.unwrap();
    }
    for (tenant, user) in [(ours, &ada), (theirs, &eve)] {
        let walls = walls(tenant);
        let mut tx = house.store.begin(&walls).await.unwrap();
        tx.insert_user(user, at(0)).await.unwrap();
        tx.insert_member(&walls, user.id, Role::Viewer, at(0)).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = house.store.begin_instance().await.unwrap();
    assert!(tx.memberships_of(ada.id).await.unwrap().is_empty(), "not before it is said whose");
    tx.see_memberships_of(ada.id).await.unwrap();
    assert_eq!(tx.memberships_of(ada.id).await.unwrap().len(), 1);
    assert!(tx.memberships_of(eve.id).await.unwrap().is_empty());
    let rows: Vec<uuid::Uuid> =
        sqlx::query_scalar("SELECT user_id FROM memberships").fetch_all(tx.raw_postgres().unwrap()).await.unwrap();
    assert_eq!(rows, [ada.id.0]);
    let promoted =
        sqlx::query("UPDATE memberships SET role = 'admin'").execute(tx.raw_postgres().unwrap()).await.unwrap();
    assert_eq!(promoted.rows_affected(), 0);
    tx.commit().await.unwrap();
    // The setting ends with its transaction, also where the connection is used again.
    for _ in 0..20 {
        let mut tx = house.store.begin_instance().await.unwrap();
        assert!(tx.memberships_of(ada.id).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn without_a_tenant_there_is_an_error() {
    let Some(database) = fresh_database() else { return };
    let store = Store::open(&Place::Postgres(database.url.clone())).await.unwrap();
    leave_a_trace(&store, TenantId::fresh()).await;
    let mut connection = PgConnection::connect(&database.url).await.unwrap();
    let error = sqlx::query("SELECT * FROM audit_events").fetch_all(&mut connection).await.unwrap_err();
    assert!(error.to_string().contains("casemate.tenant"), "{error}");
    // A setting that ended with its transaction leaves the empty text behind.
    sqlx::query("SELECT set_config('casemate.tenant', '', false)").execute(&mut connection).await.unwrap();
    let error = sqlx::query("SELECT * FROM audit_events").fetch_all(&mut connection).await.unwrap_err();
    assert!(error.to_string().contains("uuid"), "{error}");
}

#[tokio::test]
async fn a_role_that_sees_through_the_walls_is_refused() {
    let Some(database) = fresh_database() else { return };
    let error = Store::open(&Place::Postgres(database.superuser_url.clone())).await.unwrap_err();
    assert!(matches!(&error, OpenStoreError::UnsafeRole(role) if role == "postgres"), "{error}");
    assert!(!error.to_string().contains('\n'));

    let mut connection = PgConnection::connect(&database.superuser_url).await.unwrap();
    sqlx::query("CREATE ROLE ghost LOGIN NOSUPERUSER BYPASSRLS").execute(&mut connection).await.unwrap();
    let error = Store::open(&Place::Postgres(database.url.replace("casemate@", "ghost@"))).await.unwrap_err();
    assert!(matches!(error, OpenStoreError::UnsafeRole(_)), "{error}");
}

#[tokio::test]
async fn the_server_needs_no_right_to_change_tables() {
    let Some(database) = fresh_database() else { return };
    let server = Place::Postgres(database.server_url.clone());
    let error = Store::open(&server).await.unwrap_err();
    assert!(matches!(error, OpenStoreError::Outdated(_)), "{error}");

    Store::migrate(&Place::Postgres(database.url.clone()), Some("server")).await.unwrap();
    let store = Store::open(&server).await.unwrap();
    let tenant = TenantId::fresh();
    leave_a_trace(&store, tenant).await;

    for forbidden in ["UPDATE audit_events SET object = ''", "DROP TABLE audit_events", "CREATE TABLE x (y int)"] {
        let mut tx = store.begin(&walls(tenant)).await.unwrap();
        let error = sqlx::query(forbidden).execute(tx.raw_postgres().unwrap()).await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains("permission denied") || text.contains("must be owner"), "{forbidden}: {text}");
    }
}

#[tokio::test]
async fn opening_twice_changes_nothing() {
    let house = House::on_file().await;
    leave_a_trace(&house.store, TenantId::fresh()).await;
    Store::open(&house.place).await.unwrap().ping().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn the_database_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let house = House::on_file().await;
    leave_a_trace(&house.store, TenantId::fresh()).await;
    let Place::File(path) = &house.place else { unreachable!() };
    for file in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.path().display());
    }
}

#[tokio::test]
async fn a_reader_cannot_write() {
    for house in [Some(House::on_file().await), House::on_postgres().await].into_iter().flatten() {
        let tenant = TenantId::fresh();
        let mut tx = house.store.begin_reading(&walls(tenant)).await.unwrap();
        let sql = "UPDATE audit_heads SET seq = 0";
        let error = match tx.raw_sqlite() {
            Some(connection) => sqlx::query(sql).execute(connection).await.unwrap_err(),
            None => sqlx::query(sql).execute(tx.raw_postgres().unwrap()).await.unwrap_err(),
        };
        let text = error.to_string();
        assert!(text.contains("readonly") || text.contains("read-only"), "{text}");
    }
}
