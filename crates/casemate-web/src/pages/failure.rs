//! The page that says that something did not work.

use askama::Template;

use crate::failure::FieldFault;

/// What it says.
#[derive(Debug, Template)]
#[template(
    source = "<!doctype html><html lang=\"en\"><title>{{ title }}</title><h1>{{ title }}</h1><p>{{ message }}</p>{% for fault in fields %}<p>{{ fault.field }}: {{ fault.message }}</p>{% endfor %}<p>{{ status }} · {{ request_id }}</p><p><a href=\"/\">Back to the cases</a></p></html>",
    ext = "html"
)]
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

/// The page as HTML.
pub(crate) fn page(failure: &FailurePage<'_>) -> String {
    failure.render().unwrap_or_else(|_| "<!doctype html><title>Unexpected error</title>".to_owned())
}
