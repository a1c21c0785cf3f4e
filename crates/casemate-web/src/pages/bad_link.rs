//! The page for a one-time link that is unknown, used or over: which, is not said.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::answer;
use crate::failure::Failure;

#[derive(Template)]
#[template(path = "bad_link.html")]
struct BadLinkPage {
    what_to_do: &'static str,
}

/// The page.
pub(crate) fn bad_link(what_to_do: &'static str) -> Result<Response, Failure> {
    answer::page_as(StatusCode::NOT_FOUND, &BadLinkPage { what_to_do })
}
