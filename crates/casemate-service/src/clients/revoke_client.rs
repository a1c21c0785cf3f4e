//! An administrator revokes an API client.

use casemate_model::access::{Denied, ManageClients, TenantFacts};
use casemate_model::id::ClientId;
use serde_json::Map;

use crate::service::store_errors_are_faults;
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

store_errors_are_faults!(RevokeClientError);

/// Revokes it; tokens it holds are refused from now on.
///
/// # Errors
/// See [`RevokeClientError`].
pub async fn revoke_client(service: &Service, asking: &Asking, client: ClientId) -> Result<(), RevokeClientError> {
    let permit = service.permit(asking, ManageClients, TenantFacts { id: asking.caller.tenant() })?;
    let mut tx = service.store().begin(&permit).await?;
    if !tx.revoke_client(&permit, client, service.now()).await? {
        return Err(RevokeClientError::NotFound);
    }
    tx.append_event(service.event(asking, "client_revoke", format!("client:{client}"), Map::new())).await?;
    tx.commit().await?;
    // Here at once; other processes look again within a second.
    service.clients().forget(client);
    tracing::info!(
        target: "security",
        event = "authn_token_revoked",
        request_id = %asking.origin.request_id,
        actor = %asking.caller.actor(),
        tenant = %asking.caller.tenant(),
        object = %format_args!("client:{client}"),
        outcome = "success",
    );
    Ok(())
}
