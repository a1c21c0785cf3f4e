//! A tracker over a store in memory, with somebody of every role in it, and a stranger next door.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::ConnectInfo;
use casemate_model::Timestamp;
use casemate_model::access::Caller;
use casemate_model::case::{CaseRef, CaseSeverity};
use casemate_model::client::{TokenScope, TokenScopes};
use casemate_model::id::{ClientId, FindingId, SessionId, UserId};
use casemate_model::member::Role;
use casemate_model::text::{CaseTitle, ClientName, Email, PersonName, ProjectName, TenantName};
use casemate_service::cases::assign_case::assign_case;
use casemate_service::cases::create_case::{CreateCase, create_case};
use casemate_service::clients::create_client::{CreateClient, create_client};
use casemate_service::findings::list_findings::{ListFindings, list_findings};
use casemate_service::findings::submit_scan::{SubmitScan, submit_scan};
use casemate_service::members::accept_invitation::{AcceptInvitation, accept_invitation};
use casemate_service::members::invite_member::{InviteMember, invite_member};
use casemate_service::outside::clock::Clock;
use casemate_service::service::PasswordCost;
use casemate_service::sessions::resume::resume;
use casemate_service::sessions::sign_in::{SignIn, SignedIn, sign_in};
use casemate_service::setup::begin_setup::begin_setup;
use casemate_service::setup::finish_setup::{FinishSetup, finish_setup};
use casemate_service::tenants::create_tenant::create_tenant;
use casemate_service::tokens::issue_token::{IssueToken, issue_token};
use casemate_service::{Asking, Origin, SecretText, Secrets, Service, ServiceSettings};
use casemate_store::{Place, Store};
use casemate_web::{AppState, Limit, WebSettings};
use http::{HeaderMap, Method, Request, StatusCode};
use secrecy::ExposeSecret as _;
use tokio::sync::OnceCell;
use tower::ServiceExt as _;

/// Where everybody finds it.
pub(crate) const BASE: &str = "http://127.0.0.1:8080";

/// What the members of the house are called, the least first.
pub(crate) const MEMBERS: [(&str, Role); 5] = [
    ("vera", Role::Viewer),
    ("edith", Role::Editor),
    ("rhea", Role::Reviewer),
    ("sonia", Role::SeniorReviewer),
    ("ada", Role::Admin),
];

/// Title of the cases of the house. No stranger ever reads it.
pub(crate) const OWN_TITLE: &str = "Nobody outside knows of this hole";

/// A clock that stands until it is moved.
#[derive(Debug)]
pub(crate) struct TestClock(Mutex<Timestamp>);

