//! Takes in a SARIF 2.1.0 report: findings are matched with the known ones, and cases follow.

use casemate_model::access::Denied;
use casemate_model::scan::Scan;
use casemate_model::text::{BadText, ProjectName};

use crate::{Asking, Fault, Service};

/// A report and what it is about.
#[derive(Clone, Debug)]
pub struct SubmitScan {
    /// The project; made if there is none of this name.
    pub project: ProjectName,
    /// The branch, if known.
    pub branch: Option<String>,
    /// The commit, if known.
    pub commit: Option<String>,
    /// The report, as sent.
    pub report: Vec<u8>,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum SubmitScanError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Not a SARIF 2.1.0 report; says where it stops being one.
    #[error("not a SARIF 2.1.0 report: {0}")]
    NotSarif(String),
    /// More than we take.
    #[error("the report has more than {most} results")]
    TooManyResults {
        /// Most results a report may have.
        most: usize,
    },
    /// Branch or commit.
    #[error("branch or commit {0}")]
    BadText(#[from] BadText),
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Takes it in, all or nothing; one scan for each run in the report. The same report again changes nothing.
///
/// # Errors
/// See [`SubmitScanError`].
pub async fn submit_scan(
    _service: &Service,
    _asking: &Asking,
    _request: SubmitScan,
) -> Result<Vec<Scan>, SubmitScanError> {
    todo!()
}

/// The latest scans of the tenant, the newest first, for whoever may read.
///
/// # Errors
/// See [`super::list_findings::ListFindingsError`].
pub async fn list_scans(
    _service: &Service,
    _asking: &Asking,
    _most: casemate_model::page::PageSize,
) -> Result<Vec<Scan>, super::list_findings::ListFindingsError> {
    todo!()
}
