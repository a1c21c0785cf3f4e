//! One-time links, by the hash of their secret: first set-up, invitations, password resets. A used one is gone.

use casemate_model::Timestamp;
use casemate_model::access::{ManageMembers, Permit, Walls as _};
use casemate_model::id::{LinkId, TenantId, UserId};
use casemate_model::member::Role;
use casemate_model::text::Email;
use uuid::Uuid;

use crate::SecretHash;
use crate::engine::{StoreError, Tx, on};

/// What a link is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// The first tenant and its administrator.
    Setup,
    /// Joining a tenant.
    Invitation {
        /// Which.
        tenant: TenantId,
        /// Who is invited.
        email: Email,
        /// As what.
        role: Role,
    },
    /// A new password.
    Reset {
        /// Whose.
        user: UserId,
    },
}

impl LinkKind {
    fn word(&self) -> &'static str {
        match self {
            Self::Setup => SETUP,
            Self::Invitation { .. } => INVITATION,
            Self::Reset { .. } => RESET,
        }
    }
}

const SETUP: &str = "setup";
const INVITATION: &str = "invitation";
const RESET: &str = "reset";

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Id.
    pub id: LinkId,
    /// What it is for.
    pub kind: LinkKind,
    /// Since when.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct LinkRow {
    id: Uuid,
    kind: String,
    tenant_id: Option<Uuid>,
    user_id: Option<Uuid>,
    email: Option<String>,
    role: Option<String>,
    created_at: Timestamp,
    expires_at: Timestamp,
}

impl TryFrom<LinkRow> for Link {
    type Error = StoreError;

    fn try_from(row: LinkRow) -> Result<Self, StoreError> {
        let kind = match (row.kind.as_str(), row.tenant_id, row.user_id, row.email, row.role) {
            (SETUP, ..) => LinkKind::Setup,
            (INVITATION, Some(tenant), None, Some(email), Some(role)) => LinkKind::Invitation {
                tenant: TenantId(tenant),
                email: Email::parse(&email).map_err(|error| StoreError::row("link", &error))?,
                role: role.parse().map_err(|error| StoreError::row("link", &error))?,
            },
            (RESET, None, Some(user), ..) => LinkKind::Reset { user: UserId(user) },
            _ => return Err(StoreError::row("link", &"its parts do not fit")),
        };
        Ok(Self { id: LinkId(row.id), kind, created_at: row.created_at, expires_at: row.expires_at })
    }
}

impl Tx {
    /// The link with this secret, if it has not ended.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn link(&mut self, hash: &SecretHash, now: Timestamp) -> Result<Option<Link>, StoreError> {
        let row: Option<LinkRow> = on!(self, |c| {
            sqlx::query_as(
                "SELECT id, kind, tenant_id, user_id, email, role, created_at, expires_at FROM links WHERE token_hash = $1",
            )
            .bind(&hash[..])
            .fetch_optional(c)
            .await
        })?;
        let link = row.map(Link::try_from).transpose()?;
        Ok(link.filter(|link| link.expires_at > now))
    }

    /// Uses a link up; `false` when somebody else did.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn use_link(&mut self, id: LinkId) -> Result<bool, StoreError> {
        let rows = on!(self, |c| {
            sqlx::query("DELETE FROM links WHERE id = $1").bind(id.0).execute(c).await.map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }

    /// Makes a link, which voids older ones for the same.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn insert_link(&mut self, link: &Link, hash: &SecretHash) -> Result<(), StoreError> {
        let (tenant, user, email, role) = match &link.kind {
            LinkKind::Setup => (None, None, None, None),
            LinkKind::Invitation { tenant, email, role } => {
                (Some(tenant.0), None, Some(email.as_str()), Some(role.as_str()))
            }
            LinkKind::Reset { user } => (None, Some(user.0), None, None),
        };
        on!(self, |c| {
            sqlx::query(
                "DELETE FROM links WHERE kind = $1 AND coalesce(tenant_id = $2, $2 IS NULL) \
                 AND coalesce(user_id = $3, $3 IS NULL) AND coalesce(email = $4, $4 IS NULL)",
            )
            .bind(link.kind.word())
            .bind(tenant)
            .bind(user)
            .bind(email)
            .execute(&mut *c)
            .await?;
            sqlx::query(
                "INSERT INTO links (id, kind, token_hash, tenant_id, user_id, email, role, created_at, expires_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            )
            .bind(link.id.0)
            .bind(link.kind.word())
            .bind(&hash[..])
            .bind(tenant)
            .bind(user)
            .bind(email)
            .bind(role)
            .bind(link.created_at)
            .bind(link.expires_at)
            .execute(c)
            .await
            .map(drop)
        })?;
        Ok(())
    }

    /// Voids all invitations into the tenant that nobody has accepted yet; returns how many.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn void_invitations(&mut self, permit: &Permit<ManageMembers>) -> Result<u64, StoreError> {
        Ok(on!(self, |c| {
            sqlx::query("DELETE FROM links WHERE kind = $1 AND tenant_id = $2")
                .bind(INVITATION)
                .bind(permit.tenant().0)
                .execute(c)
                .await
                .map(|done| done.rows_affected())
        })?)
    }

    /// Throws away links that have ended; returns how many.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sweep_links(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        Ok(on!(self, |c| {
            sqlx::query("DELETE FROM links WHERE expires_at < $1")
                .bind(now)
                .execute(c)
                .await
                .map(|done| done.rows_affected())
        })?)
    }
}
