//! Gives an API client an access token: OAuth 2.0 client credentials (RFC 6749 section 4.4), JWT by RFC 9068.

use casemate_model::access::Actor;
use casemate_model::audit::Chain;
use casemate_model::client::{Client, TokenScopes};
use casemate_model::id::ClientId;
use jsonwebtoken::{Algorithm, Header};
use subtle::ConstantTimeEq as _;

use super::verify_token::{Claims, TYP};
use crate::service::store_errors_are_faults;
use crate::sessions::secret_token::hash_of;
use crate::sessions::sign_in::refuse;
use crate::sessions::throttle::{Guessed, Throttle};
use crate::{Fault, Origin, SecretText, Service};

/// What the token endpoint was sent, unchecked.
#[derive(Debug)]
pub struct IssueToken {
    /// `client_id`.
    pub client_id: String,
    /// `client_secret`.
    pub client_secret: SecretText,
    /// `scope`; without it the token holds all the client's scopes.
    pub scope: Option<String>,
}

/// A token.
#[derive(Debug)]
pub struct AccessToken {
    /// The JWT, `typ: at+jwt`.
    pub token: SecretText,
    /// Its life, in seconds.
    pub expires_in_secs: i64,
    /// What it may do.
    pub scopes: TokenScopes,
}

/// Why it did not work; the names follow RFC 6749 section 5.2.
#[derive(Debug, thiserror::Error)]
pub enum IssueTokenError {
    /// Unknown, revoked, or the wrong secret: which, is not said.
    #[error("client authentication failed")]
    InvalidClient,
    /// A scope that does not exist or that the client does not have.
    #[error("scope is unknown or more than this client may have")]
    InvalidScope,
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

store_errors_are_faults!(IssueTokenError);

/// Makes it.
///
/// # Errors
/// See [`IssueTokenError`].
pub async fn issue_token(
    service: &Service,
    request: IssueToken,
    origin: &Origin,
) -> Result<AccessToken, IssueTokenError> {
    let throttle = Throttle::new(Guessed::ClientSecret, &request.client_id, origin.ip);
    // A program asks often and at once: only its failures count, and 256 random bits are not guessed in a burst.
    if let Some(retry_after_secs) = throttle.peek(service, origin).await? {
        return Err(IssueTokenError::SlowDown { retry_after_secs });
    }
    let Some(client) = authenticated(service, &request).await? else {
        throttle.knock(service, origin).await?;
        refuse(service, &format!("client:{}", request.client_id), origin).await?;
        return Err(IssueTokenError::InvalidClient);
    };
    let scopes = match &request.scope {
        None => client.scopes.clone(),
        Some(text) => TokenScopes::parse(text).map_err(|_| IssueTokenError::InvalidScope)?,
    };
    if scopes.is_empty() || !client.scopes.covers(&scopes) {
        return Err(IssueTokenError::InvalidScope);
    }

    let now = service.now();
    let expires_in_secs = service.settings().access_token_secs;
    let claims = Claims::new(service, &client, &scopes, now.unix_timestamp());
    let jti = claims.jti.clone();
    let signer = service.keys().signer(service).await?;
    let token = tokio::task::spawn_blocking(move || {
        let header = Header { typ: Some(TYP.to_owned()), kid: Some(signer.kid), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, &claims, &signer.key)
    })
    .await
    .map_err(|error| Fault::new(error.to_string()))?
    .map_err(|error| Fault::new(format!("signing a token: {error}")))?;

    let scope = service.own_scope(client.tenant)?;
    let mut event = service.event_by(
        Actor::Client(client.id),
        Chain::Tenant(client.tenant),
        Some(origin),
        "authn_token_created",
        format!("token:{jti}"),
    );
    event.details.insert("scope".to_owned(), scopes.to_string().into());
    let mut tx = service.store().begin(&scope).await?;
    tx.forget_attempts(throttle.key()).await?;
    tx.touch_client(&scope, client.id, now).await?;
    tx.append_event(event).await?;
    tx.commit().await?;
    tracing::info!(
        target: "security",
        event = "authn_token_created",
        request_id = %origin.request_id,
        actor = %Actor::Client(client.id),
        tenant = %client.tenant,
        object = %format_args!("token:{jti}"),
        scope = %scopes,
        outcome = "success",
    );
    Ok(AccessToken { token: SecretText::from(token), expires_in_secs, scopes })
}

/// The client, if this is its secret and it was not revoked.
async fn authenticated(service: &Service, request: &IssueToken) -> Result<Option<Client>, Fault> {
    let known = match request.client_id.parse::<ClientId>() {
        Ok(id) => service.store().begin_reading_instance().await?.client_by_id(id).await?,
        Err(_) => None,
    };
    // SECURITY: compared in constant time (CWE-208), with something also where there is no such client.
    let stored = known.as_ref().map_or([0; 32], |known| known.secret_hash);
    let is_right = bool::from(hash_of(&request.client_secret)[..].ct_eq(&stored[..]));
    Ok(known.filter(|known| is_right && known.client.revoked_at.is_none()).map(|known| known.client))
}
