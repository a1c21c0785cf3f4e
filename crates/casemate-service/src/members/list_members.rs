//! Lists the members of a tenant.

use casemate_model::access::Denied;
use casemate_model::member::Member;

use crate::{Asking, Fault, Service};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum ListMembersError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// All members by name. Needs the members_manage permission, like everything about members.
///
/// # Errors
/// See [`ListMembersError`].
pub async fn list_members(_service: &Service, _asking: &Asking) -> Result<Vec<Member>, ListMembersError> {
    todo!()
}
