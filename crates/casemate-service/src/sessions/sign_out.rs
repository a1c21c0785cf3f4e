//! Ends a session.

use casemate_model::id::SessionId;
use serde_json::Map;

use crate::{Asking, Fault, Service};

/// Ends it; the cookie is worth nothing afterwards.
///
/// # Errors
/// When the store fails.
pub async fn sign_out(service: &Service, asking: &Asking, session: SessionId) -> Result<(), Fault> {
    end_session(service, asking, session, "session_sign_out").await.map(drop)
}

/// Ends one of the caller's own sessions.
pub(crate) async fn end_session(
    service: &Service,
    asking: &Asking,
    session: SessionId,
    action: &str,
) -> Result<bool, Fault> {
    let Some(user) = asking.caller.user() else { return Ok(false) };
    let scope = service.own_scope(asking.caller.tenant())?;
    let mut tx = service.store().begin(&scope).await?;
    if !tx.delete_session(user, session).await? {
        return Ok(false);
    }
    let object = format!("session:{session}");
    tx.append_event(service.event(asking, action, object.as_str(), Map::new())).await?;
    tx.commit().await?;
    tracing::info!(
        target: "security",
        event = "session_expired",
        request_id = %asking.origin.request_id,
        actor = %asking.caller.actor(),
        tenant = %asking.caller.tenant(),
        object,
        reason = action,
        outcome = "success",
    );
    Ok(true)
}
