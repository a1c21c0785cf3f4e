//! A tracker to test with, on each engine, and people who ask it for things.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, LazyLock, Mutex};

use casemate_model::Timestamp;
use casemate_model::access::{Access, Caller, ClientCaller, MemberCaller, Scope};
use casemate_model::audit::Event;
use casemate_model::case::{Case, CaseAction, CaseRef, CaseSeverity, Resolution};
use casemate_model::client::TokenScopes;
use casemate_model::id::{ClientId, TenantId, UserId};
use casemate_model::member::{Role, User};
use casemate_model::page::PageSize;
use casemate_model::scan::Scan;
use casemate_model::tenant::Tenant;
use casemate_model::text::{Email, PersonName, ProjectName, Reason, TenantName};
use casemate_service::cases::apply_action::{self, ApplyAction, ApplyActionError};
use casemate_service::cases::assign_case::assign_case;
use casemate_service::cases::create_case::{CreateCase, create_case};
use casemate_service::findings::submit_scan::{SubmitScan, submit_scan};
use casemate_service::outside::clock::Clock;
use casemate_service::{Asking, Origin, PasswordCost, Secrets, Service, ServiceSettings};
use casemate_store::{Place, Store};

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub(crate) struct StoppedClock(Mutex<Timestamp>);

impl StoppedClock {
    pub(crate) fn advance(&self, by: time::Duration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// A tracker with nobody in it.
pub(crate) struct House {
    pub(crate) service: Service,
    pub(crate) store: Store,
    pub(crate) clock: Arc<StoppedClock>,
}

impl House {
    pub(crate) async fn at(place: &Place) -> Self {
        let store = Store::open(place).await.unwrap();
        let clock = Arc::new(StoppedClock(Mutex::new(Timestamp::from_unix_timestamp(1_790_000_000).unwrap())));
        let mut settings = ServiceSettings::new("http://127.0.0.1:8080");
        // Nothing here is worth protecting, and thousands of hashes are made.
        settings.password_cost = PasswordCost { memory_kib: 64, passes: 1 };
        let service = Service::open(store.clone(), settings, Secrets::generate().unwrap(), clock.clone()).unwrap();
        Self { service, store, clock }
    }

    pub(crate) async fn on_memory() -> Self {
        Self::at(&Place::Memory).await
    }

    /// A tenant of its own name, four-eyes on.
    pub(crate) async fn tenant(&self, name: &str) -> TenantId {
        let tenant = Tenant {
            id: TenantId::fresh(),
            name: TenantName::parse(name).unwrap(),
            four_eyes: true,
            created_at: self.clock.now(),
        };
        let walls = walls(tenant.id);
        let mut tx = self.store.begin(&walls).await.unwrap();
        tx.insert_tenant(&walls, &tenant).await.unwrap();
        tx.commit().await.unwrap();
        tenant.id
    }

    /// Somebody with this role, who has just proved who they are.
    pub(crate) async fn member(&self, tenant: TenantId, role: Role) -> Asking {
        let user = User {
            id: UserId::fresh(),
            email: Email::parse(&format!("{}@example.org", UserId::fresh())).unwrap(),
            name: PersonName::parse(role.label()).unwrap(),
        };
        let now = self.clock.now();
        let mut tx = self.store.begin_instance().await.unwrap();
        tx.insert_user(&user, now).await.unwrap();
        tx.commit().await.unwrap();
        let walls = walls(tenant);
        let mut tx = self.store.begin(&walls).await.unwrap();
        tx.insert_member(&walls, user.id, role, now).await.unwrap();
        tx.commit().await.unwrap();
        asking(Caller::Member(MemberCaller { user: user.id, tenant, role, is_fresh: true }))
    }

    pub(crate) async fn set_four_eyes(&self, admin: &Asking, four_eyes: bool) {
        let facts = casemate_model::access::TenantFacts { id: admin.caller.tenant() };
        let permit = ACCESS.permit(&admin.caller, casemate_model::access::ChangeSettings, facts).unwrap();
        let mut tx = self.store.begin(&permit).await.unwrap();
        tx.set_four_eyes(&permit, four_eyes).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// All events of the tenant, the oldest first.
    pub(crate) async fn trail(&self, tenant: TenantId) -> Vec<Event> {
        let mut tx = self.store.begin(&walls(tenant)).await.unwrap();
        tx.events_in_order(0, 100_000).await.unwrap().into_iter().map(|event| event.expect("an event")).collect()
    }

    /// What happened, as words.
    pub(crate) async fn actions(&self, tenant: TenantId) -> Vec<String> {
        self.trail(tenant).await.into_iter().map(|event| event.event.action).collect()
    }

    pub(crate) async fn opens(&self, by: &Asking, title: &str) -> Case {
        let request = CreateCase {
            title: title.parse().unwrap(),
            description: None,
            severity: CaseSeverity::Medium,
            project: None,
            tags: Vec::new(),
            due_on: None,
        };
        create_case(&self.service, by, request).await.unwrap()
    }

    pub(crate) async fn assigns(&self, by: &Asking, case: CaseRef, to: &Asking) -> Case {
        assign_case(&self.service, by, case, None, to.caller.user()).await.unwrap()
    }

    pub(crate) async fn applies(
        &self,
        by: &Asking,
        case: CaseRef,
        action: CaseAction,
        resolution: Option<Resolution>,
    ) -> Result<Case, ApplyActionError> {
        let request = ApplyAction { action, reason: reason("because"), resolution, version: None };
        apply_action::apply_action(&self.service, by, case, request).await
    }

    pub(crate) async fn submits(&self, by: &Asking, report: &str) -> Vec<Scan> {
        submit_scan(&self.service, by, submission(report)).await.unwrap()
    }

    pub(crate) async fn scans(&self, by: &Asking) -> Vec<Scan> {
        casemate_service::findings::submit_scan::list_scans(&self.service, by, PageSize::default()).await.unwrap()
    }
}

pub(crate) fn submission(report: &str) -> SubmitScan {
    SubmitScan {
        project: ProjectName::parse("shop").unwrap(),
        branch: None,
        commit: None,
        report: report.as_bytes().to_vec(),
    }
}

pub(crate) fn reason(text: &str) -> Reason {
    Reason::parse(text).unwrap()
}

/// A program with a token for these scopes.
pub(crate) fn client(tenant: TenantId, scopes: &str) -> Asking {
    let scopes = TokenScopes::parse(scopes).unwrap();
    asking(Caller::Client(ClientCaller { client: ClientId::fresh(), tenant, scopes }))
}

pub(crate) fn asking(caller: Caller) -> Asking {
    let origin =
        Origin { request_id: "request-1".to_owned(), ip: IpAddr::V4(Ipv4Addr::LOCALHOST), agent: "tests".to_owned() };
    Asking { caller, origin }
}

/// Casemate's own right to read in a tenant.
pub(crate) fn walls(tenant: TenantId) -> Scope {
    ACCESS.scope(&Caller::System(tenant)).unwrap()
}

/// Reading the policies takes a while.
static ACCESS: LazyLock<Access> = LazyLock::new(|| Access::new().unwrap());

/// Runs a test on SQLite, and on PostgreSQL where it is installed.
pub(crate) async fn on_each<F: Future<Output = ()>>(test: impl Fn(House) -> F) {
    test(House::on_memory().await).await;
    if let Some(database) = casemate_testing::postgres::fresh_database() {
        test(House::at(&Place::Postgres(database.url)).await).await;
    }
}
