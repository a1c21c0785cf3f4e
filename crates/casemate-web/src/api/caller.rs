//! Who calls the API: a program with an access token, or a browser with its session. Never both at once.

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use casemate_model::access::Caller;
use casemate_service::tokens::verify_token::{VerifyTokenError, verify_token};
use casemate_service::{Asking, Origin, SecretText};
use http::header::{ACCEPT, AUTHORIZATION};
use http::request::Parts;
use http::{HeaderMap, Method};

use crate::csrf::{CSRF_HEADER, is_same, must_be_from_us};
use crate::failure::{Code, Failure};
use crate::middleware::limits::Key;
use crate::middleware::passage::Passage;
use crate::session::{MaybeVisitor, SESSION_COOKIE, Visitor, admit, cookie, visitor};
use crate::state::AppState;

/// Whoever calls.
#[derive(Clone, Debug)]
pub(crate) struct Signed(pub(crate) Asking);

impl FromRequestParts<AppState> for Signed {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Failure> {
        parts.extensions.get::<Asking>().cloned().map(Self).ok_or_else(|| Failure::new(Code::SignInNeeded))
    }
}

/// Finds out who calls, once for each request of the API.
pub(crate) async fn authenticate(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let Some(origin) = request.extensions().get::<Origin>().cloned() else {
        return Err(Failure::new(Code::Internal));
    };
    // SECURITY: a bad token is refused even beside a good cookie, or one could be used to hide the other.
    let asking = if request.headers().contains_key(AUTHORIZATION) {
        let token = bearer(request.headers())?;
        program(&state, &request, origin, token).await?
    } else {
        let person = person(&state, request.method().clone(), request.headers().clone(), origin).await?;
        admit(&state, request.extensions(), &person)?;
        let asking = person.asking.clone();
        request.extensions_mut().insert(MaybeVisitor(Some(person)));
        asking
    };
    if !takes_json(request.headers()) {
        return Err(Failure::new(Code::NotAcceptable));
    }
    request.extensions_mut().insert(asking);
    Ok(next.run(request).await)
}

/// The program behind a token.
fn program(
    state: &AppState,
    request: &Request,
    origin: Origin,
    token: SecretText,
) -> impl Future<Output = Result<Asking, Failure>> + Send + use<> {
    let (state, passage) = (state.clone(), Passage::of(request.extensions()));
    async move {
        let client = match verify_token(&state.service, &token, &origin).await {
            Ok(client) => client,
            Err(VerifyTokenError::Refused(_)) => return Err(Failure::new(Code::BadToken)),
            Err(VerifyTokenError::Fault(fault)) => return Err(fault.into()),
        };
        let key = Key::Caller(client.client.0);
        let caller = Caller::Client(client);
        passage.note_actor(&caller);
        passage.count(state.limiters.caller.check(key), "caller")?;
        Ok(Asking { caller, origin })
    }
}

/// The person behind a cookie. Changes take the CSRF token in a header, and nothing is taken from other sites.
async fn person(state: &AppState, method: Method, headers: HeaderMap, origin: Origin) -> Result<Visitor, Failure> {
    let token = cookie(&headers, SESSION_COOKIE).ok_or_else(|| Failure::new(Code::SignInNeeded))?;
    let visitor = visitor(state, origin, &token).await?.ok_or_else(|| Failure::new(Code::SignInNeeded))?;
    if method == Method::GET || method == Method::HEAD {
        let site = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
        if matches!(site, Some("cross-site" | "same-site")) {
            return Err(Failure::new(Code::Forged));
        }
    } else {
        must_be_from_us(&headers, &state.settings)?;
        let mut sent = headers.get_all(CSRF_HEADER).iter();
        let is_proved = match (sent.next().and_then(|value| value.to_str().ok()), sent.next()) {
            (Some(sent), None) => is_same(sent, &visitor.csrf),
            _ => false,
        };
        if !is_proved {
            return Err(Failure::new(Code::Forged));
        }
    }
    Ok(visitor)
}

/// The one bearer token (RFC 6750 section 2.1). Tokens in the query or in a form are never read.
fn bearer(headers: &HeaderMap) -> Result<SecretText, Failure> {
    const LONGEST: usize = 8 * 1024;
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (sent.next(), sent.next()) else { return Err(Failure::new(Code::BadToken)) };
    let text = value.to_str().map_err(|_| Failure::new(Code::BadToken))?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Failure::new(Code::SignInNeeded));
    }
    let is_plain = !token.is_empty()
        && token.len() <= LONGEST
        && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b));
    if is_plain { Ok(SecretText::from(token)) } else { Err(Failure::new(Code::BadToken)) }
}

/// Whether the caller can read what we write (RFC 9110 section 12.5.1).
fn takes_json(headers: &HeaderMap) -> bool {
    let mut ranges = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|range| !range.is_empty())
        .peekable();
    ranges.peek().is_none()
        || ranges.any(|range| {
            let (kind, parameters) = range.split_once(';').unwrap_or((range, ""));
            let is_refused = parameters.split(';').any(|parameter| {
                matches!(parameter.trim().split_once('='), Some((q, weight)) if q.eq_ignore_ascii_case("q")
                    && weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0))
            });
            let kind = kind.trim().to_ascii_lowercase();
            !is_refused && matches!(kind.as_str(), "*/*" | "application/*" | "application/json")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_for_whoever_takes_it() {
        let takes = |accept: &str| takes_json(&HeaderMap::from_iter([(ACCEPT, accept.parse().unwrap())]));
        assert!(takes_json(&HeaderMap::new()));
        for good in ["*/*", "application/json", "text/html, application/*;q=0.1", "APPLICATION/JSON; q=1"] {
            assert!(takes(good), "{good}");
        }
        for bad in ["text/html", "application/xml", "application/json;q=0"] {
            assert!(!takes(bad), "{bad}");
        }
    }

    #[test]
    fn one_bearer_token_in_the_header_and_nothing_else() {
        let read = |value: &str| bearer(&HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]));
        assert!(read("Bearer a.b.c").is_ok() && read("bearer a.b.c").is_ok());
        for bad in ["Bearer", "Bearer ", "Bearer a b", "Bearer a\tb", "Bearer \"a\""] {
            assert!(read(bad).is_err(), "{bad}");
        }
        let mut twice = HeaderMap::new();
        twice.append(AUTHORIZATION, "Bearer a".parse().unwrap());
        twice.append(AUTHORIZATION, "Bearer b".parse().unwrap());
        assert!(bearer(&twice).is_err());
    }
}
