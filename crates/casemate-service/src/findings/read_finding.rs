//! Reads one finding.

use casemate_model::access::{DecideFinding, Denied, FindingFacts};
use casemate_model::finding::Finding;
use casemate_model::id::FindingId;

use crate::cases::read_case::record_break_glass;
use crate::service::store_errors_are_faults;
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
    service: &Service,
    asking: &Asking,
    finding: FindingId,
) -> Result<(Finding, bool), ReadFindingError> {
    let scope = service.scope(asking)?;
    let mut tx = service.store().begin_reading(&scope).await?;
    let finding = tx.finding(&scope, finding).await?.ok_or(ReadFindingError::NotFound)?;
    let case = match finding.case {
        Some(reference) => tx.case(&scope, reference).await?,
        None => None,
    };
    let readers = match &case {
        Some(case) if case.restricted => tx.readers(&scope, case.id).await?,
        _ => Vec::new(),
    };
    drop(tx);
    if let Some(case) = &case {
        record_break_glass(service, asking, &scope, case, &readers).await?;
    }
    let may_decide = service.access().may(&asking.caller, &DecideFinding, &facts(&finding));
    Ok((finding, may_decide))
}

/// What the policies ask about a finding.
pub(super) fn facts(finding: &Finding) -> FindingFacts {
    FindingFacts { id: finding.id, tenant: finding.tenant, assignee: finding.case_assignee }
}

store_errors_are_faults!(ReadFindingError);
