//! An invited person joins a tenant.

use casemate_model::access::Actor;
use casemate_model::audit::Chain;
use casemate_model::id::{LinkId, UserId};
use casemate_model::member::{Role, User};
use casemate_model::tenant::Tenant;
use casemate_model::text::{Email, PersonName, TenantName};
use casemate_store::{LinkKind, StoreError};

use crate::service::store_errors_are_faults;
use crate::sessions::passwords::{Checked, check_new};
use crate::sessions::secret_token::hash_of;
use crate::sessions::sign_in::{PasswordFault, SignedIn, begin_session, log_begun, refuse};
use crate::sessions::throttle::{Guessed, Throttle};
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

store_errors_are_faults!(AcceptInvitationError);

/// What a link invites to; `None` when it is not good.
///
/// # Errors
/// When the store fails.
pub async fn read_invitation(service: &Service, token: &SecretText) -> Result<Option<InvitationView>, Fault> {
    Ok(find(service, token).await?.map(|invitation| InvitationView {
        tenant: invitation.tenant.name,
        email: invitation.email,
        role: invitation.role,
        has_account: invitation.account.is_some(),
    }))
}

/// Makes the account if there is none, the membership, and a session.
///
/// # Errors
/// See [`AcceptInvitationError`].
pub async fn accept_invitation(
    service: &Service,
    request: AcceptInvitation,
    origin: &Origin,
) -> Result<SignedIn, AcceptInvitationError> {
    let Some(invitation) = find(service, &request.token).await? else { return Err(AcceptInvitationError::BadLink) };
    let now = service.now();
    let (user, credential, throttle) = match invitation.account {
        Some(user) => {
            // SECURITY: the link alone does not open an account that exists.
            let throttle = check_account(service, &user, &request.password, origin).await?;
            (user, None, Some(throttle))
        }
        None => {
            let name = request.name.ok_or(AcceptInvitationError::NameNeeded)?;
            let context = [invitation.tenant.name.as_str(), name.as_str(), invitation.email.as_str()];
            check_new(&request.password, &context)?;
            let credential = service.hash_password(&request.password).await?;
            (User { id: UserId::fresh(), email: invitation.email, name }, Some(credential), None)
        }
    };

    let chain = Chain::Tenant(invitation.tenant.id);
    let scope = service.own_scope(invitation.tenant.id)?;
    let mut tx = service.store().begin(&scope).await?;
    if !tx.use_link(invitation.link).await? {
        return Err(AcceptInvitationError::BadLink);
    }
    let is_new = credential.is_some();
    if let Some(credential) = credential {
        tx.insert_user(&user, now).await?;
        tx.set_credential(user.id, &credential, now).await?;
    }
    if let Some(throttle) = throttle {
        tx.forget_attempts(throttle.key()).await?;
    }
    match tx.insert_member(&scope, user.id, invitation.role, now).await {
        // A member already: the link is used up all the same, and they are signed in as what they are.
        Ok(()) | Err(StoreError::Conflict) => {}
        Err(error) => return Err(error.into()),
    }
    let signed_in = begin_session(service, &mut tx, user.id, invitation.tenant.id, origin).await?;
    let actor = Actor::Member(user.id);
    let object = format!("member:{}", user.id);
    if is_new {
        tx.append_event(service.event_by(actor, chain, Some(origin), "user_created", object.as_str())).await?;
    }
    let mut joined = service.event_by(actor, chain, Some(origin), "member_join", object);
    joined.details.insert("role".to_owned(), invitation.role.as_str().into());
    tx.append_event(joined).await?;
    let object = format!("session:{}", signed_in.session.id);
    tx.append_event(service.event_by(actor, chain, Some(origin), "authn_login_success", object)).await?;
    tx.commit().await?;
    log_begun(&signed_in.session, origin);
    Ok(signed_in)
}

struct Found {
    link: LinkId,
    tenant: Tenant,
    email: Email,
    role: Role,
    account: Option<User>,
}

async fn find(service: &Service, token: &SecretText) -> Result<Option<Found>, Fault> {
    let mut tx = service.store().begin_reading_instance().await?;
    let Some(link) = tx.link(&hash_of(token), service.now()).await? else { return Ok(None) };
    let LinkKind::Invitation { tenant, email, role } = link.kind else { return Ok(None) };
    let scope = service.own_scope(tenant)?;
    let Some(tenant) = tx.tenant(&scope).await? else { return Ok(None) };
    let account = tx.user_by_email(&email).await?;
    Ok(Some(Found { link: link.id, tenant, email, role, account }))
}

async fn check_account(
    service: &Service,
    user: &User,
    password: &SecretText,
    origin: &Origin,
) -> Result<Throttle, AcceptInvitationError> {
    let throttle = Throttle::new(Guessed::Password, user.email.as_str(), origin.ip);
    if let Some(retry_after_secs) = throttle.knock(service, origin).await? {
        return Err(AcceptInvitationError::SlowDown { retry_after_secs });
    }
    let credential = service.store().begin_reading_instance().await?.credential(user.id).await?;
    if service.check_password(password, credential.as_ref()).await? == Checked::Wrong {
        refuse(service, user.email.as_str(), origin).await?;
        return Err(AcceptInvitationError::Refused);
    }
    Ok(throttle)
}
