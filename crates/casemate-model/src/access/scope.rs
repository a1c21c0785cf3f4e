//! The walls of one tenant, needed to read.

use super::caller::Caller;
use crate::id::{TenantId, UserId};

/// The right to read in one tenant. Made by [`super::Access::scope`] alone.
///
/// ```compile_fail
/// // A scope cannot be made by hand.
/// let scope = casemate_model::access::Scope { tenant: todo!(), reader: todo!(), reads_restricted: true };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    pub(super) tenant: TenantId,
    pub(super) reader: Option<UserId>,
    pub(super) reads_restricted: bool,
}

impl Scope {
    pub(super) fn of(caller: &Caller, reads_restricted: bool) -> Self {
        Self { tenant: caller.tenant(), reader: caller.user(), reads_restricted }
    }

    /// The person reading, if it is one: they see the restricted cases that name them.
    pub fn reader(&self) -> Option<UserId> {
        self.reader
    }

    /// Whether restricted cases are seen that do not name the reader.
    pub fn reads_restricted(&self) -> bool {
        self.reads_restricted
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Scope {}
    impl<A: super::super::Action> Sealed for super::super::Permit<A> {}
}

/// What names the tenant a transaction is confined to: a [`Scope`] or a [`super::Permit`], nothing else.
pub trait Walls: sealed::Sealed {
    /// The tenant.
    fn tenant(&self) -> TenantId;
}

impl Walls for Scope {
    fn tenant(&self) -> TenantId {
        self.tenant
    }
}

impl<A: super::Action> Walls for super::Permit<A> {
    fn tenant(&self) -> TenantId {
        self.tenant
    }
}
