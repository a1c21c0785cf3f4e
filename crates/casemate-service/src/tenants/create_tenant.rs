//! An operator makes a tenant.

use casemate_model::tenant::Tenant;
use casemate_model::text::{Email, TenantName};

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

/// Makes it, and an invitation for its first administrator. For the operator's command alone.
///
/// # Errors
/// See [`CreateTenantError`].
pub async fn create_tenant(
    _service: &Service,
    _name: TenantName,
    _admin: Email,
) -> Result<(Tenant, SecretText), CreateTenantError> {
    todo!()
}
