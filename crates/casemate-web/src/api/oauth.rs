//! `/oauth/token`: client credentials in, access token out (RFC 6749 section 4.4).

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use casemate_service::tokens::issue_token::{IssueToken, IssueTokenError, issue_token};
use casemate_service::{SecretText, Service};
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use utoipa::ToSchema;

use crate::failure::Failure;
use crate::middleware::edge::RequestOrigin;

/// What to send, as `application/x-www-form-urlencoded`.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the form in the OpenAPI document")]
pub struct TokenForm {
    /// `client_credentials`
    #[schema(example = "client_credentials")]
    grant_type: String,
    /// Scopes with blanks between them; all of the client's without it.
    #[schema(example = "cases:read findings:write")]
    scope: Option<String>,
    /// Unless sent by HTTP Basic.
    client_id: Option<String>,
    /// Unless sent by HTTP Basic.
    #[schema(format = "password")]
    client_secret: Option<String>,
}

/// An access token (RFC 6749 section 5.1).
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenAnswer {
    /// The JWT (RFC 9068).
    access_token: String,
    /// `Bearer`
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Its life, in seconds.
    #[schema(example = 600)]
    expires_in: i64,
    /// What it may do.
    #[schema(example = "cases:read findings:write")]
    scope: String,
}

/// Why there is no token (RFC 6749 section 5.2).
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenRefusal {
    /// `invalid_request`, `invalid_client`, `unsupported_grant_type`, `invalid_scope` or `slow_down`.
    #[schema(example = "invalid_client")]
    error: &'static str,
    /// For people.
    error_description: &'static str,
}

const NO_STORE: [(http::HeaderName, &str); 2] = [(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")];

/// Get an access token
#[utoipa::path(
    post, path = "/oauth/token", tag = "tokens", security(("client" = [])),
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = TokenAnswer), (status = 400, body = TokenRefusal), (status = 401, body = TokenRefusal))
)]
pub(crate) async fn token(
    State(service): State<Service>,
    RequestOrigin(origin): RequestOrigin,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let request = match read(query.as_deref(), &headers, &body) {
        Ok(request) => request,
        Err(refusal) => return Ok(refusal.into_response()),
    };
    match issue_token(&service, request, &origin).await {
        Ok(token) => {
            let answer = TokenAnswer {
                access_token: token.token.expose_secret().to_owned(),
                token_type: "Bearer",
                expires_in: token.expires_in_secs,
                scope: token.scopes.to_string(),
            };
            Ok((NO_STORE, axum::Json(answer)).into_response())
        }
        Err(IssueTokenError::InvalidClient) => Ok(Refusal::Client.into_response()),
        Err(IssueTokenError::InvalidScope) => Ok(Refusal::Scope.into_response()),
        Err(IssueTokenError::SlowDown { retry_after_secs }) => {
            let refusal = TokenRefusal { error: "slow_down", error_description: "too many attempts" };
            let retry = [(RETRY_AFTER, retry_after_secs.to_string())];
            Ok((StatusCode::TOO_MANY_REQUESTS, NO_STORE, retry, axum::Json(refusal)).into_response())
        }
        Err(IssueTokenError::Fault(fault)) => Err(fault.into()),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    Request(&'static str),
    Client,
    Grant,
    Scope,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, error, error_description) = match self {
            Self::Request(why) => (StatusCode::BAD_REQUEST, "invalid_request", why),
            Self::Client => (StatusCode::UNAUTHORIZED, "invalid_client", "client authentication failed"),
            Self::Grant => (StatusCode::BAD_REQUEST, "unsupported_grant_type", "grant_type must be client_credentials"),
            Self::Scope => {
                (StatusCode::BAD_REQUEST, "invalid_scope", "scope is unknown or more than this client may have")
            }
        };
        let mut response = (status, NO_STORE, axum::Json(TokenRefusal { error, error_description })).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let challenge = http::HeaderValue::from_static(r#"Basic realm="casemate", charset="UTF-8""#);
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// What was asked, from one way of client authentication (RFC 6749 section 2.3: not more than one).
fn read(query: Option<&str>, headers: &HeaderMap, body: &[u8]) -> Result<IssueToken, Refusal> {
    // SECURITY: credentials in an address end up in logs (RFC 6749 section 2.3.1).
    if query.is_some_and(|query| !query.is_empty()) {
        return Err(Refusal::Request("parameters belong into the body"));
    }
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refusal::Request("the body must be application/x-www-form-urlencoded"));
    }
    let (mut grant, mut scope, mut id, mut secret) = (None, None, None, None);
    for (name, value) in url::form_urlencoded::parse(body) {
        let slot = match &*name {
            "grant_type" => &mut grant,
            "scope" => &mut scope,
            "client_id" => &mut id,
            "client_secret" => &mut secret,
            // Section 3.2: unknown parameters are ignored.
            _ => continue,
        };
        if slot.replace(value.into_owned()).is_some() {
            return Err(Refusal::Request("a parameter is there twice"));
        }
    }
    let (client_id, client_secret) = match (basic(headers)?, id, secret) {
        (Some(pair), None, None) => pair,
        (Some((basic_id, basic_secret)), Some(id), None) if basic_id == id => (basic_id, basic_secret),
        (Some(_), _, _) => return Err(Refusal::Request("use one way of client authentication")),
        (None, Some(id), Some(secret)) => (id, secret),
        (None, _, _) => return Err(Refusal::Client),
    };
    match grant.as_deref() {
        Some("client_credentials") => {}
        Some(_) => return Err(Refusal::Grant),
        None => return Err(Refusal::Request("grant_type is needed")),
    }
    let scope = scope.filter(|scope| !scope.is_empty());
    Ok(IssueToken { client_id, client_secret: SecretText::from(client_secret), scope })
}

/// HTTP Basic, both parts form-encoded before they were joined (section 2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, Refusal> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = sent.next() else { return Ok(None) };
    let read = || {
        let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
        let decoded = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
        let text = String::from_utf8(decoded).ok()?;
        let (id, secret) = text.split_once(':')?;
        Some((form_decoded(id)?, form_decoded(secret)?))
    };
    match (read(), sent.next()) {
        (Some(pair), None) => Ok(Some(pair)),
        _ => Err(Refusal::Client),
    }
}

