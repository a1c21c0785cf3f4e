//! Lists the API clients of a tenant.

use casemate_model::access::{Denied, ManageClients, TenantFacts};
use casemate_model::client::Client;

use crate::service::store_errors_are_faults;
use crate::{Asking, Fault, Service};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum ListClientsError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

store_errors_are_faults!(ListClientsError);

/// All clients, the latest first, revoked ones included.
///
/// # Errors
/// See [`ListClientsError`].
pub async fn list_clients(service: &Service, asking: &Asking) -> Result<Vec<Client>, ListClientsError> {
    let permit = service.permit(asking, ManageClients, TenantFacts { id: asking.caller.tenant() })?;
    let scope = service.scope(asking)?;
    Ok(service.store().begin_reading(&scope).await?.clients(&permit).await?)
}
