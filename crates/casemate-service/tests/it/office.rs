//! A tracker with doors: people and programs come in through sign-in and tokens, as they do outside.

use std::cell::RefCell;
use std::future::Future;
use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex, Once};

use casemate_model::Timestamp;
use casemate_model::access::{Access, Caller, ClientCaller, Scope};
use casemate_model::audit::{Chain, Event};
use casemate_model::client::{Client, TokenScopes};
use casemate_model::id::TenantId;
use casemate_model::member::Role;
use casemate_model::text::Email;
use casemate_service::clients::create_client::{CreateClient, create_client};
use casemate_service::members::accept_invitation::{AcceptInvitation, accept_invitation};
use casemate_service::members::invite_member::{InviteMember, invite_member};
use casemate_service::outside::clock::Clock;
use casemate_service::sessions::resume::{Resumed, resume};
use casemate_service::sessions::sign_in::{SignIn, SignInError, SignedIn, sign_in};
use casemate_service::setup::begin_setup::begin_setup;
use casemate_service::setup::finish_setup::{FinishSetup, finish_setup};
use casemate_service::tokens::issue_token::{IssueToken, issue_token};
use casemate_service::tokens::verify_token::{VerifyTokenError, verify_token};
use casemate_service::{Asking, Origin, PasswordCost, SecretText, Secrets, Service, ServiceSettings};
use casemate_store::{Place, Store};

pub(crate) const BASE_URL: &str = "https://casemate.example";
pub(crate) const PASSWORD: &str = "violets under glass";
pub(crate) const ADMIN: &str = "ada@example.org";

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub(crate) struct StoppedClock(Mutex<Timestamp>);

