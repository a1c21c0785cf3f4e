//! `/healthz` and `/readyz`: for whatever watches over the process.

use axum::extract::State;
use casemate_service::Service;

use crate::failure::Failure;

/// The process answers.
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// The store answers too.
pub(crate) async fn readyz(State(service): State<Service>) -> Result<&'static str, Failure> {
    service.ping().await.map_err(|fault| {
        // Told as 503: the process is well, and may be ready again in a moment.
        drop(Failure::from(fault));
        Failure::busy()
    })?;
    Ok("ready\n")
}
