//! `/clients`: programs of the tenant, for administrators who proved a moment ago who they are.

use axum::extract::State;
use casemate_model::client::{Client, TokenScope, TokenScopes};
use casemate_model::id::ClientId;
use casemate_model::text::ClientName;
use casemate_service::Service;
use casemate_service::clients::{create_client, list_clients, revoke_client};
use http::StatusCode;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::Signed;
use super::input::{Faults, Json, Named, NoQuery};
use super::{List, moment};
use crate::failure::Failure;

/// One client.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientBody {
    /// `client_id`.
    #[schema(format = "uuid")]
    client_id: String,
    /// What people call it.
    #[schema(example = "pipeline")]
    name: String,
    /// The most its tokens may do.
    #[schema(example = json!(["cases:read", "findings:write"]))]
    scopes: Vec<&'static str>,
    /// Since when.
    #[schema(format = "date-time")]
    created_at: String,
    /// Since when it may no longer get tokens.
    #[schema(format = "date-time")]
    revoked_at: Option<String>,
    /// When it last got a token.
    #[schema(format = "date-time")]
    last_used_at: Option<String>,
}

impl From<Client> for ClientBody {
    fn from(client: Client) -> Self {
        Self {
            client_id: client.id.to_string(),
            name: client.name.into(),
            scopes: client.scopes.iter().map(TokenScope::as_str).collect(),
            created_at: moment::time(client.created_at),
            revoked_at: client.revoked_at.map(moment::time),
            last_used_at: client.last_used_at.map(moment::time),
        }
    }
}

/// List clients, the latest first, revoked ones included
#[utoipa::path(get, path = "/api/v1/clients", tag = "tenant", responses((status = 200, body = List<ClientBody>)))]
pub(crate) async fn list_clients(
    State(service): State<Service>,
    Signed(asking): Signed,
    _: NoQuery,
) -> Result<axum::Json<List<ClientBody>>, Failure> {
    let clients = list_clients::list_clients(&service, &asking).await?;
    Ok(axum::Json(List::whole(clients.into_iter().map(Into::into))))
}

/// A new client.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateClientBody {
    /// What people call it.
    #[schema(min_length = 1, max_length = 100, example = "pipeline")]
    name: String,
    /// The most its tokens may do.
    #[schema(example = json!(["cases:read", "findings:write"]))]
    scopes: Vec<String>,
}

/// A client and its secret, shown once.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedClientBody {
    #[serde(flatten)]
    client: ClientBody,
    /// `client_secret`. Only its hash is stored.
    client_secret: String,
}

fn scope(word: &str) -> Result<TokenScope, &'static str> {
    // SECURITY: the model's message quotes the word; it is not said back here.
    word.parse().map_err(|_| "must be cases:read, cases:write, cases:export, findings:write or audit:read")
}

/// Make a client
#[utoipa::path(
    post, path = "/api/v1/clients", tag = "tenant", request_body = CreateClientBody,
    responses((status = 201, body = CreatedClientBody))
)]
pub(crate) async fn create_client(
    State(service): State<Service>,
    Signed(asking): Signed,
    _: NoQuery,
    Json(body): Json<CreateClientBody>,
) -> Result<(StatusCode, axum::Json<CreatedClientBody>), Failure> {
    let mut faults = Faults::default();
    let scopes = TokenScopes::new(faults.take_all("scopes", &body.scopes, scope));
    let name = faults.take("name", ClientName::parse(&body.name));
    let name = faults.given(name)?;
    let created = create_client::create_client(&service, &asking, create_client::CreateClient { name, scopes }).await?;
    let body =
        CreatedClientBody { client: created.client.into(), client_secret: created.secret.expose_secret().to_owned() };
    Ok((StatusCode::CREATED, axum::Json(body)))
}

/// Revoke a client; the tokens it holds are refused from now on
#[utoipa::path(
    delete, path = "/api/v1/clients/{id}", tag = "tenant", params(("id" = String, Path, format = "uuid")),
    responses((status = 204))
)]
pub(crate) async fn revoke_client(
    State(service): State<Service>,
    Signed(asking): Signed,
    Named(client): Named<ClientId>,
    _: NoQuery,
) -> Result<StatusCode, Failure> {
    revoke_client::revoke_client(&service, &asking, client).await?;
    Ok(StatusCode::NO_CONTENT)
}
