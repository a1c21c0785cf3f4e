//! An administrator changes what a member is.

use casemate_model::access::Denied;
use casemate_model::id::UserId;
use casemate_model::member::{Member, Role};

use crate::{Asking, Fault, Service};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum ChangeRoleError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such member.
    #[error("no such member")]
    NotFound,
    /// A tenant keeps at least one administrator.
    #[error("the last administrator stays one")]
    LastAdmin,
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Changes it; the member's next request already asks with the new role.
///
/// # Errors
/// See [`ChangeRoleError`].
pub async fn change_role(
    _service: &Service,
    _asking: &Asking,
    _user: UserId,
    _role: Role,
) -> Result<Member, ChangeRoleError> {
    todo!()
}
