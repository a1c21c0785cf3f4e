//! An operator lets a person choose a new password by a one-time link.

use casemate_model::text::Email;

use crate::sessions::sign_in::PasswordFault;
use crate::{Fault, Origin, SecretText, Service};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    /// Unknown, used or over.
    #[error("this link is no longer valid; ask for a new one")]
    BadLink,
    /// The password does not do.
    #[error(transparent)]
    Password(#[from] PasswordFault),
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A token for `/reset/{token}`, good for 30 minutes; `None` when nobody has this address. For the operator's command alone.
///
/// # Errors
/// When the store fails.
pub async fn begin_reset(_service: &Service, _email: &Email) -> Result<Option<SecretText>, Fault> {
    todo!()
}

/// Whether a token is good, for showing the page.
///
/// # Errors
/// When the store fails.
pub async fn is_reset_link_good(_service: &Service, _token: &SecretText) -> Result<bool, Fault> {
    todo!()
}

/// Sets the new password and ends all sessions of the person.
///
/// # Errors
/// See [`ResetPasswordError`].
pub async fn finish_reset(
    _service: &Service,
    _token: SecretText,
    _password: SecretText,
    _origin: &Origin,
) -> Result<(), ResetPasswordError> {
    todo!()
}
