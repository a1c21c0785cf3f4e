//! A person ends one of their own sessions from another browser.

use casemate_model::id::SessionId;

use super::sign_out::end_session;
use crate::{Asking, Fault, Service};

/// Ends it; `false` when the caller has no such session.
///
/// # Errors
/// When the store fails.
pub async fn revoke_session(service: &Service, asking: &Asking, session: SessionId) -> Result<bool, Fault> {
    end_session(service, asking, session, "session_revoke").await
}
