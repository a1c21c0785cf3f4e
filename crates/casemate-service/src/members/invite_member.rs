//! An administrator invites a person by a one-time link.

use casemate_model::Timestamp;
use casemate_model::access::Denied;
use casemate_model::member::Role;
use casemate_model::text::Email;

use crate::{Asking, Fault, SecretText, Service};

/// Whom, as what.
#[derive(Clone, Debug)]
pub struct InviteMember {
    /// Whom.
    pub email: Email,
    /// As what.
    pub role: Role,
}

/// The link's secret, shown once.
#[derive(Debug)]
pub struct Invitation {
    /// Goes into `/invitation/{token}`.
    pub token: SecretText,
    /// When the link ends.
    pub expires_at: Timestamp,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum InviteMemberError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// They are a member already.
    #[error("`{0}` is a member already")]
    AlreadyMember(Email),
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Makes the link, good for 30 minutes; a newer one for the same address voids it.
///
/// # Errors
/// See [`InviteMemberError`].
pub async fn invite_member(
    _service: &Service,
    _asking: &Asking,
    _request: InviteMember,
) -> Result<Invitation, InviteMemberError> {
    todo!()
}
