//! A person's own page: where they are signed in, and in which tenants they work.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use casemate_model::id::{SessionId, TenantId};
use casemate_service::sessions::list_sessions::list_sessions;
use casemate_service::sessions::revoke_session;
use casemate_service::sessions::switch_tenant;

use crate::csrf::Form;
use crate::failure::{Code, Failure};
use crate::pages::answer;
use crate::pages::done::{self, Done};
use crate::pages::form::Fields;
use crate::pages::frame::Frame;
use crate::pages::when::When;
use crate::session::{Visitor, set_cookie};
use crate::state::AppState;

#[derive(Template)]
#[template(path = "sessions/me.html")]
struct MePage {
    frame: Frame,
    email: String,
    tenants: Vec<TenantRow>,
    sessions: Vec<SessionRow>,
}

struct TenantRow {
    id: String,
    name: String,
    role: &'static str,
    is_here: bool,
}

struct SessionRow {
    id: String,
    browser: String,
    agent: String,
    since: When,
    seen: When,
    is_this: bool,
}

/// Shows the page.
pub(crate) async fn show_me(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(query): Query<Fields>,
) -> Result<Response, Failure> {
    let now = state.service.now();
    let tenants = switch_tenant::memberships(&state.service, visitor.user.id).await?;
    let sessions = list_sessions(&state.service, &visitor.asking).await?;
    answer::page(&MePage {
        frame: Frame::of(&state, &visitor, "me", "Your page").saying(&query),
        email: visitor.user.email.to_string(),
        tenants: tenants
            .into_iter()
            .map(|(tenant, role)| TenantRow {
                id: tenant.id.to_string(),
                name: tenant.name.to_string(),
                role: role.label(),
                is_here: tenant.id == visitor.tenant.id,
            })
            .collect(),
        sessions: sessions
            .into_iter()
            .map(|session| SessionRow {
                id: session.id.to_string(),
                browser: browser(&session.agent),
                since: When::of(session.created_at, now),
                seen: When::of(session.seen_at, now),
                is_this: session.id == visitor.session.id,
                agent: session.agent,
            })
            .collect(),
    })
}

/// Ends one of the person's sessions.
pub(crate) async fn revoke_session(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    _: Form<Fields>,
) -> Result<Response, Failure> {
    let missing = || Failure::new(Code::NotFound);
    let session: SessionId = id.parse().map_err(|_| missing())?;
    if !revoke_session::revoke_session(&state.service, &visitor.asking, session).await? {
        return Err(missing());
    }
    Ok(answer::go(&done::address("/me", Done::SessionEnded)))
}

/// Goes over to another tenant.
pub(crate) async fn switch_tenant(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(form): Form<Fields>,
) -> Result<Response, Failure> {
    let tenant: TenantId = form.text("tenant").parse().map_err(|_| Failure::new(Code::NotFound))?;
    let signed_in = switch_tenant::switch_tenant(&state.service, &visitor.asking, visitor.session.id, tenant).await?;
    Ok(answer::go_with(&done::address("/cases", Done::TenantSwitched), set_cookie(&signed_in)))
}

/// What people call the browser that called itself this.
fn browser(agent: &str) -> String {
    let name = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ];
    let system = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let find =
        |list: &[(&str, &'static str)]| list.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    match (find(&name), find(&system)) {
        (Some(name), Some(system)) => format!("{name} on {system}"),
        (Some(name), None) => name.to_owned(),
        _ if agent.is_empty() => "unknown browser".to_owned(),
        _ => agent.chars().take(60).collect(),
    }
}
