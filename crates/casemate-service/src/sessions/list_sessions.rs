//! Shows a person where they are signed in.

use casemate_model::session::Session;

use crate::{Asking, Fault, Service};

/// The caller's own sessions that still hold, the latest first; empty for programs.
///
/// # Errors
/// When the store fails.
pub async fn list_sessions(_service: &Service, _asking: &Asking) -> Result<Vec<Session>, Fault> {
    todo!()
}
