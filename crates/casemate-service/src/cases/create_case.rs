//! Opens a case.

use casemate_model::access::Denied;
use casemate_model::case::{Case, CaseSeverity};
use casemate_model::id::ProjectId;
use casemate_model::text::{CaseDescription, CaseTitle, Tag};

use crate::{Asking, Fault, Service};

/// What a new case says.
#[derive(Clone, Debug)]
pub struct CreateCase {
    /// Title.
    pub title: CaseTitle,
    /// Description.
    pub description: Option<CaseDescription>,
    /// How bad. Anybody who may open a case says so once; changing it later takes more.
    pub severity: CaseSeverity,
    /// About which project.
    pub project: Option<ProjectId>,
    /// Labels, at most 20.
    pub tags: Vec<Tag>,
    /// When it should be done.
    pub due_on: Option<time::Date>,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum CreateCaseError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such project in this tenant.
    #[error("no such project")]
    UnknownProject,
    /// More labels than a case may have.
    #[error("a case has at most 20 tags")]
    TooManyTags,
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Opens it under the next reference of the tenant.
///
/// # Errors
/// See [`CreateCaseError`].
pub async fn create_case(_service: &Service, _asking: &Asking, _request: CreateCase) -> Result<Case, CreateCaseError> {
    todo!()
}
