//! Lists the members of a tenant.

use casemate_model::access::{Denied, ManageMembers, TenantFacts};
use casemate_model::member::Member;

use crate::service::store_errors_are_faults;
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

store_errors_are_faults!(ListMembersError);

/// All members by name. Needs the members_manage permission, like everything about members.
///
/// # Errors
/// See [`ListMembersError`].
pub async fn list_members(service: &Service, asking: &Asking) -> Result<Vec<Member>, ListMembersError> {
    let permit = service.permit(asking, ManageMembers, TenantFacts { id: asking.caller.tenant() })?;
    let scope = service.scope(asking)?;
    Ok(service.store().begin_reading(&scope).await?.members(&permit).await?)
}
