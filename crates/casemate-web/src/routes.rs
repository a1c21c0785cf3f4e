//! The one table of routes. The router is made from it, and the test that calls every route as everybody walks it.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::MethodRouter;
use casemate_model::client::TokenScope;
use casemate_model::member::Role;
use http::Method;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use utoipa_axum::router::UtoipaMethodRouter;

use crate::api::{
    audit, caller, cases, clients, findings, health, me, members, notes, oauth, openapi, problems, projects, scans,
    settings, transitions, well_known,
};
use crate::csrf::{self, UPLOAD_MOST_BYTES};
use crate::failure::{Code, Failure};
use crate::middleware::{cors, edge, host, limits, load};
use crate::session;
use crate::state::AppState;

/// Through which door a request comes, which says how the caller is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Nobody is asked who they are.
    Open,
    /// Pages before sign-in: a guest cookie against forged forms, and a tight limit.
    Guest,
    /// The token endpoint: client credentials, and the same tight limit.
    Token,
    /// Pages: the session cookie.
    Page,
    /// The API: an access token, or the session cookie.
    Api,
}

/// Which clients may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clients {
    /// None.
    None,
    /// All.
    All,
    /// Those whose token holds these scopes.
    With(&'static [TokenScope]),
}

/// Who may, as the policies have it. Held against them by the test that calls every route as everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody.
    Everybody,
    /// Members with at least this role, and these clients.
    Signed {
        /// The least role.
        least: Role,
        /// Which clients.
        clients: Clients,
    },
}

/// Members with at least this role, and no clients.
const fn members(least: Role) -> Audience {
    Audience::Signed { least, clients: Clients::None }
}

/// What a request may bring along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// Nothing to speak of.
    None,
    /// A form.
    Form,
    /// JSON.
    Json,
    /// A scan report.
    Report,
}

impl Body {
    /// Most bytes it may have.
    pub fn most_bytes(self) -> usize {
        match self {
            Self::None | Self::Form => 64 * 1024,
            Self::Json => 256 * 1024,
            // Boundaries and the other fields of an upload come on top of the file.
            Self::Report => UPLOAD_MOST_BYTES + 64 * 1024,
        }
    }
}

