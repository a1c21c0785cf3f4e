//! An operator lets a person choose a new password by a one-time link.

use casemate_model::access::Actor;
use casemate_model::audit::Chain;
use casemate_model::id::LinkId;
use casemate_model::member::User;
use casemate_model::text::Email;
use casemate_store::{Link, LinkKind};
use time::Duration;

use crate::service::store_errors_are_faults;
use crate::sessions::passwords::check_new;
use crate::sessions::secret_token::{hash_of, new_token};
use crate::sessions::sign_in::PasswordFault;
use crate::sessions::switch_tenant::memberships;
use crate::{Fault, Origin, SecretText, Service};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    /// Unknown, used or over.
    #[error("this link is no longer valid; ask for a new one")]
    BadLink,
    /// The password does not do.
    #[error(transparent)]
    Password(#[from] PasswordFault),
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

store_errors_are_faults!(ResetPasswordError);

/// A token for `/reset/{token}`, good for 30 minutes; `None` when nobody has this address. For the operator's command alone.
///
/// # Errors
/// When the store fails.
pub async fn begin_reset(service: &Service, email: &Email) -> Result<Option<SecretText>, Fault> {
    let now = service.now();
    let token = new_token("")?;
    let mut tx = service.store().begin_instance().await?;
    let Some(user) = tx.user_by_email(email).await? else { return Ok(None) };
    let kind = LinkKind::Reset { user: user.id };
    let link = Link { id: LinkId::fresh(), kind, created_at: now, expires_at: now + Duration::minutes(30) };
    tx.insert_link(&link, &hash_of(&token)).await?;
    let object = format!("member:{}", user.id);
    tx.append_event(service.event_by(Actor::System, Chain::Instance, None, "password_reset_begin", object)).await?;
    tx.commit().await?;
    Ok(Some(token))
}

/// Whether a token is good, for showing the page.
///
/// # Errors
/// When the store fails.
pub async fn is_reset_link_good(service: &Service, token: &SecretText) -> Result<bool, Fault> {
    Ok(find(service, token).await?.is_some())
}

/// Sets the new password and ends all sessions of the person.
///
/// # Errors
/// See [`ResetPasswordError`].
pub async fn finish_reset(
    service: &Service,
    token: SecretText,
    password: SecretText,
    origin: &Origin,
) -> Result<(), ResetPasswordError> {
    let Some((link, user)) = find(service, &token).await? else { return Err(ResetPasswordError::BadLink) };
    let memberships = memberships(service, user.id).await?;
    let tenants = memberships.iter().map(|(tenant, _)| tenant.name.as_str());
    let context: Vec<&str> = tenants.chain([user.name.as_str(), user.email.as_str()]).collect();
    check_new(&password, &context)?;
    let credential = service.hash_password(&password).await?;

    let now = service.now();
    let mut tx = service.store().begin_instance().await?;
    if !tx.use_link(link.id).await? {
        return Err(ResetPasswordError::BadLink);
    }
    tx.set_credential(user.id, &credential, now).await?;
    tx.delete_sessions_of(user.id).await?;
    let actor = Actor::Member(user.id);
    let object = format!("member:{}", user.id);
    let event = service.event_by(actor, Chain::Instance, Some(origin), "authn_password_change", object.as_str());
    tx.append_event(event).await?;
    tx.commit().await?;
    tracing::info!(
        target: "security",
        event = "authn_password_change",
        request_id = %origin.request_id,
        actor = %actor,
        object,
        outcome = "success",
    );
    Ok(())
}

async fn find(service: &Service, token: &SecretText) -> Result<Option<(Link, User)>, Fault> {
    let mut tx = service.store().begin_reading_instance().await?;
    let Some(link) = tx.link(&hash_of(token), service.now()).await? else { return Ok(None) };
    let LinkKind::Reset { user } = link.kind else { return Ok(None) };
    Ok(tx.user(user).await?.map(|user| (link, user)))
}
