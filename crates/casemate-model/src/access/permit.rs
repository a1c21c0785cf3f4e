//! A policy's yes, needed to change something.

use super::action::Action;
use super::caller::Actor;
use crate::id::TenantId;

/// The right to do one thing to one object, once. Made by [`super::Access::permit`] alone.
///
/// ```compile_fail
/// // A permit for one action does not serve for another.
/// fn close(_: casemate_model::access::Permit<casemate_model::access::ApplyAction>) {}
/// fn try_it(permit: casemate_model::access::Permit<casemate_model::access::EditCase>) { close(permit) }
/// ```
#[derive(Debug)]
pub struct Permit<A: Action> {
    pub(super) tenant: TenantId,
    pub(super) actor: Actor,
    pub(super) action: A,
    pub(super) object: A::Object,
}

impl<A: Action> Permit<A> {
    /// Who may.
    pub fn actor(&self) -> Actor {
        self.actor
    }

    /// What they may do.
    pub fn action(&self) -> &A {
        &self.action
    }

    /// To what.
    pub fn object(&self) -> &A::Object {
        &self.object
    }
}
