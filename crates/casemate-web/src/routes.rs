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
    /// Those whose token holds this scope.
    With(TokenScope),
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
#[derive(Clone, Debug)]
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
}

impl Route {
    /// Whether something is named in the path that may belong to somebody else.
    pub fn names_something(&self) -> bool {
        self.path.contains('{')
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
        }
    };
    (@filter GET) => { axum::routing::MethodFilter::GET };
    (@filter POST) => { axum::routing::MethodFilter::POST };
    (@filter PUT) => { axum::routing::MethodFilter::PUT };
    (@filter PATCH) => { axum::routing::MethodFilter::PATCH };
    (@filter DELETE) => { axum::routing::MethodFilter::DELETE };
}

/// Every route there is.
pub fn table() -> Vec<Route> {
    [pages(), open()].concat()
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

/// What everybody may ask.
fn open() -> Vec<Route> {
    use Audience::Everybody;
    vec![
        route!(GET "/healthz", Open, Everybody, None, healthz),
        route!(GET "/assets/{file}", Open, Everybody, None, crate::assets::read_asset),
    ]
}

async fn home(_: session::Visitor) -> axum::response::Redirect {
    axum::response::Redirect::to("/cases")
}

async fn healthz() -> &'static str {
    "ok\n"
}

async fn nothing_here() -> Failure {
    Failure::new(Code::NotFound)
}

async fn not_with_this_method() -> Failure {
    Failure::new(Code::MethodNotAllowed)
}

/// Everything, behind the layers that every request passes.
pub fn router(state: AppState) -> Router {
    let mut doors = [Door::Open, Door::Guest, Door::Page, Door::Api].map(|door| (door, Router::new()));
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
            Door::Api => router,
        });
    }
    all.fallback(nothing_here)
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
