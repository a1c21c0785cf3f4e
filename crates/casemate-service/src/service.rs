//! What every use case works with.

use std::net::IpAddr;
use std::sync::Arc;

use casemate_model::access::Caller;

/// Text that is never shown: passwords, tokens, keys.
pub type SecretText = secrecy::SecretString;

/// Where a request came from, for the audit trail, the security log and rate limits.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Id of the request.
    pub request_id: String,
    /// Network address of the caller, seen through declared proxies only.
    pub ip: IpAddr,
    /// What the browser or program calls itself, shortened to 200 characters, control characters removed.
    pub agent: String,
}

/// Somebody asking for something.
#[derive(Clone, Debug)]
pub struct Asking {
    /// Who, as proved by a session or a token.
    pub caller: Caller,
    /// From where.
    pub origin: Origin,
}

/// What the operator decided.
#[derive(Clone, Debug)]
pub struct ServiceSettings {
    /// The address people and programs use, without a trailing slash: `http://127.0.0.1:8080`. Issuer and audience of tokens.
    pub base_url: String,
    /// Life of an access token, in seconds.
    pub access_token_secs: i64,
    /// A session ends when it was not used for this long, in seconds.
    pub session_idle_secs: i64,
    /// A session ends after this long, in seconds.
    pub session_most_secs: i64,
    /// Sensitive acts want a password given at most this long ago, in seconds.
    pub fresh_secs: i64,
}

/// The tracker's use cases share this. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    #[expect(dead_code, reason = "filled by the use cases")]
    inner: Arc<()>,
}

/// Something that is not the caller's doing and not theirs to know: the database failed, a key is missing.
#[derive(Debug, thiserror::Error)]
#[error("unexpected error")]
pub struct Fault(#[from] FaultCause);

/// What is behind a [`Fault`], for the log alone.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct FaultCause(pub String);
