//! Ends a session.

use casemate_model::id::SessionId;

use crate::{Asking, Fault, Service};

/// Ends it; the cookie is worth nothing afterwards.
///
/// # Errors
/// When the store fails.
pub async fn sign_out(_service: &Service, _asking: &Asking, _session: SessionId) -> Result<(), Fault> {
    todo!()
}
