//! Lists findings, filtered and in pages.

use casemate_model::access::Denied;
use casemate_model::case::CaseSeverity;
use casemate_model::finding::{Finding, FindingState};
use casemate_model::id::ProjectId;
use casemate_model::page::{Page, PageSize};
use casemate_model::text::SearchText;

use casemate_store::FindingFilter;

use crate::service::store_errors_are_faults;
use crate::{Asking, Fault, Service};

/// Which findings. Every filter that is set must fit.
#[derive(Clone, Debug, Default)]
pub struct ListFindings {
    /// In which project.
    pub project: Option<ProjectId>,
    /// Any of these; all when empty.
    pub severities: Vec<CaseSeverity>,
    /// There or gone.
    pub state: Option<FindingState>,
    /// Of this rule (id or name).
    pub rule: Option<SearchText>,
    /// Message or path contains this.
    pub text: Option<SearchText>,
    /// Only findings with a smaller serial than this: the `next` of the page before.
    pub before: Option<i64>,
    /// How many.
    pub size: PageSize,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum ListFindingsError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The latest first. A finding whose case is restricted is seen by those who see the case.
///
/// # Errors
/// See [`ListFindingsError`].
pub async fn list_findings(
    service: &Service,
    asking: &Asking,
    request: ListFindings,
) -> Result<Page<Finding>, ListFindingsError> {
    let scope = service.scope(asking)?;
    let filter = FindingFilter {
        project: request.project,
        severities: request.severities,
        state: request.state,
        rule: request.rule.map(String::from),
        text: request.text.map(String::from),
    };
    let mut tx = service.store().begin_reading(&scope).await?;
    Ok(tx.findings(&scope, &filter, request.before, request.size).await?)
}

store_errors_are_faults!(ListFindingsError);
