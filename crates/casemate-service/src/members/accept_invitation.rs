//! An invited person joins a tenant.

use casemate_model::member::Role;
use casemate_model::text::{Email, PersonName, TenantName};

use crate::sessions::sign_in::{PasswordFault, SignedIn};
use crate::{Fault, Origin, SecretText, Service};

/// What the page says before they accept.
#[derive(Clone, Debug)]
pub struct InvitationView {
    /// Into which tenant.
    pub tenant: TenantName,
    /// Who is invited.
    pub email: Email,
    /// As what.
    pub role: Role,
    /// Whether they have an account already and give its password, or choose name and password now.
    pub has_account: bool,
}

/// What the page asks for.
#[derive(Debug)]
pub struct AcceptInvitation {
    /// The token of the link.
    pub token: SecretText,
    /// Name, needed from a person without an account.
    pub name: Option<PersonName>,
    /// The password of the account, or the one to be.
    pub password: SecretText,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum AcceptInvitationError {
    /// Unknown, used or over.
    #[error("this link is no longer valid; ask for a new invitation")]
    BadLink,
    /// A new person must have a name.
    #[error("a name is needed")]
    NameNeeded,
    /// The new password does not do.
    #[error(transparent)]
    Password(#[from] PasswordFault),
    /// The password of the account is wrong.
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

/// What a link invites to; `None` when it is not good.
///
/// # Errors
/// When the store fails.
pub async fn read_invitation(_service: &Service, _token: &SecretText) -> Result<Option<InvitationView>, Fault> {
    todo!()
}

/// Makes the account if there is none, the membership, and a session.
///
/// # Errors
/// See [`AcceptInvitationError`].
pub async fn accept_invitation(
    _service: &Service,
    _request: AcceptInvitation,
    _origin: &Origin,
) -> Result<SignedIn, AcceptInvitationError> {
    todo!()
}
