//! Signs a person in with e-mail address and password.

use casemate_model::access::Actor;
use casemate_model::audit::{Chain, OutcomeOfEvent, hex};
use casemate_model::id::{SessionId, TenantId, UserId};
use casemate_model::member::User;
use casemate_model::session::Session;
use casemate_model::text::Email;
use casemate_store::{Credential, Tx};
use sha2::{Digest as _, Sha256};
use time::Duration;

use super::passwords::Checked;
use super::secret_token::{hash_of, new_token};
use super::throttle::{Guessed, Throttle};
use crate::service::store_errors_are_faults;
use crate::{Fault, Origin, SecretText, Service};

/// What the sign-in page asks for, unchecked: a malformed address is answered like an unknown one.
#[derive(Debug)]
pub struct SignIn {
    /// What they typed as e-mail address.
    pub email: String,
    /// What they typed as password.
    pub password: SecretText,
}

/// A new session and the secret that the browser keeps for it.
#[derive(Debug)]
pub struct SignedIn {
    /// Goes into the `__Host-` cookie and nowhere else.
    pub token: SecretText,
    /// The session.
    pub session: Session,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Unknown address or wrong password: which, is not said.
    #[error("e-mail address or password is wrong")]
    Refused,
    /// Too many failures for this account from this network.
    #[error("too many attempts; try again in {retry_after_secs} seconds")]
    SlowDown {
        /// Seconds until another attempt is heard.
        retry_after_secs: u64,
    },
    /// Right, but a member of no tenant.
    #[error("your account belongs to no tenant; ask an administrator for an invitation")]
    NoTenant,
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

store_errors_are_faults!(SignInError);

/// Why a password is refused (NIST SP 800-63B-4 section 3.1.1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Shorter than 15 characters.
    #[error("must be at least 15 characters long; a few words make a good one")]
    TooShort,
    /// Longer than 1,024 characters.
    #[error("must be at most 1,024 characters long")]
    TooLong,
    /// On the list of common passwords, or made of the product's, tenant's or person's name.
    #[error("is too easy to guess: {0}")]
    Guessable(String),
}

/// Checks the password, at the same cost for an unknown address, and begins a session.
///
/// # Errors
/// See [`SignInError`].
pub async fn sign_in(service: &Service, request: SignIn, origin: &Origin) -> Result<SignedIn, SignInError> {
    let account = request.email.trim().to_lowercase();
    let throttle = Throttle::new(Guessed::Password, &account, origin.ip);
    if let Some(retry_after_secs) = throttle.knock(service, origin).await? {
        return Err(SignInError::SlowDown { retry_after_secs });
    }
    let found = match Email::parse(&account) {
        Ok(email) => find(service, &email).await?,
        Err(_) => None,
    };
    let credential = found.as_ref().and_then(|(_, credential)| credential.as_ref());
    let checked = service.check_password(&request.password, credential).await?;
    let (Some((user, Some(credential))), Checked::Right { is_old }) = (found, checked) else {
        refuse(service, &account, origin).await?;
        return Err(SignInError::Refused);
    };
    let Some(tenant) = first_tenant(service, user.id).await? else {
        return Err(SignInError::NoTenant);
    };

    let renewed = if is_old { Some(service.hash_password(&request.password).await?) } else { None };
    let scope = service.own_scope(tenant)?;
    let mut tx = service.store().begin(&scope).await?;
    tx.forget_attempts(throttle.key()).await?;
    // SECURITY: a password that was reset while it was being checked opens nothing any more (CWE-367); its row is locked
    // until the session is there, so that a reset that waits for it ends this session too.
    if !tx.renew_credential(user.id, &credential, renewed.as_ref().unwrap_or(&credential)).await? {
        return Err(SignInError::Refused);
    }
    let signed_in = begin_session(service, &mut tx, user.id, tenant, origin).await?;
    let actor = Actor::Member(user.id);
    let object = format!("session:{}", signed_in.session.id);
    tx.append_event(service.event_by(actor, Chain::Tenant(tenant), Some(origin), "authn_login_success", object))
        .await?;
    tx.commit().await?;
    log_begun(&signed_in.session, origin);
    Ok(signed_in)
}

async fn find(service: &Service, email: &Email) -> Result<Option<(User, Option<Credential>)>, Fault> {
    let mut tx = service.store().begin_reading_instance().await?;
    let Some(user) = tx.user_by_email(email).await? else { return Ok(None) };
    let credential = tx.credential(user.id).await?;
    Ok(Some((user, credential)))
}

async fn first_tenant(service: &Service, user: UserId) -> Result<Option<TenantId>, Fault> {
    let memberships = super::switch_tenant::memberships(service, user).await?;
    Ok(memberships.first().map(|(tenant, _)| tenant.id))
}

/// SECURITY: an unknown address and a wrong password leave the same trace at the same cost.
pub(crate) async fn refuse(service: &Service, account: &str, origin: &Origin) -> Result<(), Fault> {
    let account = account_hash(service, account);
    let object = format!("account:{account}");
    let mut event = service.event_by(Actor::Anonymous, Chain::Instance, Some(origin), "authn_login_fail", object);
    event.outcome = OutcomeOfEvent::Failure;
    let mut tx = service.store().begin_instance().await?;
    tx.append_event(event).await?;
    tx.commit().await?;
    tracing::warn!(
        target: "security",
        event = "authn_login_fail",
        request_id = %origin.request_id,
        account,
        outcome = "failure",
    );
    Ok(())
}

/// A name for an account in logs: the same for the same address, and nobody without the keys can try addresses against it.
fn account_hash(service: &Service, account: &str) -> String {
    let mut sha = Sha256::new();
    sha.update(b"casemate/account/v1\0");
    sha.update(service.secrets().seal_key().bytes());
    sha.update(account.as_bytes());
    hex(&sha.finalize().into())[..16].to_owned()
}

/// Writes down a new session. The caller appends the event and commits.
pub(crate) async fn begin_session(
    service: &Service,
    tx: &mut Tx,
    user: UserId,
    tenant: TenantId,
    origin: &Origin,
) -> Result<SignedIn, Fault> {
    let now = service.now();
    let session = Session {
        id: SessionId::fresh(),
        user,
        tenant,
        authenticated_at: now,
        created_at: now,
        seen_at: now,
        expires_at: now + Duration::seconds(service.settings().session_most_secs),
        agent: origin.agent.chars().filter(|c| !c.is_control()).take(200).collect(),
    };
    let token = new_token("")?;
    tx.insert_session(&session, &hash_of(&token)).await?;
    Ok(SignedIn { token, session })
}

pub(crate) fn log_begun(session: &Session, origin: &Origin) {
    for event in ["authn_login_success", "session_created"] {
        tracing::info!(
            target: "security",
            event,
            request_id = %origin.request_id,
            actor = %Actor::Member(session.user),
            tenant = %session.tenant,
            object = %format_args!("session:{}", session.id),
            outcome = "success",
        );
    }
}
