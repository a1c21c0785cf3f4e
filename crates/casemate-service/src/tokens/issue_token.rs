//! Gives an API client an access token: OAuth 2.0 client credentials (RFC 6749 section 4.4), JWT by RFC 9068.

use casemate_model::client::TokenScopes;

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

/// Makes it.
///
/// # Errors
/// See [`IssueTokenError`].
pub async fn issue_token(
    _service: &Service,
    _request: IssueToken,
    _origin: &Origin,
) -> Result<AccessToken, IssueTokenError> {
    todo!()
}
