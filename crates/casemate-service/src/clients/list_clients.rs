//! Lists the API clients of a tenant.

use casemate_model::access::Denied;
use casemate_model::client::Client;

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

/// All clients, the latest first, revoked ones included.
///
/// # Errors
/// See [`ListClientsError`].
pub async fn list_clients(_service: &Service, _asking: &Asking) -> Result<Vec<Client>, ListClientsError> {
    todo!()
}
