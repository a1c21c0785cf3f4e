//! An administrator changes the settings of their tenant.

use casemate_model::access::Denied;
use casemate_model::tenant::Tenant;

use crate::{Asking, Fault, Service};

/// What can be changed.
#[derive(Clone, Copy, Debug)]
pub struct ChangeTenantSettings {
    /// Nobody approves a case they opened or are assigned to, and the closer is not the approver.
    pub four_eyes: bool,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum ChangeSettingsError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Changes them.
///
/// # Errors
/// See [`ChangeSettingsError`].
pub async fn change_settings(
    _service: &Service,
    _asking: &Asking,
    _settings: ChangeTenantSettings,
) -> Result<Tenant, ChangeSettingsError> {
    todo!()
}
