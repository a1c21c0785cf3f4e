//! What every page of a signed-in person has around it.

use casemate_service::cases::offered_actions::{OfferedInTenant, offered_in_tenant};

use super::done::{Done, done};
use super::form::Fields;
use super::people::Person;
use crate::session::Visitor;
use crate::state::AppState;

/// Menu, names and the token that forms carry.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// Of the window.
    pub(crate) title: String,
    /// The menu entry this page belongs to: the first part of its path.
    pub(crate) here: &'static str,
    /// The tenant's name.
    pub(crate) tenant: String,
    /// Who is signed in.
    pub(crate) person: Person,
    /// As what.
    pub(crate) role: &'static str,
    /// For the hidden field of every form.
    pub(crate) csrf: String,
    /// Which menu entries there are.
    pub(crate) may: OfferedInTenant,
    /// What was just done.
    pub(crate) done: Option<Done>,
}

impl Frame {
    /// The frame of a page.
    pub(crate) fn of(state: &AppState, visitor: &Visitor, here: &'static str, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            here,
            tenant: visitor.tenant.name.to_string(),
            person: Person::named(visitor.user.name.as_str()),
            role: visitor.role.label(),
            csrf: visitor.csrf.clone(),
            may: offered_in_tenant(&state.service, &visitor.asking),
            done: None,
        }
    }

    /// Says what was just done, if the query names it.
    #[must_use]
    pub(crate) fn saying(mut self, query: &Fields) -> Self {
        self.done = done(query);
        self
    }
}
