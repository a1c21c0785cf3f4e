//! Lists cases, filtered and in pages.

use casemate_model::access::Denied;
use casemate_model::case::{Case, CaseSeverity, CaseStatus};
use casemate_model::id::{ProjectId, UserId};
use casemate_model::page::{Page, PageSize};
use casemate_model::text::SearchText;

use casemate_store::CaseFilter;

use crate::service::store_errors_are_faults;
use crate::{Asking, Fault, Service};

/// Which cases. Every filter that is set must fit.
#[derive(Clone, Debug, Default)]
pub struct ListCases {
    /// Any of these; all when empty.
    pub statuses: Vec<CaseStatus>,
    /// Any of these; all when empty.
    pub severities: Vec<CaseSeverity>,
    /// Whose.
    pub assignee: Option<AssigneeFilter>,
    /// About which project.
    pub project: Option<ProjectId>,
    /// Opened from a finding of this rule (id or name).
    pub rule: Option<SearchText>,
    /// Title, description or reference contains this, whatever its case.
    pub text: Option<SearchText>,
    /// Only cases with a smaller number than this: the `next` of the page before.
    pub before: Option<i64>,
    /// How many.
    pub size: PageSize,
}

/// Whose cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssigneeFilter {
    /// Nobody's.
    Nobody,
    /// This member's.
    Member(UserId),
}

/// How many cases the tenant has in each status, as far as the caller may see them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseCounts {
    /// Status and number; statuses without cases are left out.
    pub by_status: Vec<(CaseStatus, i64)>,
    /// Severity and number, of cases that are not closed.
    pub open_by_severity: Vec<(CaseSeverity, i64)>,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum ListCasesError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The latest cases first.
///
/// # Errors
/// See [`ListCasesError`].
pub async fn list_cases(service: &Service, asking: &Asking, request: ListCases) -> Result<Page<Case>, ListCasesError> {
    let scope = service.scope(asking)?;
    let filter = CaseFilter {
        statuses: request.statuses,
        severities: request.severities,
        assignee: request.assignee.map(|whose| match whose {
            AssigneeFilter::Nobody => None,
            AssigneeFilter::Member(user) => Some(user),
        }),
        project: request.project,
        rule: request.rule.map(String::from),
        text: request.text.map(String::from),
    };
    let mut tx = service.store().begin_reading(&scope).await?;
    Ok(tx.cases(&scope, &filter, request.before, request.size).await?)
}

/// The numbers above the list.
///
/// # Errors
/// See [`ListCasesError`].
pub async fn count_cases(service: &Service, asking: &Asking) -> Result<CaseCounts, ListCasesError> {
    let scope = service.scope(asking)?;
    let mut tx = service.store().begin_reading(&scope).await?;
    let counts = tx.case_counts(&scope).await?;
    let sum = |fits: &dyn Fn(CaseStatus, CaseSeverity) -> bool| {
        counts.iter().filter(|(status, severity, _)| fits(*status, *severity)).map(|(_, _, count)| count).sum::<i64>()
    };
    let statuses = CaseStatus::ALL.iter().map(|&one| (one, sum(&|status, _| status == one)));
    let severities =
        CaseSeverity::ALL.iter().map(|&one| (one, sum(&|status, severity| severity == one && !status.is_closed())));
    Ok(CaseCounts {
        by_status: statuses.filter(|(_, count)| *count > 0).collect(),
        open_by_severity: severities.filter(|(_, count)| *count > 0).collect(),
    })
}

store_errors_are_faults!(ListCasesError);
