//! The keys that sign access tokens. The private halves come and go sealed.

use casemate_model::Timestamp;

use crate::engine::{StoreError, Tx, on};

/// A key.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct SigningKey {
    /// Its name in token headers.
    pub kid: String,
    /// The public half, as JWK.
    pub public_key: Vec<u8>,
    /// The private half, sealed by a key that is not in the database.
    pub sealed_key: Vec<u8>,
    /// Since when.
    pub created_at: Timestamp,
    /// When it has been replaced: until when its tokens are accepted.
    pub verifies_until: Option<Timestamp>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl Tx {
    /// All keys, the oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn signing_keys(&mut self) -> Result<Vec<SigningKey>, StoreError> {
        let mut keys: Vec<SigningKey> = on!(self, |c| {
            sqlx::query_as("SELECT kid, public_key, sealed_key, created_at, verifies_until FROM signing_keys")
                .fetch_all(c)
                .await
        })?;
        keys.sort_by(|one, other| (one.created_at, &one.kid).cmp(&(other.created_at, &other.kid)));
        Ok(keys)
    }

    /// Adds a key that signs from now on; those before it verify until then.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn insert_signing_key(&mut self, key: &SigningKey, others_until: Timestamp) -> Result<(), StoreError> {
        on!(self, |c| {
            sqlx::query("UPDATE signing_keys SET verifies_until = $1 WHERE verifies_until IS NULL")
                .bind(others_until)
                .execute(&mut *c)
                .await?;
            sqlx::query("INSERT INTO signing_keys (kid, public_key, sealed_key, created_at) VALUES ($1, $2, $3, $4)")
                .bind(&key.kid)
                .bind(&key.public_key)
                .bind(&key.sealed_key)
                .bind(key.created_at)
                .execute(c)
                .await
                .map(drop)
        })?;
        Ok(())
    }

    /// Throws away keys that no longer verify anything; returns how many.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sweep_signing_keys(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        Ok(on!(self, |c| {
            sqlx::query("DELETE FROM signing_keys WHERE verifies_until < $1")
                .bind(now)
                .execute(c)
                .await
                .map(|done| done.rows_affected())
        })?)
    }
}