impl TestClock {
    pub(crate) fn forward(&self, secs: i64) {
        *self.0.lock().unwrap() += std::time::Duration::from_secs(secs.unsigned_abs());
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// The tracker and whoever lives in it.
pub(crate) struct House {
    pub(crate) service: Service,
    pub(crate) clock: Arc<TestClock>,
    app: axum::Router,
    people: HashMap<&'static str, Person>,
    ada: OnceCell<Browser>,
    edith: OnceCell<Browser>,
}

struct Person {
    id: UserId,
    password: String,
}

/// A signed-in browser.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) token: String,
    pub(crate) csrf: String,
    pub(crate) session: SessionId,
    pub(crate) asking: Asking,
}

/// An API client.
#[derive(Clone)]
pub(crate) struct Program {
    pub(crate) id: ClientId,
    pub(crate) secret: String,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Checks the status and the code of problem details.
    pub(crate) fn is_problem(&self, status: u16, error: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["error"], error, "{problem}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], format!("{BASE}/problems/{error}"));
        assert_eq!(problem["request_id"], self.header("x-request-id"));
    }
}

pub(crate) fn origin() -> Origin {
    Origin { request_id: "test".to_owned(), ip: [192, 0, 2, 1].into(), agent: "tests".to_owned() }
}

/// Passwords at the least cost Argon2 has: what they cost in earnest is tested elsewhere.
fn settings_of(base: &str) -> ServiceSettings {
    ServiceSettings { password_cost: PasswordCost { memory_kib: 64, passes: 1 }, ..ServiceSettings::new(base) }
}

fn secret(text: &str) -> SecretText {
    SecretText::from(text.to_owned())
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// With other settings of the web part.
    pub(crate) async fn with(change: impl FnOnce(&mut WebSettings)) -> Self {
        let store = Store::open(&Place::Memory).await.unwrap();
        Self::over(store, Secrets::generate().unwrap(), BASE, change).await
    }

    /// Two instances over one store with one set of keys, which people reach at different addresses.
    pub(crate) async fn two_with_the_same_keys() -> (Self, Self) {
        let store = Store::open(&Place::Memory).await.unwrap();
        let secrets = Secrets::generate().unwrap();
        let one = Self::over(store.clone(), secrets.clone(), BASE, |_| {}).await;
        let base = "http://127.0.0.1:9090";
        let service = Service::open(store, settings_of(base), secrets, one.clock.clone()).unwrap();
        let app = casemate_web::routes::router(AppState::new(service.clone(), WebSettings::new(base).unwrap()));
        let (clock, people) = (one.clock.clone(), HashMap::new());
        (one, Self { service, clock, app, people, ada: OnceCell::new(), edith: OnceCell::new() })
    }

    async fn over(store: Store, secrets: Secrets, base: &str, change: impl FnOnce(&mut WebSettings)) -> Self {
        crate::canary::Log::listen();
        let clock = Arc::new(TestClock(Mutex::new(
            Timestamp::from_unix_timestamp(Timestamp::now_utc().unix_timestamp()).unwrap(),
        )));
        let service = Service::open(store, settings_of(base), secrets, clock.clone()).unwrap();
        let mut settings = WebSettings::new(base).unwrap();
        let plenty = Limit::new(1_000_000, 60).unwrap();
        settings.per_address = plenty;
        settings.per_address_signing_in = plenty;
        settings.per_caller = plenty;
        settings.per_tenant_heavy = plenty;
        change(&mut settings);
        let app = casemate_web::routes::router(AppState::new(service.clone(), settings));
        let mut house =
            Self { service, clock, app, people: HashMap::new(), ada: OnceCell::new(), edith: OnceCell::new() };
        house.move_in().await;
        house
    }

    async fn move_in(&mut self) {
        let token = begin_setup(&self.service).await.unwrap().unwrap();
        let password = "ada likes long walks in winter".to_owned();
        let request = FinishSetup {
            token,
            tenant: TenantName::parse("Acme").unwrap(),
            email: Email::parse("ada@example.org").unwrap(),
            name: PersonName::parse("Ada Archer").unwrap(),
            password: secret(&password),
        };
        let signed_in = finish_setup(&self.service, request, &origin()).await.unwrap();
        self.people.insert("ada", Person { id: signed_in.session.user, password });
        for (name, role) in MEMBERS.into_iter().filter(|(name, _)| *name != "ada") {
            self.joins(name, role).await;
        }
        let (_, token) =
            create_tenant(&self.service, TenantName::parse("Other").unwrap(), Email::parse("eve@example.net").unwrap())
                .await
                .unwrap();
        self.accepts("eve", token).await;
    }

    /// Somebody new becomes a member.
    pub(crate) async fn joins(&mut self, name: &'static str, role: Role) -> UserId {
        let email = Email::parse(&format!("{name}@example.org")).unwrap();
        let ada = self.browser("ada").await;
        let invitation = invite_member(&self.service, &ada.asking, InviteMember { email, role }).await.unwrap();
        self.accepts(name, invitation.token).await
    }

    /// Somebody who was removed is invited again.
    pub(crate) async fn joins_again(&self, name: &str) {
        let email = Email::parse(&Self::email(name)).unwrap();
        let ada = self.browser("ada").await;
        let role = Role::Viewer;
        let invitation = invite_member(&self.service, &ada.asking, InviteMember { email, role }).await.unwrap();
        let request =
            AcceptInvitation { token: invitation.token, name: None, password: secret(&self.people[name].password) };
        accept_invitation(&self.service, request, &origin()).await.unwrap();
    }

    async fn accepts(&mut self, name: &'static str, token: SecretText) -> UserId {
        let password = format!("{name} prefers a warm kitchen");
        let request = AcceptInvitation {
            token,
            name: Some(PersonName::parse(&format!("{name} Person")).unwrap()),
            password: secret(&password),
        };
        let signed_in = accept_invitation(&self.service, request, &origin()).await.unwrap();
        self.people.insert(name, Person { id: signed_in.session.user, password });
        signed_in.session.user
    }

    pub(crate) fn user(&self, name: &str) -> UserId {
        self.people[name].id
    }

    pub(crate) fn password(&self, name: &str) -> &str {
        &self.people[name].password
    }

    pub(crate) fn email(name: &str) -> String {
        format!("{name}@example.{}", if name == "eve" { "net" } else { "org" })
    }

    /// Signs somebody in, in a browser of their own.
    pub(crate) async fn browser(&self, name: &str) -> Browser {
        let request = SignIn { email: Self::email(name), password: secret(&self.people[name].password) };
        let SignedIn { token, session } = sign_in(&self.service, request, &origin()).await.unwrap();
        let resumed = resume(&self.service, &token).await.unwrap().unwrap();
        Browser {
            token: token.expose_secret().to_owned(),
            csrf: resumed.csrf,
            session: session.id,
            asking: Asking { caller: Caller::Member(resumed.caller), origin: origin() },
        }
    }

    /// A client of the house.
    pub(crate) async fn program(&self, scopes: &[TokenScope]) -> Program {
        let ada = self.ada.get_or_init(|| self.browser("ada")).await;
        let request = CreateClient {
            name: ClientName::parse("pipeline").unwrap(),
            scopes: TokenScopes::new(scopes.iter().copied()),
        };
        let created = create_client(&self.service, &ada.asking, request).await.unwrap();
        Program { id: created.client.id, secret: created.secret.expose_secret().to_owned() }
    }

    /// An access token for it.
    pub(crate) async fn token(&self, program: &Program) -> String {
        let request =
            IssueToken { client_id: program.id.to_string(), client_secret: secret(&program.secret), scope: None };
        let token = issue_token(&self.service, request, &origin()).await.unwrap();
        token.token.expose_secret().to_owned()
    }

    /// A case that was opened by the editor and is worked on by this member, if they may work on cases.
    pub(crate) async fn case(&self, for_whom: &str) -> CaseRef {
        let edith = self.edith.get_or_init(|| self.browser("edith")).await;
        let request = CreateCase {
            title: CaseTitle::parse(OWN_TITLE).unwrap(),
            description: None,
            severity: CaseSeverity::High,
            project: None,
            tags: Vec::new(),
            due_on: None,
        };
        let case = create_case(&self.service, &edith.asking, request).await.unwrap();
        if matches!(for_whom, "rhea" | "sonia" | "ada") {
            let ada = self.ada.get_or_init(|| self.browser("ada")).await;
            assign_case(&self.service, &ada.asking, case.reference, None, Some(self.user(for_whom))).await.unwrap();
        }
        case.reference
    }

    /// Hands in a report with one finding, and says which it is.
    pub(crate) async fn finding(&self) -> FindingId {
        let ada = self.browser("ada").await;
        let request = SubmitScan {
            project: ProjectName::parse("shop").unwrap(),
            branch: None,
            commit: None,
            report: SARIF.as_bytes().to_vec(),
        };
        submit_scan(&self.service, &ada.asking, request).await.unwrap();
        let page = list_findings(&self.service, &ada.asking, ListFindings::default()).await.unwrap();
        page.items.first().unwrap().id
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, mut request: Request<Body>) -> Answer {
        let peer = ConnectInfo(SocketAddr::from(([192, 0, 2, 7], 50_000)));
        if request.extensions().get::<ConnectInfo<SocketAddr>>().is_none() {
            request.extensions_mut().insert(peer);
        }
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Begins a request to this house.
    pub(crate) fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        let builder = Request::builder().method(method).uri(path).header("host", "127.0.0.1:8080");
        Ask { house: self, builder, body: Body::empty() }
    }

    pub(crate) fn get(&self, path: &str) -> Ask<'_> {
        self.ask(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Ask<'_> {
        self.ask(Method::POST, path)
    }
}

/// What a handler that panics answers, behind the layers that every request passes.
pub(crate) async fn crash() -> Answer {
    let store = Store::open(&Place::Memory).await.unwrap();
    let service = Service::open(
        store,
        settings_of(BASE),
        Secrets::generate().unwrap(),
        Arc::new(TestClock(Mutex::new(Timestamp::UNIX_EPOCH))),
    );
    let state = AppState::new(service.unwrap(), WebSettings::new(BASE).unwrap());
    let kaboom = axum::Router::new().route("/api/kaboom", axum::routing::get(|| async { panic_with("kaboom") }));
    let app = casemate_web::routes::behind_the_layers(kaboom, state);
    let request = Request::builder().uri("/api/kaboom").header("host", "127.0.0.1:8080").body(Body::empty()).unwrap();
    let (parts, body) = app.oneshot(request).await.unwrap().into_parts();
    Answer { status: parts.status, headers: parts.headers, body: to_bytes(body, usize::MAX).await.unwrap() }
}

fn panic_with(message: &str) -> &'static str {
    panic!("{message}")
}

