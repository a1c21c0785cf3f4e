//! An administrator removes a member from a tenant.

use casemate_model::access::Denied;
use casemate_model::id::UserId;

use crate::{Asking, Fault, Service};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum RemoveMemberError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such member.
    #[error("no such member")]
    NotFound,
    /// A tenant keeps at least one administrator.
    #[error("the last administrator stays")]
    LastAdmin,
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Removes the membership, ends its sessions in this tenant and unassigns their cases.
///
/// # Errors
/// See [`RemoveMemberError`].
pub async fn remove_member(_service: &Service, _asking: &Asking, _user: UserId) -> Result<(), RemoveMemberError> {
    todo!()
}
