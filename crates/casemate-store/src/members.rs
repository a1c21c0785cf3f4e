//! Who is what in which tenant. A former member keeps their row, so that the history keeps its names.

use casemate_model::Timestamp;
use casemate_model::access::{ManageMembers, Permit, Scope, Walls};
use casemate_model::id::{TenantId, UserId};
use casemate_model::member::{Member, Role};
use casemate_model::tenant::Tenant;
use uuid::Uuid;

use crate::engine::{StoreError, Tx, on};
use crate::tenants::TenantRow;
use crate::users::user;

#[derive(sqlx::FromRow)]
struct MemberRow {
    tenant_id: Uuid,
    user_id: Uuid,
    email: String,
    name: String,
    role: String,
    joined_at: Timestamp,
}

impl TryFrom<MemberRow> for Member {
    type Error = StoreError;

    fn try_from(row: MemberRow) -> Result<Self, StoreError> {
        Ok(Self {
            user: user(row.user_id, &row.email, &row.name)?,
            tenant: TenantId(row.tenant_id),
            role: role(&row.role)?,
            joined_at: row.joined_at,
        })
    }
}

#[derive(sqlx::FromRow)]
struct MembershipRow {
    #[sqlx(flatten)]
    tenant: TenantRow,
    role: String,
}

fn role(word: &str) -> Result<Role, StoreError> {
    word.parse().map_err(|error| StoreError::row("role", &error))
}

impl Tx {
    /// The members of the tenant, by name.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn members(&mut self, walls: &impl Walls) -> Result<Vec<Member>, StoreError> {
        let rows: Vec<MemberRow> = on!(self, |c| {
            sqlx::query_as(
                "SELECT m.tenant_id, m.user_id, u.email, u.name, m.role, m.joined_at FROM memberships m \
                 JOIN users u ON u.id = m.user_id WHERE m.tenant_id = $1 AND m.removed_at IS NULL \
                 ORDER BY u.name, u.id",
            )
            .bind(walls.tenant().0)
            .fetch_all(c)
            .await
        })?;
        rows.into_iter().map(Member::try_from).collect()
    }

    /// One member of the tenant.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn member(&mut self, walls: &impl Walls, user: UserId) -> Result<Option<Member>, StoreError> {
        let row: Option<MemberRow> = on!(self, |c| {
            sqlx::query_as(
                "SELECT m.tenant_id, m.user_id, u.email, u.name, m.role, m.joined_at FROM memberships m \
                 JOIN users u ON u.id = m.user_id \
                 WHERE m.tenant_id = $1 AND m.user_id = $2 AND m.removed_at IS NULL",
            )
            .bind(walls.tenant().0)
            .bind(user.0)
            .fetch_optional(c)
            .await
        })?;
        row.map(Member::try_from).transpose()
    }

    /// Names of all members the tenant has or had.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn member_names(&mut self, scope: &Scope) -> Result<Vec<(UserId, String)>, StoreError> {
        let rows: Vec<(Uuid, String)> = on!(self, |c| {
            sqlx::query_as(
                "SELECT u.id, u.name FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = $1",
            )
            .bind(scope.tenant().0)
            .fetch_all(c)
            .await
        })?;
        Ok(rows.into_iter().map(|(id, name)| (UserId(id), name)).collect())
    }

    /// The tenants a person is a member of, by name, after [`Tx::see_memberships_of`] them.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn memberships_of(&mut self, user: UserId) -> Result<Vec<(Tenant, Role)>, StoreError> {
        let rows: Vec<MembershipRow> = on!(self, |c| {
            sqlx::query_as(
                "SELECT t.id, t.name, t.four_eyes, t.created_at, m.role FROM memberships m \
                 JOIN tenants t ON t.id = m.tenant_id WHERE m.user_id = $1 AND m.removed_at IS NULL \
                 ORDER BY t.name",
            )
            .bind(user.0)
            .fetch_all(c)
            .await
        })?;
        rows.into_iter().map(|row| Ok((row.tenant.try_into()?, role(&row.role)?))).collect()
    }

    /// Makes a person a member, or one again. They proved an invitation; nobody's permit stands behind it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when they are one.
    pub async fn insert_member(
        &mut self,
        walls: &impl Walls,
        user: UserId,
        role: Role,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let rows = on!(self, |c| {
            sqlx::query(
                "INSERT INTO memberships (tenant_id, user_id, role, joined_at) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (tenant_id, user_id) DO UPDATE SET role = excluded.role, joined_at = excluded.joined_at, \
                 removed_at = NULL WHERE memberships.removed_at IS NOT NULL",
            )
            .bind(walls.tenant().0)
            .bind(user.0)
            .bind(role.as_str())
            .bind(at)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
        })?;
        if rows == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Changes what a member is; `false` when there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set_role(
        &mut self,
        permit: &Permit<ManageMembers>,
        user: UserId,
        role: Role,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, |c| {
            sqlx::query("UPDATE memberships SET role = $3 WHERE tenant_id = $1 AND user_id = $2 AND removed_at IS NULL")
                .bind(permit.tenant().0)
                .bind(user.0)
                .bind(role.as_str())
                .execute(c)
                .await
                .map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }

    /// Ends a membership and its sessions; `false` when there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remove_member(
        &mut self,
        permit: &Permit<ManageMembers>,
        user: UserId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, |c| {
            sqlx::query(
                "UPDATE memberships SET removed_at = $3 \
                 WHERE tenant_id = $1 AND user_id = $2 AND removed_at IS NULL",
            )
            .bind(permit.tenant().0)
            .bind(user.0)
            .bind(at)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
        })?;
        on!(self, |c| {
            sqlx::query("DELETE FROM sessions WHERE tenant_id = $1 AND user_id = $2")
                .bind(permit.tenant().0)
                .bind(user.0)
                .execute(c)
                .await
                .map(drop)
        })?;
        Ok(rows == 1)
    }

    /// Takes a member's cases from them; returns how many.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn unassign_cases_of(
        &mut self,
        permit: &Permit<ManageMembers>,
        user: UserId,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        Ok(on!(self, |c| {
            sqlx::query(
                "UPDATE cases SET assignee = NULL, version = version + 1, updated_at = $3 \
                 WHERE tenant_id = $1 AND assignee = $2",
            )
            .bind(permit.tenant().0)
            .bind(user.0)
            .bind(at)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
        })?)
    }

    /// How many administrators the tenant has.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn count_admins(&mut self, walls: &impl Walls) -> Result<i64, StoreError> {
        Ok(on!(self, |c| {
            sqlx::query_scalar(
                "SELECT count(*) FROM memberships WHERE tenant_id = $1 AND role = 'admin' AND removed_at IS NULL",
            )
            .bind(walls.tenant().0)
            .fetch_one(c)
            .await
        })?)
    }
}