impl StoppedClock {
    pub(crate) fn advance_secs(&self, secs: i64) {
        *self.0.lock().unwrap() += time::Duration::seconds(secs);
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

pub(crate) struct Office {
    pub(crate) service: Service,
    pub(crate) store: Store,
    pub(crate) clock: Arc<StoppedClock>,
    pub(crate) secrets: Secrets,
}

impl Office {
    pub(crate) async fn at(place: &Place) -> Self {
        let store = Store::open(place).await.unwrap();
        let clock = Arc::new(StoppedClock(Mutex::new(Timestamp::from_unix_timestamp(1_790_000_000).unwrap())));
        let secrets = Secrets::generate().unwrap();
        let service = Service::open(store.clone(), settings(), secrets.clone(), clock.clone()).unwrap();
        Self { service, store, clock, secrets }
    }

    pub(crate) async fn on_memory() -> Self {
        Self::at(&Place::Memory).await
    }

    /// The same office run by another process: same store, clock and, unless others are given, keys and settings.
    pub(crate) fn again(&self, settings: ServiceSettings, secrets: Secrets) -> Service {
        Service::open(self.store.clone(), settings, secrets, self.clock.clone()).unwrap()
    }

    /// Ada sets the instance up.
    pub(crate) async fn set_up(&self) -> Asking {
        let token = begin_setup(&self.service).await.unwrap().unwrap();
        let signed_in = finish_setup(&self.service, setup(token), &origin()).await.unwrap();
        self.asking(&signed_in.token).await
    }

    /// Somebody is invited, accepts and is signed in.
    pub(crate) async fn join(&self, admin: &Asking, email: &str, role: Role) -> SignedIn {
        let email = Email::parse(email).unwrap();
        let invitation = invite_member(&self.service, admin, InviteMember { email, role }).await.unwrap();
        accept_invitation(&self.service, acceptance(invitation.token), &origin()).await.unwrap()
    }

    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Result<SignedIn, SignInError> {
        self.sign_in_from("192.0.2.1", email, password).await
    }

    pub(crate) async fn sign_in_from(&self, ip: &str, email: &str, password: &str) -> Result<SignedIn, SignInError> {
        let request = SignIn { email: email.to_owned(), password: SecretText::from(password) };
        sign_in(&self.service, request, &Origin { ip: ip.parse().unwrap(), ..origin() }).await
    }

    pub(crate) async fn resume(&self, token: &SecretText) -> Option<Resumed> {
        resume(&self.service, token).await.unwrap()
    }

    pub(crate) async fn asking(&self, token: &SecretText) -> Asking {
        let resumed = self.resume(token).await.expect("a session");
        Asking { caller: Caller::Member(resumed.caller), origin: origin() }
    }

    pub(crate) async fn client(&self, admin: &Asking, scopes: &str) -> (Client, SecretText) {
        let scopes = TokenScopes::parse(scopes).unwrap();
        let request = CreateClient { name: "ci".parse().unwrap(), scopes };
        let created = create_client(&self.service, admin, request).await.unwrap();
        (created.client, created.secret)
    }

    pub(crate) async fn token(&self, client: &Client, secret: &SecretText) -> SecretText {
        issue_token(&self.service, token_request(client, secret, None), &origin()).await.unwrap().token
    }

    pub(crate) async fn verify(&self, token: &SecretText) -> Result<ClientCaller, VerifyTokenError> {
        verify_token(&self.service, token, &origin()).await
    }

    pub(crate) async fn trail(&self, chain: Chain) -> Vec<Event> {
        let mut tx = match chain {
            Chain::Instance => self.store.begin_reading_instance().await.unwrap(),
            Chain::Tenant(tenant) => self.store.begin_reading(&walls(tenant)).await.unwrap(),
        };
        tx.events_in_order(0, 100_000).await.unwrap().into_iter().flatten().collect()
    }

    pub(crate) async fn actions(&self, chain: Chain) -> Vec<String> {
        self.trail(chain).await.into_iter().map(|event| event.event.action).collect()
    }
}

pub(crate) fn settings() -> ServiceSettings {
    let mut settings = ServiceSettings::new(BASE_URL);
    // Nothing here is worth protecting, and many hashes are made.
    settings.password_cost = PasswordCost { memory_kib: 64, passes: 1 };
    settings
}

pub(crate) fn setup(token: SecretText) -> FinishSetup {
    FinishSetup {
        token,
        tenant: "Acme".parse().unwrap(),
        email: ADMIN.parse().unwrap(),
        name: "Ada".parse().unwrap(),
        password: PASSWORD.into(),
    }
}

pub(crate) fn acceptance(token: SecretText) -> AcceptInvitation {
    AcceptInvitation { token, name: Some("Grace".parse().unwrap()), password: PASSWORD.into() }
}

pub(crate) fn token_request(client: &Client, secret: &SecretText, scope: Option<&str>) -> IssueToken {
    IssueToken { client_id: client.id.to_string(), client_secret: secret.clone(), scope: scope.map(str::to_owned) }
}

pub(crate) fn origin() -> Origin {
    Origin { request_id: "request-1".to_owned(), ip: "192.0.2.1".parse().unwrap(), agent: "tests".to_owned() }
}

/// Casemate's own right to read in a tenant.
pub(crate) fn walls(tenant: TenantId) -> Scope {
    static ACCESS: LazyLock<Access> = LazyLock::new(|| Access::new().unwrap());
    ACCESS.scope(&Caller::System(tenant)).unwrap()
}

/// Runs a test on SQLite, and on PostgreSQL where it is installed.
pub(crate) async fn on_each<F: Future<Output = ()>>(test: impl Fn(Office) -> F) {
    test(Office::on_memory().await).await;
    if let Some(database) = casemate_testing::postgres::fresh_database() {
        test(Office::at(&Place::Postgres(database.url)).await).await;
    }
}

thread_local! {
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What goes to the log of this thread from here on. One listener serves all threads: scoped ones come and go, and `tracing`
/// then loses lines of others.
pub(crate) struct Log;

impl Log {
    pub(crate) fn listen() -> Self {
        static LISTENER: Once = Once::new();
        LISTENER.call_once(|| {
            let listener = tracing_subscriber::fmt().json().with_max_level(tracing::Level::TRACE).with_writer(|| Self);
            tracing::subscriber::set_global_default(listener.finish()).unwrap();
        });
        LINES.take();
        Self
    }

    pub(crate) fn text(&self) -> String {
        LINES.with_borrow(|lines| String::from_utf8(lines.clone()).unwrap())
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
