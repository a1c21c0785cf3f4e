//! An administrator invites a person by a one-time link.

use casemate_model::Timestamp;
use casemate_model::access::{Denied, ManageMembers, TenantFacts};
use casemate_model::id::{LinkId, TenantId};
use casemate_model::member::Role;
use casemate_model::text::Email;
use casemate_store::{Link, LinkKind};
use serde_json::Map;
use time::Duration;

use crate::service::store_errors_are_faults;
use crate::sessions::secret_token::{hash_of, new_token};
use crate::{Asking, Fault, SecretText, Service};

/// Life of a link.
const LIFE: Duration = Duration::minutes(30);

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

store_errors_are_faults!(InviteMemberError);

/// Makes the link, good for 30 minutes; a newer one for the same address voids it.
///
/// # Errors
/// See [`InviteMemberError`].
pub async fn invite_member(
    service: &Service,
    asking: &Asking,
    request: InviteMember,
) -> Result<Invitation, InviteMemberError> {
    let permit = service.permit(asking, ManageMembers, TenantFacts { id: asking.caller.tenant() })?;
    let mut tx = service.store().begin(&permit).await?;
    if let Some(user) = tx.user_by_email(&request.email).await?
        && tx.member(&permit, user.id).await?.is_some()
    {
        return Err(InviteMemberError::AlreadyMember(request.email));
    }
    let (link, token) = invitation(service, asking.caller.tenant(), request.email, request.role)?;
    tx.insert_link(&link, &hash_of(&token)).await?;
    // The address is personal and the trail is forever: the event names the link.
    let details = Map::from_iter([("role".to_owned(), request.role.as_str().into())]);
    tx.append_event(service.event(asking, "member_invite", format!("link:{}", link.id), details)).await?;
    tx.commit().await?;
    Ok(Invitation { token, expires_at: link.expires_at })
}

/// A new invitation, not yet written down.
pub(crate) fn invitation(
    service: &Service,
    tenant: TenantId,
    email: Email,
    role: Role,
) -> Result<(Link, SecretText), Fault> {
    let now = service.now();
    let kind = LinkKind::Invitation { tenant, email, role };
    let link = Link { id: LinkId::fresh(), kind, created_at: now, expires_at: now + LIFE };
    Ok((link, new_token("")?))
}
