//! Throws away what is over: sessions, links, old failures, keys that no longer verify anything.

use time::Duration;

use crate::{Fault, Service};

/// Throws it away; returns how many rows.
///
/// # Errors
/// When the store fails.
pub async fn sweep(service: &Service) -> Result<u64, Fault> {
    let now = service.now();
    let unused_since = now - Duration::seconds(service.settings().session_idle_secs);
    let mut tx = service.store().begin_instance().await?;
    let rows = tx.sweep_sessions(now, unused_since).await?
        + tx.sweep_links(now).await?
        + tx.sweep_attempts(now - Duration::days(1)).await?
        + tx.sweep_signing_keys(now).await?;
    tx.commit().await?;
    Ok(rows)
}
