//! Who is behind a browser: the session cookie, and the person found through it.

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use casemate_model::access::Caller;
use casemate_model::member::{Role, User};
use casemate_model::session::Session;
use casemate_model::tenant::Tenant;
use casemate_service::sessions::resume::resume;
use casemate_service::sessions::sign_in::SignedIn;
use casemate_service::{Asking, Origin, SecretText};
use http::header::{COOKIE, SET_COOKIE};
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderValue};
use secrecy::ExposeSecret as _;

use crate::failure::{Code, Failure};
use crate::middleware::limits::Key;
use crate::middleware::passage::Passage;
use crate::state::AppState;

/// Name of the session cookie. The prefix makes browsers insist on `Secure`, `Path=/` and no `Domain` (RFC 6265bis).
pub const SESSION_COOKIE: &str = "__Host-casemate";

/// A signed-in person. As an extractor on pages it sends everybody else to `/sign-in?next=…`.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// For the use cases.
    pub asking: Asking,
    /// The session.
    pub session: Session,
    /// The person.
    pub user: User,
    /// Where they work.
    pub tenant: Tenant,
    /// As what.
    pub role: Role,
    /// What forms on their pages must carry in the hidden field `csrf`.
    pub csrf: String,
}

/// A signed-in person, or nobody.
#[derive(Clone, Debug)]
pub struct MaybeVisitor(pub Option<Visitor>);

impl FromRequestParts<AppState> for MaybeVisitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or(Self(None)))
    }
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Failure> {
        let found = parts.extensions.get::<MaybeVisitor>().and_then(|MaybeVisitor(visitor)| visitor.clone());
        found.ok_or_else(|| Failure::new(Code::SignInNeeded))
    }
}

/// Finds out who the cookie stands for, once for each request of a page.
pub(crate) async fn identify(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let token = cookie(request.headers(), SESSION_COOKIE);
    let origin = request.extensions().get::<Origin>().cloned();
    let visitor = match (&token, origin) {
        (Some(token), Some(origin)) => visitor(&state, origin, token).await?,
        _ => None,
    };
    let is_over = token.is_some() && visitor.is_none();
    if let Some(visitor) = &visitor {
        admit(&state, request.extensions(), visitor)?;
    }
    request.extensions_mut().insert(MaybeVisitor(visitor));
    let mut response = next.run(request).await;
    if is_over && !response.headers().contains_key(SET_COOKIE) {
        response.headers_mut().append(SET_COOKIE, clear_cookie());
    }
    Ok(response)
}

/// The person behind a session token, if it still holds.
pub(crate) async fn visitor(state: &AppState, origin: Origin, token: &SecretText) -> Result<Option<Visitor>, Failure> {
    let Some(resumed) = resume(&state.service, token).await? else { return Ok(None) };
    let role = resumed.caller.role;
    Ok(Some(Visitor {
        asking: Asking { caller: Caller::Member(resumed.caller), origin },
        session: resumed.session,
        user: resumed.user,
        tenant: resumed.tenant,
        role,
        csrf: resumed.csrf,
    }))
}

/// Counts the request against the person's limit and notes who it was for the log.
pub(crate) fn admit(state: &AppState, extensions: &Extensions, visitor: &Visitor) -> Result<(), Failure> {
    let passage = Passage::of(extensions);
    passage.note_actor(&visitor.asking.caller);
    passage.count(state.limiters.caller.check(Key::Caller(visitor.user.id.0)), "caller")
}

/// The one cookie of this name. Two of them mean that somebody else set one.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<SecretText> {
    let mut found = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    match (found.next(), found.next()) {
        (Some(value), None) if !value.is_empty() && value.len() <= 512 => Some(SecretText::from(value)),
        _ => None,
    }
}

/// What gives the browser its session.
pub fn set_cookie(signed_in: &SignedIn) -> HeaderValue {
    cookie_header(SESSION_COOKIE, signed_in.token.expose_secret())
}

/// What takes the session out of the browser.
pub fn clear_cookie() -> HeaderValue {
    HeaderValue::from_static("__Host-casemate=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}

/// A cookie for this server alone, out of reach of scripts, gone when the browser closes.
pub(crate) fn cookie_header(name: &str, value: &str) -> HeaderValue {
    let text = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax");
    let mut header = HeaderValue::try_from(text).unwrap_or_else(|_| clear_cookie());
    header.set_sensitive(true);
    header
}
