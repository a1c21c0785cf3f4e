//! Edits a case.

use casemate_model::access::Denied;
use casemate_model::case::{Case, CaseRef, CaseSeverity, Resolution};
use casemate_model::text::{CaseDescription, CaseTitle, Tag};

use crate::{Asking, Fault, Service};

/// What to change; `None` leaves it, an inner `None` empties it.
#[derive(Clone, Debug, Default)]
pub struct EditCase {
    /// Title.
    pub title: Option<CaseTitle>,
    /// Description.
    pub description: Option<Option<CaseDescription>>,
    /// How bad (takes the permission for it, see the policies).
    pub severity: Option<CaseSeverity>,
    /// Labels.
    pub tags: Option<Vec<Tag>>,
    /// When it should be done.
    pub due_on: Option<Option<time::Date>>,
    /// Why it is to be closed.
    pub resolution: Option<Option<Resolution>>,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum EditCaseError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such case, or not for this caller.
    #[error("no such case")]
    NotFound,
    /// Somebody else changed it since; the version is now this.
    #[error("the case was changed by somebody else since you read it")]
    Stale {
        /// The version now.
        now: i64,
    },
    /// A closed case is reopened before it is edited.
    #[error("the case is closed; reopen it first")]
    Closed,
    /// More labels than a case may have.
    #[error("a case has at most 20 tags")]
    TooManyTags,
    /// An accepted risk ends in the future, at most a year from now; a duplicate is of another case that exists.
    #[error("{0}")]
    BadResolution(&'static str),
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Edits it if it still has this version. Changing severity or resolution of an approved case voids the approval.
///
/// # Errors
/// See [`EditCaseError`].
pub async fn edit_case(
    _service: &Service,
    _asking: &Asking,
    _reference: CaseRef,
    _version: i64,
    _request: EditCase,
) -> Result<Case, EditCaseError> {
    todo!()
}
