//! Sets the instance up: the first tenant and its administrator.

use casemate_model::access::Actor;
use casemate_model::audit::Chain;
use casemate_model::id::{TenantId, UserId};
use casemate_model::member::{Role, User};
use casemate_model::tenant::Tenant;
use casemate_model::text::{Email, PersonName, TenantName};
use casemate_store::{Link, LinkKind};

use crate::service::store_errors_are_faults;
use crate::sessions::passwords::check_new;
use crate::sessions::secret_token::hash_of;
use crate::sessions::sign_in::{SignedIn, begin_session, log_begun};
use crate::{Fault, Origin, SecretText, Service};

/// What the set-up page asks for.
#[derive(Debug)]
pub struct FinishSetup {
    /// The token of the link.
    pub token: SecretText,
    /// What the first tenant is called.
    pub tenant: TenantName,
    /// What the administrator signs in with.
    pub email: Email,
    /// What others read.
    pub name: PersonName,
    /// The administrator's password.
    pub password: SecretText,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum FinishSetupError {
    /// Unknown, used or older than the latest link.
    #[error("this link is no longer valid; start casemate again for a new one")]
    BadLink,
    /// The password does not do.
    #[error(transparent)]
    Password(#[from] crate::sessions::sign_in::PasswordFault),
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

store_errors_are_faults!(FinishSetupError);

/// Makes tenant and administrator and signs them in.
///
/// # Errors
/// See [`FinishSetupError`].
pub async fn finish_setup(
    service: &Service,
    request: FinishSetup,
    origin: &Origin,
) -> Result<SignedIn, FinishSetupError> {
    let Some(link) = find_link(service, &request.token).await? else { return Err(FinishSetupError::BadLink) };
    check_new(&request.password, &[request.tenant.as_str(), request.name.as_str(), request.email.as_str()])?;
    let credential = service.hash_password(&request.password).await?;

    let now = service.now();
    let tenant = Tenant { id: TenantId::fresh(), name: request.tenant, four_eyes: true, created_at: now };
    let user = User { id: UserId::fresh(), email: request.email, name: request.name };
    let scope = service.own_scope(tenant.id)?;
    let mut tx = service.store().begin(&scope).await?;
    // SECURITY: of two who hold the link, the one who uses it up first is the administrator; the other gets nothing.
    if !tx.use_link(link.id).await? || tx.is_set_up().await? {
        return Err(FinishSetupError::BadLink);
    }
    tx.insert_tenant(&scope, &tenant).await?;
    tx.insert_user(&user, now).await?;
    tx.set_credential(user.id, &credential, now).await?;
    tx.insert_member(&scope, user.id, Role::Admin, now).await?;
    let signed_in = begin_session(service, &mut tx, user.id, tenant.id, origin).await?;
    for (action, object) in [
        ("tenant_create", format!("tenant:{}", tenant.id)),
        ("user_created", format!("member:{}", user.id)),
        ("authn_login_success", format!("session:{}", signed_in.session.id)),
    ] {
        let actor = Actor::Member(user.id);
        tx.append_event(service.event_by(actor, Chain::Tenant(tenant.id), Some(origin), action, object)).await?;
    }
    tx.commit().await?;
    log_begun(&signed_in.session, origin);
    Ok(signed_in)
}

/// Whether a set-up token is good, for showing the page.
///
/// # Errors
/// When the store fails.
pub async fn is_setup_link_good(service: &Service, token: &SecretText) -> Result<bool, Fault> {
    Ok(find_link(service, token).await?.is_some())
}

async fn find_link(service: &Service, token: &SecretText) -> Result<Option<Link>, Fault> {
    let mut tx = service.store().begin_reading_instance().await?;
    let link = tx.link(&hash_of(token), service.now()).await?;
    Ok(link.filter(|link| link.kind == LinkKind::Setup))
}
