//! Reads the audit trail of a tenant.

use casemate_model::access::Denied;
use casemate_model::audit::Event;
use casemate_model::case::CaseRef;
use casemate_model::page::{Page, PageSize};

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

/// The latest first.
///
/// # Errors
/// See [`ReadTrailError`].
pub async fn read_trail(
    _service: &Service,
    _asking: &Asking,
    _request: ReadTrail,
) -> Result<Page<Event>, ReadTrailError> {
    todo!()
}
