//! An administrator makes an API client.

use casemate_model::access::Denied;
use casemate_model::client::{Client, TokenScopes};
use casemate_model::text::ClientName;

use crate::{Asking, Fault, SecretText, Service};

/// What the page or the API asks for.
#[derive(Clone, Debug)]
pub struct CreateClient {
    /// What people call it.
    pub name: ClientName,
    /// The most its tokens may do.
    pub scopes: TokenScopes,
}

/// The client and its secret, shown once.
#[derive(Debug)]
pub struct CreatedClient {
    /// The client.
    pub client: Client,
    /// `client_secret`: 256 random bits. Only its hash is stored.
    pub secret: SecretText,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum CreateClientError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A client without scopes could do nothing.
    #[error("choose at least one scope")]
    NoScopes,
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Makes it.
///
/// # Errors
/// See [`CreateClientError`].
pub async fn create_client(
    _service: &Service,
    _asking: &Asking,
    _request: CreateClient,
) -> Result<CreatedClient, CreateClientError> {
    todo!()
}
