//! A store to test with, on each engine.

use std::future::Future;
use std::sync::LazyLock;

use casemate_model::Timestamp;
use casemate_model::access::{Access, Caller, Scope};
use casemate_model::id::TenantId;
use casemate_store::{Place, Store};

/// A store, and what made it.
pub(crate) struct House {
    pub(crate) store: Store,
    pub(crate) place: Place,
    _folder: Option<tempfile::TempDir>,
}

impl House {
    pub(crate) async fn on_file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::in_data_dir(folder.path());
        Self { store: Store::open(&place).await.unwrap(), place, _folder: Some(folder) }
    }

    pub(crate) async fn on_memory() -> Self {
        Self { store: Store::open(&Place::Memory).await.unwrap(), place: Place::Memory, _folder: None }
    }

    pub(crate) async fn on_postgres() -> Option<Self> {
        let place = Place::Postgres(casemate_testing::postgres::fresh_database()?.url);
        Some(Self { store: Store::open(&place).await.unwrap(), place, _folder: None })
    }
}

/// Runs a test on every engine there is.
pub(crate) async fn on_each<F: Future<Output = ()>>(test: impl Fn(House) -> F) {
    test(House::on_file().await).await;
    test(House::on_memory().await).await;
    if let Some(house) = House::on_postgres().await {
        test(house).await;
    }
}

/// Casemate's own right to read in a tenant.
pub(crate) fn walls(tenant: TenantId) -> Scope {
    static ACCESS: LazyLock<Access> = LazyLock::new(|| Access::new().unwrap());
    ACCESS.scope(&Caller::System(tenant)).unwrap()
}

/// A moment, in seconds.
pub(crate) fn at(secs: i64) -> Timestamp {
    Timestamp::from_unix_timestamp(1_790_000_000 + secs).unwrap()
}
