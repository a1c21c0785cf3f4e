//! The outermost layer: gives the request its id, renders failures, puts security headers on every answer, writes the log.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tracing::Instrument as _;

use super::origin;
pub use super::origin::RequestOrigin;
use super::passage::Passage;
use crate::failure::{self, Code, Failure, Reader};
use crate::state::AppState;

/// What no page of ours needs.
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), display-capture=(), \
     fullscreen=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), \
     publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()";

/// Wraps everything else.
pub(crate) async fn guard(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let origin = origin::of(&request, &state.settings);
    let passage = Passage::default();
    let method = request.method().clone();
    let target = request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    // SECURITY: the pattern, never the path: paths hold one-time tokens, queries hold what people search for.
    let route =
        request.extensions().get::<MatchedPath>().map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let request_id = origin.request_id.clone();
    let ip = origin.ip;
    let span = tracing::info_span!("request", request_id);
    request.extensions_mut().insert(origin);
    request.extensions_mut().insert(passage.clone());

    let reader = Reader {
        method: &method,
        path_and_query: &target,
        base_url: state.settings.base_url(),
        request_id: &request_id,
    };
    async {
        let answer = next.run(request).await;
        let mut answer = worded(answer, &reader);
        let headers = answer.headers_mut();
        passage.write_limits(headers);
        write_security_headers(headers, state.settings.is_https());
        if let Ok(id) = HeaderValue::try_from(&request_id) {
            headers.insert("x-request-id", id);
        }
        let (actor, tenant) = passage.actor();
        let status = answer.status().as_u16();
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(target: "access", %method, route, status, millis, %ip, actor, tenant);
        answer
    }
    .instrument(span)
    .await
}

/// Renders the failure an answer stands for, be it ours or a bare status of the framework.
fn worded(answer: Response, reader: &Reader<'_>) -> Response {
    let status = answer.status();
    let failure = match answer.extensions().get::<Failure>() {
        Some(failure) => failure.clone(),
        None if (status.is_client_error() || status.is_server_error()) && !has_words(answer.headers()) => {
            failure::of_status(status)
        }
        None => return answer,
    };
    if matches!(
        status,
        StatusCode::BAD_REQUEST
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
            | StatusCode::UNPROCESSABLE_ENTITY
    ) || failure.code() == Code::Forged
    {
        tracing::warn!(
            target: "security",
            event = "input_validation_fail", object = failure.code().as_str(), outcome = "refused",
        );
    }
    failure::render(&failure, reader, answer.headers())
}

/// Whether a handler worded its failure itself: an OAuth error, a form shown again.
fn has_words(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/") || kind.starts_with("text/html"))
}

fn write_security_headers(headers: &mut HeaderMap, is_https: bool) {
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'{}",
        crate::pages::CONTENT_SECURITY_POLICY_EXTRA
    );
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert("content-security-policy", policy);
    }
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("permissions-policy", PERMISSIONS),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-permitted-cross-domain-policies", "none"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if is_https {
        headers.insert("strict-transport-security", HeaderValue::from_static("max-age=63072000; includeSubDomains"));
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
