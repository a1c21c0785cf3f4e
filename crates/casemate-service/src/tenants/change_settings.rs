//! An administrator changes the settings of their tenant.

use casemate_model::access::{ChangeSettings, Denied, TenantFacts};
use casemate_model::tenant::Tenant;
use serde_json::Map;

use crate::service::store_errors_are_faults;
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

store_errors_are_faults!(ChangeSettingsError);

/// Changes them.
///
/// # Errors
/// See [`ChangeSettingsError`].
pub async fn change_settings(
    service: &Service,
    asking: &Asking,
    settings: ChangeTenantSettings,
) -> Result<Tenant, ChangeSettingsError> {
    let permit = service.permit(asking, ChangeSettings, TenantFacts { id: asking.caller.tenant() })?;
    let mut tx = service.store().begin(&permit).await?;
    let Some(tenant) = tx.tenant(&permit).await? else { return Err(Fault::new("the caller's tenant is gone").into()) };
    if tenant.four_eyes == settings.four_eyes {
        return Ok(tenant);
    }
    tx.set_four_eyes(&permit, settings.four_eyes).await?;
    let details = Map::from_iter([("four_eyes".to_owned(), settings.four_eyes.into())]);
    tx.append_event(service.event(asking, "settings_change", format!("tenant:{}", tenant.id), details)).await?;
    tx.commit().await?;
    Ok(Tenant { four_eyes: settings.four_eyes, ..tenant })
}
