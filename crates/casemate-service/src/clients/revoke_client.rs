//! An administrator revokes an API client.

use casemate_model::access::Denied;
use casemate_model::id::ClientId;

use crate::{Asking, Fault, Service};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum RevokeClientError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such client.
    #[error("no such client")]
    NotFound,
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Revokes it; tokens it holds are refused from now on.
///
/// # Errors
/// See [`RevokeClientError`].
pub async fn revoke_client(_service: &Service, _asking: &Asking, _client: ClientId) -> Result<(), RevokeClientError> {
    todo!()
}
