//! An administrator makes an API client.

use casemate_model::access::{Denied, ManageClients, TenantFacts};
use casemate_model::client::{Client, TokenScopes};
use casemate_model::id::ClientId;
use casemate_model::text::ClientName;
use casemate_store::KnownClient;
use serde_json::Map;

use crate::service::store_errors_are_faults;
use crate::sessions::secret_token::{hash_of, new_token};
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

store_errors_are_faults!(CreateClientError);

/// Makes it.
///
/// # Errors
/// See [`CreateClientError`].
pub async fn create_client(
    service: &Service,
    asking: &Asking,
    request: CreateClient,
) -> Result<CreatedClient, CreateClientError> {
    let tenant = asking.caller.tenant();
    let permit = service.permit(asking, ManageClients, TenantFacts { id: tenant })?;
    if request.scopes.is_empty() {
        return Err(CreateClientError::NoScopes);
    }
    let client = Client {
        id: ClientId::fresh(),
        tenant,
        name: request.name,
        scopes: request.scopes,
        created_at: service.now(),
        revoked_at: None,
        last_used_at: None,
    };
    // A prefix of our own lets secret scanners find it where it should not be.
    let secret = new_token("casemate_cs_")?;
    let known = KnownClient { client, secret_hash: hash_of(&secret) };
    let mut tx = service.store().begin(&permit).await?;
    tx.insert_client(&permit, &known).await?;
    let details = Map::from_iter([("scope".to_owned(), known.client.scopes.to_string().into())]);
    tx.append_event(service.event(asking, "client_create", format!("client:{}", known.client.id), details)).await?;
    tx.commit().await?;
    Ok(CreatedClient { client: known.client, secret })
}
