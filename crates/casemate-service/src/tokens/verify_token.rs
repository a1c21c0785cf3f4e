//! Finds out who an access token stands for (RFC 8725, RFC 9068).

use casemate_model::access::ClientCaller;

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

/// Who the token stands for, with the scopes that it holds and the client still has.
///
/// # Errors
/// See [`VerifyTokenError`].
pub async fn verify_token(
    _service: &Service,
    _token: &SecretText,
    _origin: &Origin,
) -> Result<ClientCaller, VerifyTokenError> {
    todo!()
}
