//! Reads one case with its history.

use casemate_model::access::Denied;
use casemate_model::case::{Case, CaseRef, Transition};
use casemate_model::finding::Finding;
use casemate_model::id::UserId;
use casemate_model::note::Note;
use casemate_model::project::Project;

use crate::{Asking, Fault, Service};

/// A case and all that belongs to it.
#[derive(Clone, Debug)]
pub struct CaseHistory {
    /// The case.
    pub case: Case,
    /// Its project.
    pub project: Option<Project>,
    /// Its notes, the oldest first.
    pub notes: Vec<Note>,
    /// Its changes of status, the oldest first.
    pub transitions: Vec<Transition>,
    /// The findings it was opened from.
    pub findings: Vec<Finding>,
    /// Who may read it, when it is restricted.
    pub readers: Vec<UserId>,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum ReadCaseError {
    /// The policies let the caller read nothing at all.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such case, or not for this caller.
    #[error("no such case")]
    NotFound,
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The case alone. An administrator's look at a restricted case that does not name them is recorded (break-glass).
///
/// # Errors
/// See [`ReadCaseError`].
pub async fn read_case(_service: &Service, _asking: &Asking, _reference: CaseRef) -> Result<Case, ReadCaseError> {
    todo!()
}

/// The case with its notes, transitions, findings and readers.
///
/// # Errors
/// See [`ReadCaseError`].
pub async fn read_case_history(
    _service: &Service,
    _asking: &Asking,
    _reference: CaseRef,
) -> Result<CaseHistory, ReadCaseError> {
    todo!()
}
