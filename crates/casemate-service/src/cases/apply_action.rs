//! Changes the status of a case.

use casemate_model::access::Denied;
use casemate_model::case::{Case, CaseAction, CaseRef, CaseStatus, Resolution};
use casemate_model::text::Reason;

use crate::{Asking, Fault, Service};

/// What to do, and why.
#[derive(Clone, Debug)]
pub struct ApplyAction {
    /// What.
    pub action: CaseAction,
    /// Why.
    pub reason: Reason,
    /// With `approve_closure` or `close`: why it is closed. Needed by then, here or set before.
    pub resolution: Option<Resolution>,
    /// The version the caller saw, if they want to be sure.
    pub version: Option<i64>,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum ApplyActionError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such case, or not for this caller.
    #[error("no such case")]
    NotFound,
    /// The state table has no such step.
    #[error("a case that is {} cannot {}", from.label(), action.label().to_lowercase())]
    NotPossible {
        /// Where it stands.
        from: CaseStatus,
        /// What was asked.
        action: CaseAction,
    },
    /// Somebody else changed it since.
    #[error("the case was changed by somebody else since you read it")]
    Stale {
        /// The version now.
        now: i64,
    },
    /// Approving and closing need a resolution.
    #[error("say why it is closed: fixed, false_positive, accepted_risk, duplicate or not_applicable")]
    ResolutionNeeded,
    /// An accepted risk ends in the future, at most a year from now; a duplicate is of another case that exists.
    #[error("{0}")]
    BadResolution(&'static str),
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Does it: policy first, then the state table.
///
/// # Errors
/// See [`ApplyActionError`].
pub async fn apply_action(
    _service: &Service,
    _asking: &Asking,
    _reference: CaseRef,
    _request: ApplyAction,
) -> Result<Case, ApplyActionError> {
    todo!()
}
