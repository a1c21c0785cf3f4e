//! A person of several tenants goes over to another.

use casemate_model::access::Actor;
use casemate_model::audit::Chain;
use casemate_model::id::{SessionId, TenantId, UserId};
use casemate_model::member::Role;
use casemate_model::session::Session;
use casemate_model::tenant::Tenant;

use super::secret_token::{hash_of, new_token};
use crate::service::store_errors_are_faults;
use crate::sessions::sign_in::SignedIn;
use crate::{Asking, Fault, Service};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum SwitchTenantError {
    /// Not a member there, or no such tenant.
    #[error("no such tenant")]
    NotFound,
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

store_errors_are_faults!(SwitchTenantError);

/// Moves the session, under a new secret.
///
/// # Errors
/// See [`SwitchTenantError`].
pub async fn switch_tenant(
    service: &Service,
    asking: &Asking,
    session: SessionId,
    to: TenantId,
) -> Result<SignedIn, SwitchTenantError> {
    let Some(user) = asking.caller.user() else { return Err(SwitchTenantError::NotFound) };
    let scope = service.own_scope(to)?;
    let mut tx = service.store().begin(&scope).await?;
    if tx.member(&scope, user).await?.is_none() {
        return Err(SwitchTenantError::NotFound);
    }
    let Some(known) = tx.session(user, session).await? else { return Err(SwitchTenantError::NotFound) };
    let token = new_token("")?;
    let known = Session { tenant: to, seen_at: service.now(), ..known };
    tx.rotate_session(&known, &hash_of(&token)).await?;
    let object = format!("session:{session}");
    let chain = Chain::Tenant(to);
    let event = service.event_by(Actor::Member(user), chain, Some(&asking.origin), "session_switch_tenant", object);
    tx.append_event(event).await?;
    tx.commit().await?;
    Ok(SignedIn { token, session: known })
}

/// The tenants a person is a member of, by name.
///
/// # Errors
/// When the store fails.
pub async fn memberships(service: &Service, user: UserId) -> Result<Vec<(Tenant, Role)>, Fault> {
    let mut tx = service.store().begin_reading_instance().await?;
    tx.see_memberships_of(user).await?;
    Ok(tx.memberships_of(user).await?)
}
