//! Lists the projects of a tenant; submitting a scan makes them.

use casemate_model::access::Denied;
use casemate_model::project::Project;

use crate::{Asking, Fault, Service};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum ListProjectsError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// All projects by name.
///
/// # Errors
/// See [`ListProjectsError`].
pub async fn list_projects(_service: &Service, _asking: &Asking) -> Result<Vec<Project>, ListProjectsError> {
    todo!()
}
