//! An administrator removes a member from a tenant.

use casemate_model::access::{Denied, ManageMembers, TenantFacts};
use casemate_model::id::UserId;
use casemate_model::member::Role;
use serde_json::Map;

use crate::service::store_errors_are_faults;
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

store_errors_are_faults!(RemoveMemberError);

/// Removes the membership, ends its sessions in this tenant and unassigns their cases. With an administrator go the
/// invitations nobody has accepted yet.
///
/// # Errors
/// See [`RemoveMemberError`].
pub async fn remove_member(service: &Service, asking: &Asking, user: UserId) -> Result<(), RemoveMemberError> {
    let permit = service.permit(asking, ManageMembers, TenantFacts { id: asking.caller.tenant() })?;
    let now = service.now();
    let mut tx = service.store().begin(&permit).await?;
    let Some(member) = tx.member(&permit, user).await? else { return Err(RemoveMemberError::NotFound) };
    tx.remove_member(&permit, user, now).await?;
    let cases = tx.unassign_cases_of(&permit, user, now).await?;
    // SECURITY: whoever is no administrator any more must not come back, or send others, by links made before.
    let voided = if member.role == Role::Admin { tx.void_invitations(&permit).await? } else { 0 };
    let details = Map::from_iter([
        ("role".to_owned(), member.role.as_str().into()),
        ("cases_unassigned".to_owned(), cases.into()),
        ("invitations_voided".to_owned(), voided.into()),
    ]);
    // Counted after the event: whoever waits for the chain's head counts administrators when our change is done.
    tx.append_event(service.event(asking, "member_remove", format!("member:{user}"), details)).await?;
    if tx.count_admins(&permit).await? == 0 {
        return Err(RemoveMemberError::LastAdmin);
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
        to = "none",
        outcome = "success",
    );
    Ok(())
}
