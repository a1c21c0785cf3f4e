//! Signed-in browsers, by the hash of their secret. They are found before the tenant is known.

use casemate_model::Timestamp;
use casemate_model::id::{SessionId, TenantId, UserId};
use casemate_model::member::User;
use casemate_model::session::Session;
use uuid::Uuid;

use crate::SecretHash;
use crate::engine::{StoreError, Tx, on};
use crate::users::user;

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: Uuid,
    user_id: Uuid,
    tenant_id: Uuid,
    authenticated_at: Timestamp,
    created_at: Timestamp,
    seen_at: Timestamp,
    expires_at: Timestamp,
    agent: String,
}

impl From<SessionRow> for Session {
    fn from(row: SessionRow) -> Self {
        Self {
            id: SessionId(row.id),
            user: UserId(row.user_id),
            tenant: TenantId(row.tenant_id),
            authenticated_at: row.authenticated_at,
            created_at: row.created_at,
            seen_at: row.seen_at,
            expires_at: row.expires_at,
            agent: row.agent,
        }
    }
}

#[derive(sqlx::FromRow)]
struct SessionOfUserRow {
    #[sqlx(flatten)]
    session: SessionRow,
    email: String,
    name: String,
}

impl Tx {
    /// The session with this secret, and whose it is.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn session_by_hash(&mut self, hash: &SecretHash) -> Result<Option<(Session, User)>, StoreError> {
        let row: Option<SessionOfUserRow> = on!(self, |c| {
            sqlx::query_as(
                "SELECT s.id, s.user_id, s.tenant_id, s.authenticated_at, s.created_at, s.seen_at, s.expires_at, s.agent, \
                 u.email, u.name FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = $1",
            )
            .bind(&hash[..])
            .fetch_optional(c)
            .await
        })?;
        row.map(|row| {
            let user = user(row.session.user_id, &row.email, &row.name)?;
            Ok((row.session.into(), user))
        })
        .transpose()
    }

    /// One session of a person.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn session(&mut self, of: UserId, id: SessionId) -> Result<Option<Session>, StoreError> {
        let row: Option<SessionRow> = on!(self, |c| {
            sqlx::query_as(
                "SELECT id, user_id, tenant_id, authenticated_at, created_at, seen_at, expires_at, agent \
                 FROM sessions WHERE user_id = $1 AND id = $2",
            )
            .bind(of.0)
            .bind(id.0)
            .fetch_optional(c)
            .await
        })?;
        Ok(row.map(Session::from))
    }

    /// All sessions of a person, the latest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sessions_of(&mut self, user: UserId) -> Result<Vec<Session>, StoreError> {
        let rows: Vec<SessionRow> = on!(self, |c| {
            sqlx::query_as(
                "SELECT id, user_id, tenant_id, authenticated_at, created_at, seen_at, expires_at, agent \
                 FROM sessions WHERE user_id = $1 ORDER BY id DESC",
            )
            .bind(user.0)
            .fetch_all(c)
            .await
        })?;
        Ok(rows.into_iter().map(Session::from).collect())
    }

    /// Begins a session.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn insert_session(&mut self, session: &Session, hash: &SecretHash) -> Result<(), StoreError> {
        on!(self, |c| {
            sqlx::query(
                "INSERT INTO sessions \
                 (id, token_hash, user_id, tenant_id, authenticated_at, created_at, seen_at, expires_at, agent) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            )
            .bind(session.id.0)
            .bind(&hash[..])
            .bind(session.user.0)
            .bind(session.tenant.0)
            .bind(session.authenticated_at)
            .bind(session.created_at)
            .bind(session.seen_at)
            .bind(session.expires_at)
            .bind(&session.agent)
            .execute(c)
            .await
            .map(drop)
        })?;
        Ok(())
    }

    /// Gives a session a new secret, and writes down its tenant and when the password was last given; `false` when it is gone.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn rotate_session(&mut self, session: &Session, hash: &SecretHash) -> Result<bool, StoreError> {
        let rows = on!(self, |c| {
            sqlx::query(
                "UPDATE sessions SET token_hash = $3, tenant_id = $4, authenticated_at = $5, seen_at = $6 \
                 WHERE user_id = $1 AND id = $2",
            )
            .bind(session.user.0)
            .bind(session.id.0)
            .bind(&hash[..])
            .bind(session.tenant.0)
            .bind(session.authenticated_at)
            .bind(session.seen_at)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }

    /// Writes down when a session was last used.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn touch_session(&mut self, id: SessionId, at: Timestamp) -> Result<(), StoreError> {
        on!(self, |c| {
            sqlx::query("UPDATE sessions SET seen_at = $2 WHERE id = $1").bind(id.0).bind(at).execute(c).await.map(drop)
        })?;
        Ok(())
    }

    /// Ends one session of a person; `false` when there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete_session(&mut self, of: UserId, id: SessionId) -> Result<bool, StoreError> {
        let rows = on!(self, |c| {
            sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id = $2")
                .bind(of.0)
                .bind(id.0)
                .execute(c)
                .await
                .map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }

    /// Ends all sessions of a person.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete_sessions_of(&mut self, user: UserId) -> Result<u64, StoreError> {
        Ok(on!(self, |c| {
            sqlx::query("DELETE FROM sessions WHERE user_id = $1")
                .bind(user.0)
                .execute(c)
                .await
                .map(|done| done.rows_affected())
        })?)
    }

    /// Throws away sessions that are over or were not used since a while; returns how many.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sweep_sessions(&mut self, now: Timestamp, unused_since: Timestamp) -> Result<u64, StoreError> {
        Ok(on!(self, |c| {
            sqlx::query("DELETE FROM sessions WHERE expires_at < $1 OR seen_at < $2")
                .bind(now)
                .bind(unused_since)
                .execute(c)
                .await
                .map(|done| done.rows_affected())
        })?)
    }
}