fn form_decoded(text: &str) -> Option<String> {
    let pair = format!("v={}", text.replace('&', "%26").replace('=', "%3D"));
    let (_, value) = url::form_urlencoded::parse(pair.as_bytes()).next()?;
    Some(value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(authorization: Option<&str>, body: &str) -> Result<(String, String), Refusal> {
        let mut headers =
            HeaderMap::from_iter([(CONTENT_TYPE, http::HeaderValue::from_static("application/x-www-form-urlencoded"))]);
        if let Some(pair) = authorization {
            headers.insert(AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair)).parse().unwrap());
        }
        let request = read(None, &headers, body.as_bytes())?;
        Ok((request.client_id, request.client_secret.expose_secret().to_owned()))
    }

    #[test]
    fn a_client_proves_itself_in_one_of_two_ways() {
        let pair = |id: &str, secret: &str| Ok((id.to_owned(), secret.to_owned()));
        let grant = "grant_type=client_credentials";
        assert_eq!(asked(Some("id:se%3Acr%2Bet"), grant), pair("id", "se:cr+et"));
        assert_eq!(asked(None, &format!("{grant}&client_id=id&client_secret=s%2B")), pair("id", "s+"));
        assert!(matches!(
            asked(Some("id:s"), &format!("{grant}&client_id=id&client_secret=s")),
            Err(Refusal::Request(_))
        ));
        assert_eq!(asked(None, grant), Err(Refusal::Client));
        assert_eq!(asked(Some("no colon"), grant), Err(Refusal::Client));
    }

    #[test]
    fn parameters_come_once_and_in_the_body() {
        assert!(matches!(
            asked(Some("id:s"), "grant_type=client_credentials&scope=a&scope=b"),
            Err(Refusal::Request(_))
        ));
        assert_eq!(asked(Some("id:s"), "grant_type=password"), Err(Refusal::Grant));
        assert!(matches!(
            read(Some("client_secret=s"), &HeaderMap::new(), b""),
            Err(Refusal::Request("parameters belong into the body"))
        ));
    }
}
