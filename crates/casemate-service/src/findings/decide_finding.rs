//! A person decides about a finding.

use casemate_model::access::Denied;
use casemate_model::finding::{DecisionKind, Finding};
use casemate_model::id::FindingId;
use casemate_model::text::Reason;

use crate::{Asking, Fault, Service};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum DecideFindingError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such finding, or not for this caller.
    #[error("no such finding")]
    NotFound,
    /// Somebody else changed it since.
    #[error("the finding was changed by somebody else since you read it")]
    Stale {
        /// The version now.
        now: i64,
    },
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Keeps the decision; no import overwrites it.
///
/// # Errors
/// See [`DecideFindingError`].
pub async fn decide_finding(
    _service: &Service,
    _asking: &Asking,
    _finding: FindingId,
    _version: Option<i64>,
    _kind: DecisionKind,
    _reason: Reason,
) -> Result<Finding, DecideFindingError> {
    todo!()
}
