//! A person of several tenants goes over to another.

use casemate_model::id::{SessionId, TenantId, UserId};
use casemate_model::member::Role;
use casemate_model::tenant::Tenant;

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

/// Moves the session, under a new secret.
///
/// # Errors
/// See [`SwitchTenantError`].
pub async fn switch_tenant(
    _service: &Service,
    _asking: &Asking,
    _session: SessionId,
    _to: TenantId,
) -> Result<SignedIn, SwitchTenantError> {
    todo!()
}

/// The tenants a person is a member of, by name.
///
/// # Errors
/// When the store fails.
pub async fn memberships(_service: &Service, _user: UserId) -> Result<Vec<(Tenant, Role)>, Fault> {
    todo!()
}