/// A request in the making.
pub(crate) struct Ask<'a> {
    house: &'a House,
    builder: http::request::Builder,
    body: Body,
}

impl Ask<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    /// As a signed-in browser that only looks.
    pub(crate) fn cookie(self, browser: &Browser) -> Self {
        self.header("cookie", &format!("__Host-casemate={}", browser.token))
    }

    /// As a page of ours sends it.
    pub(crate) fn same_origin(self) -> Self {
        self.header("origin", BASE).header("sec-fetch-site", "same-origin")
    }

    /// As a signed-in browser that changes something through the API.
    pub(crate) fn script(self, browser: &Browser) -> Self {
        self.cookie(browser).same_origin().header("x-csrf-token", &browser.csrf)
    }

    /// As a program.
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn json(self, body: &serde_json::Value) -> Self {
        self.raw("application/json", body.to_string())
    }

    pub(crate) fn form(self, pairs: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.raw("application/x-www-form-urlencoded", body)
    }

    pub(crate) fn raw(mut self, kind: &str, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self.header("content-type", kind)
    }

    pub(crate) async fn send(self) -> Answer {
        self.house.send(self.builder.body(self.body).unwrap()).await
    }
}

/// A report with one finding.
pub(crate) const SARIF: &str = r#"{
  "version": "2.1.0",
  "runs": [{
    "tool": {"driver": {"name": "casemate", "version": "0.1.0",
      "rules": [{"id": "INJ001", "name": "sql-text-built", "shortDescription": {"text": "SQL built from text"}}]}},
    "results": [{
      "ruleId": "INJ001", "level": "error", "message": {"text": "SQL built from strings"},
      "locations": [{"physicalLocation": {
        "artifactLocation": {"uri": "app/search.py"},
        "region": {"startLine": 3, "snippet": {"text": "cursor.execute(q)"}}
      }}]
    }]
  }]
}"#;