/// One row: what is asked for, who may, and what answers.
#[derive(Clone)]
pub struct Route {
    /// Method.
    pub method: Method,
    /// Path, with `{names}` for what varies.
    pub path: &'static str,
    /// Door.
    pub door: Door,
    /// Who may.
    pub audience: Audience,
    /// What it takes.
    pub body: Body,
    handler: MethodRouter<AppState>,
    docs: Option<UtoipaMethodRouter<AppState>>,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl Route {
    /// Whether something is named in the path that may belong to somebody else.
    pub fn names_something(&self) -> bool {
        self.path.contains('{')
    }

    /// What the OpenAPI document says about it, if it is listed there.
    pub(crate) fn take_docs(&mut self) -> Option<UtoipaMethodRouter<AppState>> {
        self.docs.take()
    }

    /// Whether the OpenAPI document lists it.
    pub fn is_documented(&self) -> bool {
        self.docs.is_some()
    }
}

macro_rules! route {
    ($method:ident $path:literal, $door:ident, $audience:expr, $body:ident, $handler:expr) => {
        Route {
            method: Method::$method,
            path: $path,
            door: Door::$door,
            audience: $audience,
            body: Body::$body,
            handler: axum::routing::on(route!(@filter $method), $handler),
            docs: None,
        }
    };
    (@filter GET) => { axum::routing::MethodFilter::GET };
    (@filter POST) => { axum::routing::MethodFilter::POST };
    (@filter PUT) => { axum::routing::MethodFilter::PUT };
    (@filter PATCH) => { axum::routing::MethodFilter::PATCH };
    (@filter DELETE) => { axum::routing::MethodFilter::DELETE };
}

/// A row whose handler describes itself for the OpenAPI document.
macro_rules! documented {
    ($method:ident $path:literal, $door:ident, $audience:expr, $body:ident, $($handler:tt)+) => {{
        let docs: UtoipaMethodRouter<AppState> = utoipa_axum::routes!($($handler)+);
        Route {
            method: Method::$method,
            path: $path,
            door: Door::$door,
            audience: $audience,
            body: Body::$body,
            handler: docs.2.clone(),
            docs: Some(docs),
        }
    }};
}

/// Every route there is.
pub fn table() -> Vec<Route> {
    [pages(), programs(), open()].concat()
}

/// What people see. Handlers live in `pages/<noun>/`.
fn pages() -> Vec<Route> {
    use Audience::Everybody;
    use Role::{Admin, Editor, Reviewer, SeniorReviewer, Viewer};

    use crate::pages::sessions::{confirm, me, sign_in, sign_out};
    use crate::pages::{cases, clients, findings, members as people, scans, settings, setup, trail};

    vec![
        route!(GET "/setup/{token}", Guest, Everybody, None, setup::show_setup),
        route!(POST "/setup/{token}", Guest, Everybody, Form, setup::set_up),
        route!(GET "/sign-in", Guest, Everybody, None, sign_in::show_sign_in),
        route!(POST "/sign-in", Guest, Everybody, Form, sign_in::sign_in_with_password),
        route!(GET "/invitation/{token}", Guest, Everybody, None, people::invitation::show_invitation),
        route!(POST "/invitation/{token}", Guest, Everybody, Form, people::invitation::accept),
        route!(GET "/reset/{token}", Guest, Everybody, None, people::reset::show_reset),
        route!(POST "/reset/{token}", Guest, Everybody, Form, people::reset::reset),
        route!(GET "/", Page, members(Viewer), None, home),
        route!(POST "/sign-out", Page, members(Viewer), Form, sign_out::sign_out),
        route!(GET "/confirm", Page, members(Viewer), None, confirm::show_confirm),
        route!(POST "/confirm", Page, members(Viewer), Form, confirm::confirm),
        route!(GET "/me", Page, members(Viewer), None, me::show_me),
        route!(POST "/me/sessions/{id}/revoke", Page, members(Viewer), Form, me::revoke_session),
        route!(POST "/me/tenant", Page, members(Viewer), Form, me::switch_tenant),
        route!(GET "/cases", Page, members(Viewer), None, cases::list::show_cases),
        route!(GET "/cases/new", Page, members(Editor), None, cases::new::show_new_case),
        route!(POST "/cases/new", Page, members(Editor), Form, cases::new::create_case_on_page),
        route!(GET "/cases/{ref}", Page, members(Viewer), None, cases::show::show_case),
        route!(POST "/cases/{ref}/transition", Page, members(Editor), Form, cases::show::transition),
        route!(POST "/cases/{ref}/note", Page, members(Editor), Form, cases::show::note),
        route!(POST "/cases/{ref}/edit", Page, members(Editor), Form, cases::show::edit),
        route!(POST "/cases/{ref}/assignee", Page, members(Reviewer), Form, cases::show::assignee),
        route!(POST "/cases/{ref}/readers", Page, members(SeniorReviewer), Form, cases::show::readers),
        route!(GET "/findings", Page, members(Viewer), None, findings::list::show_findings),
        route!(GET "/findings/{id}", Page, members(Viewer), None, findings::show::show_finding),
        route!(POST "/findings/{id}/decision", Page, members(Reviewer), Form, findings::show::decide),
        route!(GET "/import", Page, members(Reviewer), None, scans::show_import),
        route!(POST "/import", Page, members(Reviewer), Report, scans::import),
        route!(GET "/members", Page, members(Admin), None, people::list::show_members),
        route!(POST "/members/invite", Page, members(Admin), Form, people::list::invite),
        route!(POST "/members/{id}/role", Page, members(Admin), Form, people::list::change_role),
        route!(POST "/members/{id}/remove", Page, members(Admin), Form, people::list::remove),
        route!(GET "/clients", Page, members(Admin), None, clients::show_clients),
        route!(POST "/clients", Page, members(Admin), Form, clients::create_client_on_page),
        route!(POST "/clients/{id}/revoke", Page, members(Admin), Form, clients::revoke),
        route!(GET "/settings", Page, members(Admin), None, settings::show_settings),
        route!(POST "/settings", Page, members(Admin), Form, settings::change_settings_on_page),
        route!(GET "/trail", Page, members(SeniorReviewer), None, trail::show_trail),
        route!(POST "/trail/verify", Page, members(SeniorReviewer), Form, trail::verify),
    ]
}

/// What programs call. Handlers live in `api/<noun>.rs`.
fn programs() -> Vec<Route> {
    use Role::{Admin, Editor, Reviewer, SeniorReviewer, Viewer};
    const READ: &[TokenScope] = &[TokenScope::CasesRead];
    const WRITE: &[TokenScope] = &[TokenScope::CasesWrite];
    /// Whoever changes a case is shown it, so that takes both.
    const CHANGE: &[TokenScope] = &[TokenScope::CasesRead, TokenScope::CasesWrite];
    const SUBMIT: &[TokenScope] = &[TokenScope::FindingsWrite];
    const AUDIT: &[TokenScope] = &[TokenScope::AuditRead];
    const fn also(least: Role, scopes: &'static [TokenScope]) -> Audience {
        Audience::Signed { least, clients: Clients::With(scopes) }
    }
    vec![
        documented!(GET "/api/v1/cases", Api, also(Viewer, READ), None, cases::list_cases),
        documented!(POST "/api/v1/cases", Api, also(Editor, WRITE), Json, cases::create_case),
        documented!(GET "/api/v1/cases/{ref}", Api, also(Viewer, READ), None, cases::read_case),
        documented!(PATCH "/api/v1/cases/{ref}", Api, also(Editor, CHANGE), Json, cases::edit_case),
        documented!(GET "/api/v1/cases/{ref}/transitions", Api, also(Viewer, READ), None, transitions::list_transitions),
        documented!(POST "/api/v1/cases/{ref}/transitions", Api, also(Editor, CHANGE), Json, transitions::apply_action),
        documented!(GET "/api/v1/cases/{ref}/notes", Api, also(Viewer, READ), None, notes::list_notes),
        documented!(POST "/api/v1/cases/{ref}/notes", Api, also(Editor, CHANGE), Json, notes::add_note),
        documented!(PUT "/api/v1/cases/{ref}/assignee", Api, members(Reviewer), Json, cases::assign_case),
        documented!(PUT "/api/v1/cases/{ref}/readers", Api, members(SeniorReviewer), Json, cases::name_readers),
        documented!(GET "/api/v1/findings", Api, also(Viewer, READ), None, findings::list_findings),
        documented!(GET "/api/v1/findings/{id}", Api, also(Viewer, READ), None, findings::read_finding),
        documented!(PUT "/api/v1/findings/{id}/decision", Api, members(Reviewer), Json, findings::decide_finding),
        documented!(GET "/api/v1/scans", Api, also(Viewer, READ), None, scans::list_scans),
        documented!(POST "/api/v1/scans", Api, also(Reviewer, SUBMIT), Report, scans::submit_scan),
        documented!(GET "/api/v1/projects", Api, also(Viewer, READ), None, projects::list_projects),
        documented!(GET "/api/v1/audit", Api, also(SeniorReviewer, AUDIT), None, audit::read_trail),
        documented!(POST "/api/v1/audit/verify", Api, also(SeniorReviewer, AUDIT), None, audit::verify_trail),
        documented!(GET "/api/v1/members", Api, members(Admin), None, members::list_members),
        documented!(POST "/api/v1/members", Api, members(Admin), Json, members::invite_member),
        documented!(PATCH "/api/v1/members/{id}", Api, members(Admin), Json, members::change_role),
        documented!(DELETE "/api/v1/members/{id}", Api, members(Admin), None, members::remove_member),
        documented!(GET "/api/v1/clients", Api, members(Admin), None, clients::list_clients),
        documented!(POST "/api/v1/clients", Api, members(Admin), Json, clients::create_client),
        documented!(DELETE "/api/v1/clients/{id}", Api, members(Admin), None, clients::revoke_client),
        documented!(GET "/api/v1/settings", Api, members(Admin), None, settings::read_settings),
        documented!(PATCH "/api/v1/settings", Api, members(Admin), Json, settings::change_settings),
        documented!(GET "/api/v1/me", Api, Audience::Signed { least: Viewer, clients: Clients::All }, None, me::who_am_i),
    ]
}

/// What everybody may ask.
fn open() -> Vec<Route> {
    use Audience::Everybody;
    vec![
        route!(GET "/assets/{file}", Open, Everybody, None, crate::assets::read_asset),
        documented!(POST "/oauth/token", Token, Everybody, Form, oauth::token),
        route!(GET "/api/v1/openapi.json", Open, Everybody, None, openapi::serve),
        route!(GET "/.well-known/jwks.json", Open, Everybody, None, well_known::jwks),
        route!(GET "/.well-known/oauth-authorization-server", Open, Everybody, None, well_known::authorization_server),
        route!(GET "/.well-known/security.txt", Open, Everybody, None, well_known::security_txt),
        route!(GET "/problems/{code}", Open, Everybody, None, problems::explain),
        route!(GET "/healthz", Open, Everybody, None, health::healthz),
        route!(GET "/readyz", Open, Everybody, None, health::readyz),
    ]
}

async fn home(_: session::Visitor) -> axum::response::Redirect {
    axum::response::Redirect::to("/cases")
}

async fn nothing_here() -> Failure {
    Failure::new(Code::NotFound)
}

async fn not_with_this_method() -> Failure {
    Failure::new(Code::MethodNotAllowed)
}

/// Everything, behind the layers that every request passes.
pub fn router(state: AppState) -> Router {
    let mut doors = [Door::Open, Door::Guest, Door::Token, Door::Page, Door::Api].map(|door| (door, Router::new()));
    for route in table() {
        let most = route.body.most_bytes();
        let limited: MethodRouter<AppState> = route.handler.layer(DefaultBodyLimit::max(most));
        let handler: MethodRouter<AppState> = limited.layer(RequestBodyLimitLayer::new(most));
        for (door, router) in &mut doors {
            if *door == route.door {
                *router = std::mem::take(router).route(route.path, handler.clone());
            }
        }
    }
    let mut all = Router::new();
    for (door, router) in doors {
        if !router.has_routes() {
            continue;
        }
        let router = router.method_not_allowed_fallback(not_with_this_method);
        all = all.merge(match door {
            Door::Open => router,
            Door::Guest => router
                .route_layer(from_fn_with_state(state.clone(), csrf::greet))
                .route_layer(from_fn_with_state(state.clone(), session::identify))
                .route_layer(from_fn_with_state(state.clone(), limits::per_address_signing_in)),
            Door::Page => router.route_layer(from_fn_with_state(state.clone(), session::identify)),
            Door::Token => router.route_layer(from_fn_with_state(state.clone(), limits::per_address_signing_in)),
            Door::Api => router.route_layer(from_fn_with_state(state.clone(), caller::authenticate)),
        });
    }
    behind_the_layers(all, state)
}

/// Routes behind the layers that every request passes.
pub fn behind_the_layers(routes: Router<AppState>, state: AppState) -> Router {
    routes
        .fallback(nothing_here)
        .layer(from_fn_with_state(state.clone(), cors::allowlisted))
        .layer(from_fn_with_state(state.clone(), limits::per_address))
        .layer(from_fn_with_state(state.clone(), host::known_only))
        .layer(from_fn_with_state(state.clone(), load::bounded))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            axum::response::IntoResponse::into_response(Failure::new(Code::Internal))
        }))
        .layer(from_fn_with_state(state.clone(), edge::guard))
        .with_state(state)
}
