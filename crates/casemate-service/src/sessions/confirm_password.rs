//! A signed-in person gives their password again before a sensitive act.

use casemate_model::id::SessionId;
use casemate_model::session::Session;
use serde_json::Map;

use super::passwords::Checked;
use super::secret_token::{hash_of, new_token};
use super::sign_in::refuse;
use super::throttle::{Guessed, Throttle};
use crate::service::store_errors_are_faults;
use crate::sessions::sign_in::SignedIn;
use crate::{Asking, Fault, SecretText, Service};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmPasswordError {
    /// Wrong password.
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

store_errors_are_faults!(ConfirmPasswordError);

/// Makes the session fresh, under a new secret.
///
/// # Errors
/// See [`ConfirmPasswordError`].
pub async fn confirm_password(
    service: &Service,
    asking: &Asking,
    session: SessionId,
    password: SecretText,
) -> Result<SignedIn, ConfirmPasswordError> {
    let Some(user) = asking.caller.user() else { return Err(ConfirmPasswordError::Refused) };
    let throttle = Throttle::new(Guessed::Password, &user.to_string(), asking.origin.ip);
    if let Some(retry_after_secs) = throttle.knock(service, &asking.origin).await? {
        return Err(ConfirmPasswordError::SlowDown { retry_after_secs });
    }
    let credential = service.store().begin_reading_instance().await?.credential(user).await?;
    if service.check_password(&password, credential.as_ref()).await? == Checked::Wrong {
        refuse(service, &user.to_string(), &asking.origin).await?;
        return Err(ConfirmPasswordError::Refused);
    }

    let scope = service.own_scope(asking.caller.tenant())?;
    let token = new_token("")?;
    let now = service.now();
    let mut tx = service.store().begin(&scope).await?;
    tx.forget_attempts(throttle.key()).await?;
    let Some(known) = tx.session(user, session).await? else { return Err(ConfirmPasswordError::Refused) };
    let known = Session { authenticated_at: now, seen_at: now, ..known };
    // SECURITY: a new secret, so that whoever knew the old one does not gain from it (CWE-384).
    tx.rotate_session(&known, &hash_of(&token)).await?;
    tx.append_event(service.event(asking, "authn_confirm", format!("session:{session}"), Map::new())).await?;
    tx.commit().await?;
    Ok(SignedIn { token, session: known })
}
