//! An operator makes a tenant.

use casemate_model::access::Actor;
use casemate_model::audit::Chain;
use casemate_model::id::TenantId;
use casemate_model::member::Role;
use casemate_model::tenant::Tenant;
use casemate_model::text::{Email, TenantName};
use casemate_store::StoreError;

use crate::members::invite_member::invitation;
use crate::service::store_errors_are_faults;
use crate::sessions::secret_token::hash_of;
use crate::{Fault, SecretText, Service};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum CreateTenantError {
    /// Names are unique on the instance.
    #[error("a tenant named `{0}` exists")]
    NameTaken(TenantName),
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

store_errors_are_faults!(CreateTenantError);

/// Makes it, and an invitation for its first administrator. For the operator's command alone.
///
/// # Errors
/// See [`CreateTenantError`].
pub async fn create_tenant(
    service: &Service,
    name: TenantName,
    admin: Email,
) -> Result<(Tenant, SecretText), CreateTenantError> {
    let tenant = Tenant { id: TenantId::fresh(), name, four_eyes: true, created_at: service.now() };
    let (link, token) = invitation(service, tenant.id, admin, Role::Admin)?;
    let scope = service.own_scope(tenant.id)?;
    let mut tx = service.store().begin(&scope).await?;
    match tx.insert_tenant(&scope, &tenant).await {
        Ok(()) => {}
        Err(StoreError::Conflict) => return Err(CreateTenantError::NameTaken(tenant.name)),
        Err(error) => return Err(error.into()),
    }
    tx.insert_link(&link, &hash_of(&token)).await?;
    let object = format!("tenant:{}", tenant.id);
    tx.append_event(service.event_by(Actor::System, Chain::Tenant(tenant.id), None, "tenant_create", object)).await?;
    tx.commit().await?;
    Ok((tenant, token))
}
