//! A person ends one of their own sessions from another browser.

use casemate_model::id::SessionId;

use crate::{Asking, Fault, Service};

/// Ends it; `false` when the caller has no such session.
///
/// # Errors
/// When the store fails.
pub async fn revoke_session(_service: &Service, _asking: &Asking, _session: SessionId) -> Result<bool, Fault> {
    todo!()
}
