//! Restricts a case to named members, or opens it to the tenant again.

use casemate_model::access::Denied;
use casemate_model::case::{Case, CaseRef};
use casemate_model::id::UserId;

use crate::{Asking, Fault, Service};

/// Who may read it.
#[derive(Clone, Debug)]
pub enum Readers {
    /// Everybody in the tenant.
    All,
    /// These members, whoever restricts it, and the assignee.
    Named(Vec<UserId>),
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum NameReadersError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such case, or not for this caller.
    #[error("no such case")]
    NotFound,
    /// Somebody named is no member of this tenant.
    #[error("readers must be members of this tenant")]
    NotAMember,
    /// Somebody else changed it since.
    #[error("the case was changed by somebody else since you read it")]
    Stale {
        /// The version now.
        now: i64,
    },
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Changes who may read it.
///
/// # Errors
/// See [`NameReadersError`].
pub async fn name_readers(
    _service: &Service,
    _asking: &Asking,
    _reference: CaseRef,
    _version: Option<i64>,
    _readers: Readers,
) -> Result<Case, NameReadersError> {
    todo!()
}
