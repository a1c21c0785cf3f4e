//! Lists the projects of a tenant; submitting a scan makes them.

use casemate_model::access::Denied;
use casemate_model::project::Project;

use crate::service::store_errors_are_faults;
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
pub async fn list_projects(service: &Service, asking: &Asking) -> Result<Vec<Project>, ListProjectsError> {
    let scope = service.scope(asking)?;
    let mut tx = service.store().begin_reading(&scope).await?;
    Ok(tx.projects(&scope).await?)
}

store_errors_are_faults!(ListProjectsError);
