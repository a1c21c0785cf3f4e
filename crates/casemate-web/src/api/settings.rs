//! `/settings`: what a tenant decided for itself.

use axum::extract::State;
use casemate_model::access::Denied;
use casemate_model::tenant::Tenant;
use casemate_service::Service;
use casemate_service::cases::offered_actions::offered_in_tenant;
use casemate_service::tenants::change_settings;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::Signed;
use super::input::{Json, NoQuery};
use crate::failure::Failure;
use crate::session::MaybeVisitor;

/// The tenant and its settings.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingsBody {
    /// Id of the tenant.
    #[schema(format = "uuid")]
    tenant: String,
    /// Its name.
    #[schema(example = "Acme")]
    name: String,
    /// Nobody approves a case they opened or are assigned to, and the closer is not the approver.
    four_eyes: bool,
}

impl From<Tenant> for SettingsBody {
    fn from(tenant: Tenant) -> Self {
        Self { tenant: tenant.id.to_string(), name: tenant.name.into(), four_eyes: tenant.four_eyes }
    }
}

/// Read the settings
#[utoipa::path(get, path = "/api/v1/settings", tag = "tenant", responses((status = 200, body = SettingsBody)))]
pub(crate) async fn read_settings(
    State(service): State<Service>,
    Signed(asking): Signed,
    MaybeVisitor(visitor): MaybeVisitor,
    _: NoQuery,
) -> Result<axum::Json<SettingsBody>, Failure> {
    match visitor {
        Some(visitor) if offered_in_tenant(&service, &asking).may_change_settings => {
            Ok(axum::Json(visitor.tenant.into()))
        }
        _ => Err(Denied::NotAllowed.into()),
    }
}

/// What to change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeSettingsBody {
    /// Nobody approves a case they opened or are assigned to, and the closer is not the approver.
    four_eyes: bool,
}

/// Change the settings
#[utoipa::path(
    patch, path = "/api/v1/settings", tag = "tenant", request_body = ChangeSettingsBody,
    responses((status = 200, body = SettingsBody))
)]
pub(crate) async fn change_settings(
    State(service): State<Service>,
    Signed(asking): Signed,
    _: NoQuery,
    Json(body): Json<ChangeSettingsBody>,
) -> Result<axum::Json<SettingsBody>, Failure> {
    let settings = change_settings::ChangeTenantSettings { four_eyes: body.four_eyes };
    let tenant = change_settings::change_settings(&service, &asking, settings).await?;
    Ok(axum::Json(tenant.into()))
}
