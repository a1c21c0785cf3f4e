//! A person decides about a finding.

use casemate_model::access::{Action as _, DecideFinding, Denied};
use casemate_model::finding::{Decision, DecisionKind, Finding};
use casemate_model::id::FindingId;
use casemate_model::text::Reason;

use serde_json::Map;

use super::read_finding::facts;
use crate::cases::digest;
use crate::service::store_errors_are_faults;
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
    service: &Service,
    asking: &Asking,
    finding: FindingId,
    version: Option<i64>,
    kind: DecisionKind,
    reason: Reason,
) -> Result<Finding, DecideFindingError> {
    let scope = service.scope(asking)?;
    let mut tx = service.store().begin(&scope).await?;
    let known = tx.finding(&scope, finding).await?.ok_or(DecideFindingError::NotFound)?;
    let permit = service.permit(asking, DecideFinding, facts(&known))?;
    if version.is_some_and(|version| version != known.version) {
        return Err(DecideFindingError::Stale { now: known.version });
    }
    let decision = Decision { kind, reason, by: permit.actor(), at: service.now() };
    if !tx.set_decision(&permit, known.version, &decision).await? {
        let now = tx.finding(&scope, finding).await?.map_or(known.version, |now| now.version);
        return Err(DecideFindingError::Stale { now });
    }
    let mut details = Map::new();
    details.insert("decision".to_owned(), kind.as_str().into());
    details.insert("reason_sha256".to_owned(), digest(decision.reason.as_str()).into());
    if let Some(case) = known.case {
        details.insert("case".to_owned(), case.to_string().into());
    }
    tx.append_event(service.event(asking, permit.action().name(), format!("finding:{finding}"), details)).await?;
    tx.commit().await?;
    Ok(Finding { decision: Some(decision), version: known.version + 1, ..known })
}

store_errors_are_faults!(DecideFindingError);
