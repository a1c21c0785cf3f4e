//! Reads the audit trail of a tenant.

use casemate_model::access::{Denied, ReadAudit, TenantFacts};
use casemate_model::audit::Event;
use casemate_model::case::CaseRef;
use casemate_model::page::{Page, PageSize};

use crate::service::store_errors_are_faults;
use crate::{Asking, Fault, Service};

/// Which events.
#[derive(Clone, Debug, Default)]
pub struct ReadTrail {
    /// About this case only.
    pub case: Option<CaseRef>,
    /// Only events with a smaller number than this: the `next` of the page before.
    pub before: Option<i64>,
    /// How many.
    pub size: PageSize,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum ReadTrailError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

store_errors_are_faults!(ReadTrailError);

/// The latest first.
///
/// # Errors
/// See [`ReadTrailError`].
pub async fn read_trail(service: &Service, asking: &Asking, request: ReadTrail) -> Result<Page<Event>, ReadTrailError> {
    let permit = service.permit(asking, ReadAudit, TenantFacts { id: asking.caller.tenant() })?;
    let object = request.case.map(|case| format!("case:{case}"));
    let mut tx = service.store().begin_reading(&permit).await?;
    Ok(tx.events(&permit, object.as_deref(), request.before, request.size).await?)
}
