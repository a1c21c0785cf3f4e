//! Changes the status of a case.

use casemate_model::access::{self, Action as _, CaseFacts, Denied};
use casemate_model::case::{Case, CaseAction, CaseRef, CaseStatus, Resolution};
use casemate_model::text::Reason;

use super::step::{self, Step};
use super::{checked, four_eyes, object, version_now};
use crate::service::store_errors_are_faults;
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
    service: &Service,
    asking: &Asking,
    reference: CaseRef,
    request: ApplyAction,
) -> Result<Case, ApplyActionError> {
    let scope = service.scope(asking)?;
    let mut tx = service.store().begin(&scope).await?;
    let case = tx.case(&scope, reference).await?.ok_or(ApplyActionError::NotFound)?;
    let four_eyes = four_eyes(&mut tx, &scope).await?;
    let permit = service.permit(asking, access::ApplyAction(request.action), CaseFacts::of(&case, four_eyes))?;
    let not_possible = ApplyActionError::NotPossible { from: case.status, action: request.action };
    if case.status.after(request.action).is_none() {
        return Err(not_possible);
    }
    if request.version.is_some_and(|version| version != case.version) {
        return Err(ApplyActionError::Stale { now: case.version });
    }
    let now = service.now();
    let resolution = if matches!(request.action, CaseAction::ApproveClosure | CaseAction::Close) {
        let wanted = request.resolution.or(case.resolution).ok_or(ApplyActionError::ResolutionNeeded)?;
        let wanted = checked(&mut tx, &scope, &case, wanted, now).await?.map_err(ApplyActionError::BadResolution)?;
        // The approver agreed to close it for one reason, not for any.
        if request.action == CaseAction::Close && case.resolution.is_some_and(|approved| approved != wanted) {
            return Err(ApplyActionError::BadResolution(
                "another resolution was approved; have this one approved first",
            ));
        }
        Some(wanted)
    } else {
        case.resolution
    };
    let step = Step { action: request.action, four_eyes, by: asking.caller.user(), resolution, at: now };
    let next = step.from(&case).ok_or(not_possible)?;
    let details = step::details(&case, &next, &request.reason);
    if !step::take(&mut tx, &permit, (&case, &next), request.reason).await? {
        return Err(ApplyActionError::Stale { now: version_now(&mut tx, &scope, &case).await? });
    }
    tx.append_event(service.event(asking, permit.action().name(), object(reference), details)).await?;
    tx.commit().await?;
    Ok(next)
}

store_errors_are_faults!(ApplyActionError);
