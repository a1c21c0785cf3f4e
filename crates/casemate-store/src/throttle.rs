//! Failures to prove who one is, by a hash of account and network.

use casemate_model::Timestamp;

use crate::SecretHash;
use crate::engine::{StoreError, Tx, on};

/// What is remembered of failed attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Attempt {
    /// How many in a row.
    pub failures: i64,
    /// When the last was.
    pub last_at: Timestamp,
    /// Until when further ones are not heard.
    pub blocked_until: Timestamp,
}

impl Tx {
    /// The failures under a key.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn attempt(&mut self, key: &SecretHash) -> Result<Option<Attempt>, StoreError> {
        Ok(on!(self, |c| {
            sqlx::query_as("SELECT failures, last_at, blocked_until FROM failures WHERE key = $1")
                .bind(&key[..])
                .fetch_optional(c)
                .await
        })?)
    }

    /// Counts one more, from 1 again when the last was before `forgotten_before`; returns how many there are now.
    ///
    /// The row stays locked until the transaction ends: attempts at the same account are counted one after the other.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn count_attempt(
        &mut self,
        key: &SecretHash,
        at: Timestamp,
        forgotten_before: Timestamp,
    ) -> Result<Attempt, StoreError> {
        Ok(on!(self, |c| {
            sqlx::query_as(
                "INSERT INTO failures (key, failures, last_at, blocked_until) VALUES ($1, 1, $2, $2) \
                 ON CONFLICT (key) DO UPDATE SET \
                 failures = CASE WHEN failures.last_at < $3 THEN 1 ELSE failures.failures + 1 END, last_at = $2 \
                 RETURNING failures, last_at, blocked_until",
            )
            .bind(&key[..])
            .bind(at)
            .bind(forgotten_before)
            .fetch_one(c)
            .await
        })?)
    }

    /// Does not hear further attempts before then.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn block_attempts(&mut self, key: &SecretHash, until: Timestamp) -> Result<(), StoreError> {
        on!(self, |c| {
            sqlx::query("UPDATE failures SET blocked_until = $2 WHERE key = $1")
                .bind(&key[..])
                .bind(until)
                .execute(c)
                .await
                .map(drop)
        })?;
        Ok(())
    }

    /// Forgets the failures under a key: an attempt has succeeded.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_attempts(&mut self, key: &SecretHash) -> Result<(), StoreError> {
        on!(self, |c| sqlx::query("DELETE FROM failures WHERE key = $1").bind(&key[..]).execute(c).await.map(drop))?;
        Ok(())
    }

    /// Forgets failures whose last was before then; returns how many keys.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sweep_attempts(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        Ok(on!(self, |c| {
            sqlx::query("DELETE FROM failures WHERE last_at < $1")
                .bind(before)
                .execute(c)
                .await
                .map(|done| done.rows_affected())
        })?)
    }
}
