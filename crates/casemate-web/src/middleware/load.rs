//! How much is worked on at once, and for how long.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::failure::Failure;
use crate::state::AppState;

/// Turns away what comes when all slots are taken, and gives up what takes too long.
pub(crate) async fn bounded(State(state): State<AppState>, request: Request, next: Next) -> Result<Response, Failure> {
    let Ok(_slot) = state.slots.clone().try_acquire_owned() else {
        tracing::warn!(target: "security", event = "excess_load", object = "requests", outcome = "refused");
        return Err(Failure::busy());
    };
    tokio::time::timeout(state.settings.request_timeout, next.run(request)).await.map_err(|_| Failure::busy())
}
