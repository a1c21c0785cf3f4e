//! Reads one finding.

use casemate_model::access::Denied;
use casemate_model::finding::Finding;
use casemate_model::id::FindingId;

use crate::{Asking, Fault, Service};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum ReadFindingError {
    /// The policies let the caller read nothing at all.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such finding, or not for this caller.
    #[error("no such finding")]
    NotFound,
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The finding, and whether the caller may decide about it.
///
/// # Errors
/// See [`ReadFindingError`].
pub async fn read_finding(
    _service: &Service,
    _asking: &Asking,
    _finding: FindingId,
) -> Result<(Finding, bool), ReadFindingError> {
    todo!()
}
