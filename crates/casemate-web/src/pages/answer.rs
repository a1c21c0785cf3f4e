//! What a page handler answers: a page, or where to go.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::header::{LOCATION, RETRY_AFTER, SET_COOKIE};
use http::{HeaderValue, StatusCode};

use crate::failure::{Code, Failure};

/// A page.
pub(crate) fn page(template: &impl Template) -> Result<Response, Failure> {
    page_as(StatusCode::OK, template)
}

/// A page that says that something is wrong with what was sent.
pub(crate) fn page_as(status: StatusCode, template: &impl Template) -> Result<Response, Failure> {
    let html = template.render().map_err(|error| {
        tracing::error!(event = "sys_fault", cause = %error, "a page could not be made");
        Failure::new(Code::Internal)
    })?;
    Ok((status, Html(html)).into_response())
}

/// Somewhere else, with GET, so that reloading repeats nothing.
pub(crate) fn go(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let place = HeaderValue::try_from(to).unwrap_or_else(|_| HeaderValue::from_static("/cases"));
    response.headers_mut().insert(LOCATION, place);
    response
}

/// Somewhere else, with a new cookie.
pub(crate) fn go_with(to: &str, cookie: HeaderValue) -> Response {
    let mut response = go(to);
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}

/// Says when another attempt is heard.
pub(crate) fn retry_after(mut response: Response, failure: &Failure) -> Response {
    if let Some(secs) = failure.retry_after_secs() {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(secs));
    }
    response
}
