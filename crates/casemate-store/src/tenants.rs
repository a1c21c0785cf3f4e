//! Tenants.

use casemate_model::Timestamp;
use casemate_model::access::{ChangeSettings, Permit, Walls};
use casemate_model::id::TenantId;
use casemate_model::tenant::Tenant;
use casemate_model::text::TenantName;
use uuid::Uuid;

use crate::engine::{StoreError, Tx, on};

#[derive(sqlx::FromRow)]
pub(crate) struct TenantRow {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) four_eyes: bool,
    pub(crate) created_at: Timestamp,
}

impl TryFrom<TenantRow> for Tenant {
    type Error = StoreError;

    fn try_from(row: TenantRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: TenantId(row.id),
            name: TenantName::parse(&row.name).map_err(|error| StoreError::row("tenant name", &error))?,
            four_eyes: row.four_eyes,
            created_at: row.created_at,
        })
    }
}

impl Tx {
    /// The tenant within whose walls this is.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tenant(&mut self, walls: &impl Walls) -> Result<Option<Tenant>, StoreError> {
        let row: Option<TenantRow> = on!(self, |c| {
            sqlx::query_as("SELECT id, name, four_eyes, created_at FROM tenants WHERE id = $1")
                .bind(walls.tenant().0)
                .fetch_optional(c)
                .await
        })?;
        row.map(Tenant::try_from).transpose()
    }

    /// All tenants of the instance, by name, for chores and the operator.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tenants(&mut self) -> Result<Vec<Tenant>, StoreError> {
        let rows: Vec<TenantRow> = on!(self, |c| {
            sqlx::query_as("SELECT id, name, four_eyes, created_at FROM tenants ORDER BY name").fetch_all(c).await
        })?;
        rows.into_iter().map(Tenant::try_from).collect()
    }

    /// Whether there is a tenant at all: the instance is set up.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn is_set_up(&mut self) -> Result<bool, StoreError> {
        let one: Option<i64> =
            on!(self, |c| sqlx::query_scalar("SELECT CAST(1 AS BIGINT) FROM tenants LIMIT 1").fetch_optional(c).await)?;
        Ok(one.is_some())
    }

    /// Makes a tenant, within its own walls.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the name is taken.
    pub async fn insert_tenant(&mut self, walls: &impl Walls, tenant: &Tenant) -> Result<(), StoreError> {
        if walls.tenant() != tenant.id {
            return Err(StoreError::Broken("a tenant is made within its own walls".to_owned()));
        }
        on!(self, |c| {
            sqlx::query("INSERT INTO tenants (id, name, four_eyes, created_at) VALUES ($1, $2, $3, $4)")
                .bind(tenant.id.0)
                .bind(tenant.name.as_str())
                .bind(tenant.four_eyes)
                .bind(tenant.created_at)
                .execute(c)
                .await
                .map(drop)
        })?;
        Ok(())
    }

    /// Changes the settings of a tenant.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set_four_eyes(&mut self, permit: &Permit<ChangeSettings>, four_eyes: bool) -> Result<(), StoreError> {
        on!(self, |c| {
            sqlx::query("UPDATE tenants SET four_eyes = $2 WHERE id = $1")
                .bind(permit.tenant().0)
                .bind(four_eyes)
                .execute(c)
                .await
                .map(drop)
        })?;
        Ok(())
    }
}
