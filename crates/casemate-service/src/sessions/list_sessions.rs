//! Shows a person where they are signed in.

use casemate_model::session::Session;

use super::resume::is_over;
use crate::{Asking, Fault, Service};

/// The caller's own sessions that still hold, the latest first; empty for programs.
///
/// # Errors
/// When the store fails.
pub async fn list_sessions(service: &Service, asking: &Asking) -> Result<Vec<Session>, Fault> {
    let Some(user) = asking.caller.user() else { return Ok(Vec::new()) };
    let sessions = service.store().begin_reading_instance().await?.sessions_of(user).await?;
    Ok(sessions.into_iter().filter(|session| !is_over(service, session)).collect())
}
