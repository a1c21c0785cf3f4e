//! Signs a person in with e-mail address and password.

use casemate_model::session::Session;

use crate::{Fault, Origin, SecretText, Service};

/// What the sign-in page asks for, unchecked: a malformed address is answered like an unknown one.
#[derive(Debug)]
pub struct SignIn {
    /// What they typed as e-mail address.
    pub email: String,
    /// What they typed as password.
    pub password: SecretText,
}

/// A new session and the secret that the browser keeps for it.
#[derive(Debug)]
pub struct SignedIn {
    /// Goes into the `__Host-` cookie and nowhere else.
    pub token: SecretText,
    /// The session.
    pub session: Session,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Unknown address or wrong password: which, is not said.
    #[error("e-mail address or password is wrong")]
    Refused,
    /// Too many failures for this account from this network.
    #[error("too many attempts; try again in {retry_after_secs} seconds")]
    SlowDown {
        /// Seconds until another attempt is heard.
        retry_after_secs: u64,
    },
    /// Right, but a member of no tenant.
    #[error("your account belongs to no tenant; ask an administrator for an invitation")]
    NoTenant,
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why a password is refused (NIST SP 800-63B-4 section 3.1.1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Shorter than 15 characters.
    #[error("must be at least 15 characters long; a few words make a good one")]
    TooShort,
    /// Longer than 1,024 characters.
    #[error("must be at most 1,024 characters long")]
    TooLong,
    /// On the list of common passwords, or made of the product's, tenant's or person's name.
    #[error("is too easy to guess: {0}")]
    Guessable(String),
}

/// Checks the password, at the same cost for an unknown address, and begins a session.
///
/// # Errors
/// See [`SignInError`].
pub async fn sign_in(_service: &Service, _request: SignIn, _origin: &Origin) -> Result<SignedIn, SignInError> {
    todo!()
}
