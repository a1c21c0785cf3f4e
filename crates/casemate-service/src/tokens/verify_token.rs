//! Finds out who an access token stands for (RFC 8725, RFC 9068).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use casemate_model::access::ClientCaller;
use casemate_model::client::{Client, TokenScopes};
use casemate_model::id::ClientId;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation};
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{Fault, Origin, SecretText, Service};

/// Why a token is refused. For the security log; callers are told no more than `invalid_token`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// Not a JWT of ours at all.
    #[error("malformed")]
    Malformed,
    /// `alg` is not the one of the key, or `none`.
    #[error("wrong algorithm")]
    Algorithm,
    /// `typ` is not `at+jwt`.
    #[error("wrong type")]
    Type,
    /// The header brings its own key or extensions (`jku`, `jwk`, `x5u`, `x5c`, `crit`).
    #[error("forbidden header")]
    Header,
    /// No key with this `kid`.
    #[error("unknown key")]
    UnknownKey,
    /// The signature does not fit.
    #[error("bad signature")]
    Signature,
    /// Past `exp`.
    #[error("expired")]
    Expired,
    /// Before `nbf` or `iat`.
    #[error("not yet valid")]
    NotYetValid,
    /// Another issuer.
    #[error("wrong issuer")]
    Issuer,
    /// For another audience.
    #[error("wrong audience")]
    Audience,
    /// The claims do not fit together, or name no client.
    #[error("bad claims")]
    Claims,
    /// The client was revoked.
    #[error("client revoked")]
    Revoked,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum VerifyTokenError {
    /// The token is no good.
    #[error("invalid token")]
    Refused(#[from] TokenFault),
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// `typ` of an access token (RFC 9068 section 2.1).
pub(crate) const TYP: &str = "at+jwt";
/// How far another clock may be ahead of ours, in seconds.
const LEEWAY: i64 = 5;
/// Longest token looked at.
const MOST_BYTES: usize = 8_192;
/// Headers that would let a token choose its own key or rules (RFC 8725 section 3.10, RFC 7515 section 4.1).
const FORBIDDEN: [&str; 7] = ["jku", "jwk", "x5u", "x5c", "crit", "zip", "b64"];

/// What a token says (RFC 9068 section 2.2).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Claims {
    iss: String,
    aud: String,
    sub: String,
    client_id: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    pub(crate) jti: String,
    tenant: String,
    scope: String,
    /// Filled in from the header once the signature holds.
    #[serde(skip)]
    kid: String,
}

impl Claims {
    pub(crate) fn new(service: &Service, client: &Client, scopes: &TokenScopes, now: i64) -> Self {
        let settings = service.settings();
        Self {
            iss: settings.base_url.clone(),
            aud: settings.base_url.clone(),
            sub: client.id.to_string(),
            client_id: client.id.to_string(),
            iat: now,
            nbf: now,
            exp: now + settings.access_token_secs,
            jti: Uuid::now_v7().to_string(),
            tenant: client.tenant.to_string(),
            scope: scopes.to_string(),
            kid: String::new(),
        }
    }
}

/// Who the token stands for, with the scopes that it holds and the client still has.
///
/// # Errors
/// See [`VerifyTokenError`].
pub async fn verify_token(
    service: &Service,
    token: &SecretText,
    origin: &Origin,
) -> Result<ClientCaller, VerifyTokenError> {
    let answer = verify(service, token.expose_secret()).await;
    if let Err(VerifyTokenError::Refused(fault)) = &answer {
        let event = if *fault == TokenFault::Revoked { "authn_token_reuse" } else { "authn_token_fail" };
        tracing::warn!(
            target: "security",
            event,
            request_id = %origin.request_id,
            reason = %fault,
            outcome = "failure",
        );
    }
    answer
}

async fn verify(service: &Service, token: &str) -> Result<ClientCaller, VerifyTokenError> {
    if token.len() > MOST_BYTES {
        return Err(TokenFault::Malformed.into());
    }
    let claims = claims(service, token).await?;
    let settings = service.settings();
    if claims.iss != settings.base_url {
        return Err(TokenFault::Issuer.into());
    }
    if claims.aud != settings.base_url {
        return Err(TokenFault::Audience.into());
    }
    let now = service.now().unix_timestamp();
    if claims.exp <= now {
        return Err(TokenFault::Expired.into());
    }
    if claims.nbf > now + LEEWAY || claims.iat > now + LEEWAY {
        return Err(TokenFault::NotYetValid.into());
    }
    let id: ClientId = claims.client_id.parse().map_err(|_| TokenFault::Claims)?;
    let scopes = TokenScopes::parse(&claims.scope).map_err(|_| TokenFault::Claims)?;
    let client = service.clients().get(service, id).await?.ok_or(TokenFault::Claims)?;
    if claims.sub != claims.client_id || claims.tenant != client.tenant.to_string() {
        return Err(TokenFault::Claims.into());
    }
    if client.revoked_at.is_some() {
        return Err(TokenFault::Revoked.into());
    }
    let scopes = TokenScopes::new(scopes.iter().filter(|scope| client.scopes.contains(*scope)));
    Ok(ClientCaller { client: client.id, tenant: client.tenant, scopes })
}

/// What the token says, once its signature holds.
async fn claims(service: &Service, token: &str) -> Result<Arc<Claims>, VerifyTokenError> {
    let digest = Sha256::digest(token.as_bytes()).into();
    if let Some(known) = service.keys().vouched(&digest) {
        // The key may have been withdrawn since.
        return match service.keys().verifying(service, &known.kid).await? {
            Some(_) => Ok(known),
            None => Err(TokenFault::UnknownKey.into()),
        };
    }
    let kid = read_header(token)?;
    let key = service.keys().verifying(service, &kid).await?.ok_or(TokenFault::UnknownKey)?;
    // SECURITY: the algorithm is the key's, whatever the header says (RFC 8725 section 3.1). Times, issuer and audience are
    // checked above, each with its own fault and by the service's clock.
    let mut validation = Validation::new(Algorithm::RS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let read = jsonwebtoken::decode::<Claims>(token, &key.key, &validation).map_err(|error| match error.kind() {
        ErrorKind::InvalidSignature => TokenFault::Signature,
        ErrorKind::InvalidAlgorithm => TokenFault::Algorithm,
        ErrorKind::Json(_) | ErrorKind::MissingRequiredClaim(_) => TokenFault::Claims,
        _ => TokenFault::Malformed,
    })?;
    let claims = Arc::new(Claims { kid, ..read.claims });
    service.keys().vouch(digest, claims.clone());
    Ok(claims)
}

/// Checks the header and returns the name of the key.
fn read_header(token: &str) -> Result<String, TokenFault> {
    let mut parts = token.split('.');
    let (Some(header), Some(_), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(TokenFault::Malformed);
    };
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| TokenFault::Malformed)?;
    let header: Map<String, Value> = serde_json::from_slice(&header).map_err(|_| TokenFault::Malformed)?;
    if FORBIDDEN.iter().any(|name| header.contains_key(*name)) {
        return Err(TokenFault::Header);
    }
    let text = |name: &str| header.get(name).and_then(Value::as_str);
    if text("alg") != Some("RS256") {
        return Err(TokenFault::Algorithm);
    }
    if text("typ") != Some(TYP) {
        return Err(TokenFault::Type);
    }
    text("kid").map(str::to_owned).ok_or(TokenFault::UnknownKey)
}
