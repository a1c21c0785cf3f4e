//! One step of a case along the state table, as everything that moves a case takes it.

use casemate_model::Timestamp;
use casemate_model::access::{ApplyAction, Permit};
use casemate_model::case::{Case, CaseAction, CaseStatus, Resolution, Transition};
use casemate_model::id::{TransitionId, UserId};
use casemate_model::text::Reason;
use casemate_store::{StoreError, Tx};
use serde_json::{Map, Value, json};

use super::digest;
use crate::Fault;

/// What comes with a step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// What is done.
    pub(crate) action: CaseAction,
    /// Whether the tenant wants two pairs of eyes.
    pub(crate) four_eyes: bool,
    /// Who does it, if it is a person.
    pub(crate) by: Option<UserId>,
    /// Why it is, or is to be, closed.
    pub(crate) resolution: Option<Resolution>,
    /// When.
    pub(crate) at: Timestamp,
}

impl Step {
    /// The case afterwards; `None` when the state table has no such step.
    pub(crate) fn from(self, case: &Case) -> Option<Case> {
        let to = case.status.after(self.action)?;
        let mut next = Case { status: to, version: case.version + 1, updated_at: self.at, ..case.clone() };
        match self.action {
            CaseAction::ApproveClosure => {
                next.approved_by = self.by;
                next.resolution = self.resolution;
            }
            CaseAction::Close => next.resolution = self.resolution,
            CaseAction::CloseGone => next.resolution = Some(Resolution::Fixed),
            CaseAction::Reopen => next.resolution = None,
            _ => {}
        }
        next.closed_without_four_eyes = to.is_closed() && !self.four_eyes;
        if !matches!(to, CaseStatus::ApprovedForClosure | CaseStatus::Closed) {
            next.approved_by = None;
        }
        Some(next)
    }
}

/// Writes the case and its transition; `false` when somebody else changed the case meanwhile.
pub(crate) async fn take(
    tx: &mut Tx,
    permit: &Permit<ApplyAction>,
    (before, after): (&Case, &Case),
    reason: Reason,
) -> Result<bool, StoreError> {
    if !tx.update_case(permit, after).await? {
        return Ok(false);
    }
    let transition = Transition {
        id: TransitionId::fresh(),
        case: after.id,
        action: permit.action().0,
        from: before.status,
        to: after.status,
        reason,
        actor: permit.actor(),
        at: after.updated_at,
    };
    tx.insert_transition(permit, &transition).await?;
    Ok(true)
}

/// What the audit trail keeps of a step.
pub(crate) fn details(before: &Case, after: &Case, reason: &Reason) -> Map<String, Value> {
    let mut details = Map::new();
    details.insert("from".to_owned(), before.status.as_str().into());
    details.insert("to".to_owned(), after.status.as_str().into());
    details.insert("reason_sha256".to_owned(), digest(reason.as_str()).into());
    if let Some(resolution) = after.resolution {
        details.insert("resolution".to_owned(), resolution.kind().as_str().into());
    }
    if after.status.is_closed() {
        details.insert("four_eyes".to_owned(), json!(!after.closed_without_four_eyes));
    }
    details
}

/// Casemate's own words for why it moved a case.
pub(crate) fn own_reason(words: &str) -> Result<Reason, Fault> {
    Reason::parse(words).map_err(|error| Fault::new(format!("a reason of our own: {error}")))
}
