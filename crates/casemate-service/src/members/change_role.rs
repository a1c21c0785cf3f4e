//! An administrator changes what a member is.

use casemate_model::access::{Denied, ManageMembers, TenantFacts};
use casemate_model::id::UserId;
use casemate_model::member::{Member, Role};
use serde_json::Map;

use crate::service::store_errors_are_faults;
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

store_errors_are_faults!(ChangeRoleError);

/// Changes it; the member's next request already asks with the new role. When an administrator stops being one, the
/// invitations nobody has accepted yet are void.
///
/// # Errors
/// See [`ChangeRoleError`].
pub async fn change_role(
    service: &Service,
    asking: &Asking,
    user: UserId,
    role: Role,
) -> Result<Member, ChangeRoleError> {
    let permit = service.permit(asking, ManageMembers, TenantFacts { id: asking.caller.tenant() })?;
    let mut tx = service.store().begin(&permit).await?;
    let Some(member) = tx.member(&permit, user).await? else { return Err(ChangeRoleError::NotFound) };
    if member.role == role {
        return Ok(member);
    }
    // SECURITY: whoever is no administrator any more must not come back as one, or send others, by links made before.
    let voided = if member.role == Role::Admin { tx.void_invitations(&permit).await? } else { 0 };
    let details = Map::from_iter([
        ("from".to_owned(), member.role.as_str().into()),
        ("to".to_owned(), role.as_str().into()),
        ("invitations_voided".to_owned(), voided.into()),
    ]);
    // Counted after the event: whoever waits for the chain's head counts administrators when our change is done.
    tx.append_event(service.event(asking, "privilege_permissions_changed", format!("member:{user}"), details)).await?;
    tx.set_role(&permit, user, role).await?;
    if tx.count_admins(&permit).await? == 0 {
        return Err(ChangeRoleError::LastAdmin);
    }
    tx.commit().await?;
    tracing::info!(
        target: "security",
        event = "privilege_permissions_changed",
        request_id = %asking.origin.request_id,
        actor = %asking.caller.actor(),
        tenant = %asking.caller.tenant(),
        object = %format_args!("member:{user}"),
        from = member.role.as_str(),
        to = role.as_str(),
        outcome = "success",
    );
    Ok(Member { role, ..member })
}
