//! People and programs as pages name them.

use casemate_model::access::Actor;
use casemate_service::members::directory::Directory;

/// Somebody on a page.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// Their name.
    pub(crate) name: String,
    /// Two letters of it.
    pub(crate) initials: String,
}

impl Person {
    /// Somebody of this name.
    pub(crate) fn named(name: &str) -> Self {
        let initials = name
            .split_whitespace()
            .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()))
            .take(2)
            .collect::<String>();
        Self { name: name.to_owned(), initials: initials.to_uppercase() }
    }

    /// Somebody who did something.
    pub(crate) fn of(actor: Actor, directory: &Directory) -> Self {
        Self::named(directory.name(&actor))
    }
}
