//! What programs call: parse, one use case, answer. JSON in and out, problem details (RFC 9457) when it fails.

pub mod audit;
pub mod cases;
pub mod clients;
pub mod findings;
pub mod health;
pub mod me;
pub mod members;
pub mod notes;
pub mod oauth;
pub mod openapi;
pub mod problems;
pub mod projects;
pub mod scans;
pub mod settings;
pub mod transitions;
pub mod well_known;
pub mod words;

pub(crate) mod caller;
pub(crate) mod cursor;
pub(crate) mod input;
pub(crate) mod moment;
pub(crate) mod version;

use serde::Serialize;

/// A page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct List<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Give it as `cursor` to get the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> List<T> {
    /// All there is.
    pub(crate) fn whole(items: impl IntoIterator<Item = T>) -> Self {
        Self { items: items.into_iter().collect(), next: None }
    }
}
