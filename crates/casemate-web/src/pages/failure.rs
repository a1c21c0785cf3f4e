//! The page that says that something did not work, and what to do.

use askama::Template;

use super::form::sentence;
use crate::failure::FieldFault;

/// What it says.
#[derive(Debug)]
pub struct FailurePage<'a> {
    /// The HTTP status.
    pub status: u16,
    /// What it is, in a few words.
    pub title: &'a str,
    /// What happened.
    pub message: &'a str,
    /// What is wrong with which field.
    pub fields: &'a [FieldFault],
    /// The id under which the request is logged.
    pub request_id: &'a str,
}

#[derive(Template)]
#[template(path = "failure.html")]
struct View<'a> {
    status: u16,
    heading: &'a str,
    message: String,
    fields: &'a [FieldFault],
    what_to_do: &'static str,
    request_id: &'a str,
}

/// The page as HTML.
pub(crate) fn page(failure: &FailurePage<'_>) -> String {
    let view = View {
        status: failure.status,
        heading: failure.title,
        message: sentence(failure.message),
        fields: failure.fields,
        what_to_do: what_to_do(failure.status),
        request_id: failure.request_id,
    };
    view.render().unwrap_or_else(|_| "<!doctype html><title>Unexpected error</title>".to_owned())
}

fn what_to_do(status: u16) -> &'static str {
    match status {
        403 => {
            "If you think you should, ask an administrator of your tenant. If you came from a form, open its page again and repeat."
        }
        404 => {
            "Check the address. If somebody gave it to you, ask them whether you are in the same tenant and may read it."
        }
        409 | 412 => "Go back, reload the page and look at what it says now before you try again.",
        413 => "Reports may have 20 MiB, forms 64 KiB. Split what you send.",
        400 | 415 | 422 => "Go back and look at what you filled in.",
        429 => "Wait a little, then try again.",
        503 => "Try again in a few seconds.",
        _ => "Try again. If it stays, tell your operator; it is in the log under the request id.",
    }
}
