//! People and their passwords. Both belong to no tenant.

use casemate_model::Timestamp;
use casemate_model::id::UserId;
use casemate_model::member::User;
use casemate_model::text::{Email, PersonName};
use uuid::Uuid;

use crate::engine::{StoreError, Tx, on};

/// A password, hashed.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// Argon2id hash, as PHC string.
    pub phc: String,
    /// The pepper it was made with.
    pub pepper_id: String,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential").field("pepper_id", &self.pepper_id).finish_non_exhaustive()
    }
}

#[derive(sqlx::FromRow)]
struct UserRow {
    id: Uuid,
    email: String,
    name: String,
}

#[derive(sqlx::FromRow)]
struct CredentialRow {
    phc: String,
    pepper_id: String,
}

pub(crate) fn user(id: Uuid, email: &str, name: &str) -> Result<User, StoreError> {
    Ok(User {
        id: UserId(id),
        email: Email::parse(email).map_err(|error| StoreError::row("e-mail address", &error))?,
        name: PersonName::parse(name).map_err(|error| StoreError::row("name", &error))?,
    })
}

impl Tx {
    /// The person with this address.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn user_by_email(&mut self, email: &Email) -> Result<Option<User>, StoreError> {
        let row: Option<UserRow> = on!(self, |c| {
            sqlx::query_as("SELECT id, email, name FROM users WHERE email = $1")
                .bind(email.as_str())
                .fetch_optional(c)
                .await
        })?;
        row.map(|row| user(row.id, &row.email, &row.name)).transpose()
    }

    /// The person with this id.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn user(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        let row: Option<UserRow> = on!(self, |c| {
            sqlx::query_as("SELECT id, email, name FROM users WHERE id = $1").bind(id.0).fetch_optional(c).await
        })?;
        row.map(|row| user(row.id, &row.email, &row.name)).transpose()
    }

    /// Makes an account.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the address has one.
    pub async fn insert_user(&mut self, user: &User, at: Timestamp) -> Result<(), StoreError> {
        on!(self, |c| {
            sqlx::query("INSERT INTO users (id, email, name, created_at) VALUES ($1, $2, $3, $4)")
                .bind(user.id.0)
                .bind(user.email.as_str())
                .bind(user.name.as_str())
                .bind(at)
                .execute(c)
                .await
                .map(drop)
        })?;
        Ok(())
    }

    /// The password of an account.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn credential(&mut self, user: UserId) -> Result<Option<Credential>, StoreError> {
        let row: Option<CredentialRow> = on!(self, |c| {
            sqlx::query_as("SELECT phc, pepper_id FROM credentials WHERE user_id = $1")
                .bind(user.0)
                .fetch_optional(c)
                .await
        })?;
        Ok(row.map(|row| Credential { phc: row.phc, pepper_id: row.pepper_id }))
    }

    /// Sets the password of an account.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set_credential(
        &mut self,
        user: UserId,
        credential: &Credential,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self, |c| {
            sqlx::query(
                "INSERT INTO credentials (user_id, phc, pepper_id, changed_at) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (user_id) DO UPDATE SET phc = excluded.phc, pepper_id = excluded.pepper_id, \
                 changed_at = excluded.changed_at",
            )
            .bind(user.0)
            .bind(&credential.phc)
            .bind(&credential.pepper_id)
            .bind(at)
            .execute(c)
            .await
            .map(drop)
        })?;
        Ok(())
    }

    /// Renews a hash whose pepper or cost is old, or keeps it as it is until the transaction ends; `false` when the password
    /// was changed meanwhile.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn renew_credential(
        &mut self,
        user: UserId,
        old: &Credential,
        new: &Credential,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, |c| {
            sqlx::query("UPDATE credentials SET phc = $3, pepper_id = $4 WHERE user_id = $1 AND phc = $2")
                .bind(user.0)
                .bind(&old.phc)
                .bind(&new.phc)
                .bind(&new.pepper_id)
                .execute(c)
                .await
                .map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }
}
