//! A signed-in person gives their password again before a sensitive act.

use casemate_model::id::SessionId;

use crate::sessions::sign_in::SignedIn;
use crate::{Asking, Fault, SecretText, Service};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmPasswordError {
    /// Wrong password.
    #[error("the password is wrong")]
    Refused,
    /// Too many failures.
    #[error("too many attempts; try again in {retry_after_secs} seconds")]
    SlowDown {
        /// Seconds until another attempt is heard.
        retry_after_secs: u64,
    },
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Makes the session fresh, under a new secret.
///
/// # Errors
/// See [`ConfirmPasswordError`].
pub async fn confirm_password(
    _service: &Service,
    _asking: &Asking,
    _session: SessionId,
    _password: SecretText,
) -> Result<SignedIn, ConfirmPasswordError> {
    todo!()
}
