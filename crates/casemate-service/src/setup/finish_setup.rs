//! Sets the instance up: the first tenant and its administrator.

use casemate_model::text::{Email, PersonName, TenantName};

use crate::sessions::sign_in::SignedIn;
use crate::{Fault, Origin, SecretText, Service};

/// What the set-up page asks for.
#[derive(Debug)]
pub struct FinishSetup {
    /// The token of the link.
    pub token: SecretText,
    /// What the first tenant is called.
    pub tenant: TenantName,
    /// What the administrator signs in with.
    pub email: Email,
    /// What others read.
    pub name: PersonName,
    /// The administrator's password.
    pub password: SecretText,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum FinishSetupError {
    /// Unknown, used or older than the latest link.
    #[error("this link is no longer valid; start casemate again for a new one")]
    BadLink,
    /// The password does not do.
    #[error(transparent)]
    Password(#[from] crate::sessions::sign_in::PasswordFault),
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Makes tenant and administrator and signs them in.
///
/// # Errors
/// See [`FinishSetupError`].
pub async fn finish_setup(
    _service: &Service,
    _request: FinishSetup,
    _origin: &Origin,
) -> Result<SignedIn, FinishSetupError> {
    todo!()
}

/// Whether a set-up token is good, for showing the page.
///
/// # Errors
/// When the store fails.
pub async fn is_setup_link_good(_service: &Service, _token: &SecretText) -> Result<bool, Fault> {
    todo!()
}
