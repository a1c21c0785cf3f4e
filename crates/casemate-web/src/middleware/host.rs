//! Which names we answer to: whoever asks for another name was led here by somebody (DNS rebinding, cache poisoning).

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::HOST;

use super::origin;
use crate::failure::{Code, Failure};
use crate::state::AppState;

/// Turns away requests for other hosts. Probes are excepted: they ask by address.
pub(crate) async fn known_only(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let path = request.uri().path();
    let is_on_the_way = !state.settings.only_through_proxies || origin::is_through_proxy(&request, &state.settings);
    if is_on_the_way && (matches!(path, "/healthz" | "/readyz") || is_ours(&request, &state)) {
        return Ok(next.run(request).await);
    }
    tracing::warn!(
        target: "security",
        event = "input_validation_fail", object = "host", outcome = "refused",
    );
    Err(Failure::new(Code::Misdirected))
}

fn is_ours(request: &Request, state: &AppState) -> bool {
    let in_headers = request.headers().get_all(HOST).iter().map(|value| value.to_str().unwrap_or_default());
    let in_target = request.uri().authority().map(http::uri::Authority::as_str);
    let mut named = in_headers.chain(in_target).peekable();
    named.peek().is_some()
        && request.headers().get_all(HOST).iter().count() <= 1
        && named.all(|host| state.settings.is_our_host(host))
}
