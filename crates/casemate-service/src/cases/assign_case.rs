//! Gives a case to somebody, or to nobody.

use casemate_model::access::Denied;
use casemate_model::case::{Case, CaseRef};
use casemate_model::id::UserId;

use crate::{Asking, Fault, Service};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum AssignCaseError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such case, or not for this caller.
    #[error("no such case")]
    NotFound,
    /// Cases go to reviewers, senior reviewers and administrators of this tenant.
    #[error("must be a reviewer, senior reviewer or admin of this tenant")]
    NotAssignable,
    /// A closed case is reopened first.
    #[error("the case is closed; reopen it first")]
    Closed,
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

/// Assigns it. The assignee of a restricted case becomes one of its readers.
///
/// # Errors
/// See [`AssignCaseError`].
pub async fn assign_case(
    _service: &Service,
    _asking: &Asking,
    _reference: CaseRef,
    _version: Option<i64>,
    _assignee: Option<UserId>,
) -> Result<Case, AssignCaseError> {
    todo!()
}
