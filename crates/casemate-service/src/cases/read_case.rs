//! Reads one case with its history.

use casemate_model::access::{Denied, Scope};
use casemate_model::case::{Case, CaseRef, Transition};
use casemate_model::finding::Finding;
use casemate_model::id::UserId;
use casemate_model::note::Note;
use casemate_model::project::Project;

use casemate_store::StoreError;
use serde_json::Map;

use super::object;
use crate::service::store_errors_are_faults;
use crate::{Asking, Fault, Service};

/// A case and all that belongs to it.
#[derive(Clone, Debug)]
pub struct CaseHistory {
    /// The case.
    pub case: Case,
    /// Its project.
    pub project: Option<Project>,
    /// Its notes, the oldest first.
    pub notes: Vec<Note>,
    /// Its changes of status, the oldest first.
    pub transitions: Vec<Transition>,
    /// The findings it was opened from.
    pub findings: Vec<Finding>,
    /// Who may read it, when it is restricted.
    pub readers: Vec<UserId>,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum ReadCaseError {
    /// The policies let the caller read nothing at all.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such case, or not for this caller.
    #[error("no such case")]
    NotFound,
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// The case alone. An administrator's look at a restricted case that does not name them is recorded (break-glass).
///
/// # Errors
/// See [`ReadCaseError`].
pub async fn read_case(service: &Service, asking: &Asking, reference: CaseRef) -> Result<Case, ReadCaseError> {
    let scope = service.scope(asking)?;
    let mut tx = service.store().begin_reading(&scope).await?;
    let case = tx.case(&scope, reference).await?.ok_or(ReadCaseError::NotFound)?;
    let readers = if case.restricted { tx.readers(&scope, case.id).await? } else { Vec::new() };
    drop(tx);
    record_break_glass(service, asking, &scope, &case, &readers).await?;
    Ok(case)
}

/// The case with its notes, transitions, findings and readers.
///
/// # Errors
/// See [`ReadCaseError`].
pub async fn read_case_history(
    service: &Service,
    asking: &Asking,
    reference: CaseRef,
) -> Result<CaseHistory, ReadCaseError> {
    let scope = service.scope(asking)?;
    let mut tx = service.store().begin_reading(&scope).await?;
    let case = tx.case(&scope, reference).await?.ok_or(ReadCaseError::NotFound)?;
    let project = match case.project {
        Some(project) => tx.project(&scope, project).await?,
        None => None,
    };
    let notes = tx.notes(&scope, case.id).await?;
    let transitions = tx.transitions(&scope, case.id).await?;
    let findings = tx.findings_of_case(&scope, case.id).await?;
    let readers = if case.restricted { tx.readers(&scope, case.id).await? } else { Vec::new() };
    drop(tx);
    record_break_glass(service, asking, &scope, &case, &readers).await?;
    Ok(CaseHistory { case, project, notes, transitions, findings, readers })
}

/// Who sees a restricted case without being named leaves a trace, before they see it.
pub(crate) async fn record_break_glass(
    service: &Service,
    asking: &Asking,
    scope: &Scope,
    case: &Case,
    readers: &[UserId],
) -> Result<(), StoreError> {
    let Some(user) = asking.caller.user() else { return Ok(()) };
    if !case.restricted || readers.contains(&user) {
        return Ok(());
    }
    tracing::warn!(
        target: "security",
        event = "authz_admin",
        request_id = %asking.origin.request_id,
        actor = %asking.caller.actor(),
        tenant = %case.tenant,
        object = %object(case.reference),
        action = "case_break_glass",
        outcome = "success",
    );
    let mut tx = service.store().begin(scope).await?;
    tx.append_event(service.event(asking, "case_break_glass", object(case.reference), Map::new())).await?;
    tx.commit().await
}

store_errors_are_faults!(ReadCaseError);
