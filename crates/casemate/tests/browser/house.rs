//! A server of one's own on 127.0.0.1, with people in it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use casemate_model::Timestamp;
use casemate_model::access::{Caller, MemberCaller};
use casemate_model::member::Role;
use casemate_model::text::{Email, PersonName, TenantName};
use casemate_service::members::accept_invitation::{AcceptInvitation, accept_invitation};
use casemate_service::members::invite_member::{InviteMember, invite_member};
use casemate_service::outside::clock::{Clock, SystemClock};
use casemate_service::sessions::sign_in::SignedIn;
use casemate_service::setup::begin_setup::begin_setup;
use casemate_service::setup::finish_setup::{FinishSetup, finish_setup};
use casemate_service::{Asking, Origin, SecretText, Secrets, Service, ServiceSettings};
use casemate_store::{Place, Store};
use casemate_web::{AppState, WebSettings};
use secrecy::ExposeSecret as _;

use crate::browser::Browser;

/// Everybody's password here.
pub(crate) const PASSWORD: &str = "plum harbour seven lanterns";

/// A running server.
pub(crate) struct House {
    /// Where it is.
    pub(crate) base: String,
    service: Service,
    clock: Arc<MovableClock>,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for House {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// The machine's clock, so many minutes ahead.
#[derive(Debug, Default)]
struct MovableClock(AtomicU64);

impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + Duration::from_secs(60 * self.0.load(Ordering::Relaxed))
    }
}

/// Somebody with an account.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) email: String,
    asking: Asking,
}

impl House {
    /// A server nobody has set up.
    pub(crate) async fn bare() -> Self {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("has an address"));
        let store = Store::open(&Place::Memory).await.expect("opens");
        let secrets = Secrets::generate().expect("randomness");
        let settings = ServiceSettings::new(&base);
        let clock = Arc::new(MovableClock::default());
        let service = Service::open(store, settings, secrets, clock.clone()).expect("policies fit");
        let state = AppState::new(service.clone(), WebSettings::new(&base).expect("is loopback"));
        let app = casemate_web::routes::router(state).into_make_service_with_connect_info::<SocketAddr>();
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.expect("serves") });
        Self { base, service, clock, serving }
    }

    /// A server with a tenant `Acme` and its administrator.
    pub(crate) async fn with_admin() -> (Self, Person) {
        let house = Self::bare().await;
        let token = begin_setup(&house.service).await.expect("works").expect("is not set up");
        let email = "ada@example.org";
        let request = FinishSetup {
            token,
            tenant: TenantName::parse("Acme").expect("is a name"),
            email: Email::parse(email).expect("is an address"),
            name: PersonName::parse("Ada Admin").expect("is a name"),
            password: SecretText::from(PASSWORD),
        };
        let signed_in = finish_setup(&house.service, request, &origin()).await.expect("sets up");
        let admin = person(email, Role::Admin, &signed_in);
        (house, admin)
    }

    /// Another member.
    pub(crate) async fn member(&self, admin: &Person, name: &'static str, role: Role) -> Person {
        let email = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
        let request = InviteMember { email: Email::parse(&email).expect("is an address"), role };
        let invitation = invite_member(&self.service, &admin.asking, request).await.expect("invites");
        let request = AcceptInvitation {
            token: invitation.token,
            name: Some(PersonName::parse(name).expect("is a name")),
            password: SecretText::from(PASSWORD),
        };
        let signed_in = accept_invitation(&self.service, request, &origin()).await.expect("joins");
        person(&email, role, &signed_in)
    }

    /// Lets time pass.
    pub(crate) fn later(&self, minutes: u64) {
        self.clock.0.fetch_add(minutes, Ordering::Relaxed);
    }

    /// The set-up link that the operator reads on the terminal.
    pub(crate) async fn setup_link(&self) -> String {
        let token = begin_setup(&self.service).await.expect("works").expect("is not set up");
        format!("{}/setup/{}", self.base, token.expose_secret())
    }

    /// The address of a page.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A browser in which somebody has signed in; `None` when there is no browser.
    pub(crate) async fn browser_of(&self, who: &Person) -> Option<Browser> {
        let browser = Browser::open().await?;
        self.sign_in(&browser, who).await;
        Some(browser)
    }

    /// Signs somebody in.
    pub(crate) async fn sign_in(&self, browser: &Browser, who: &Person) {
        browser.forget().await;
        browser.goto(&self.at("/sign-in")).await;
        browser.fill("#email", &who.email).await;
        browser.fill("#password", PASSWORD).await;
        browser.press("Sign in").await;
        browser.see("Not closed").await;
    }
}

fn person(email: &str, role: Role, signed_in: &SignedIn) -> Person {
    let caller = MemberCaller { user: signed_in.session.user, tenant: signed_in.session.tenant, role, is_fresh: true };
    Person { email: email.to_owned(), asking: Asking { caller: Caller::Member(caller), origin: origin() } }
}

fn origin() -> Origin {
    Origin { request_id: "test".to_owned(), ip: IpAddr::V4(Ipv4Addr::LOCALHOST), agent: "test".to_owned() }
}

/// The report of really auditing the vulnerable example, in a file.
pub(crate) fn report(dir: &tempfile::TempDir) -> PathBuf {
    let path = dir.path().join("report.sarif");
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/vulnerable");
    let status = Command::new(env!("CARGO_BIN_EXE_casemate"))
        .args(["audit", "--format", "sarif", "--output"])
        .arg(&path)
        .arg(example)
        .status()
        .expect("runs");
    // Findings are what it is about; only 2 and above mean that the audit failed.
    assert!(status.code().is_some_and(|code| code < 2), "{status}");
    path
}
