//! API clients. Their secrets are stored as hashes.

use casemate_model::Timestamp;
use casemate_model::access::{ManageClients, Permit, Scope, Walls};
use casemate_model::client::{Client, TokenScopes};
use casemate_model::id::{ClientId, TenantId};
use casemate_model::text::ClientName;
use uuid::Uuid;

use crate::SecretHash;
use crate::engine::{StoreError, Tx, on};

/// A client, and the hash of its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownClient {
    /// The client.
    pub client: Client,
    /// SHA-256 of its secret.
    pub secret_hash: SecretHash,
}

#[derive(sqlx::FromRow)]
struct ClientRow {
    tenant_id: Uuid,
    id: Uuid,
    name: String,
    secret_hash: Vec<u8>,
    scopes: String,
    created_at: Timestamp,
    revoked_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
}

impl TryFrom<ClientRow> for KnownClient {
    type Error = StoreError;

    fn try_from(row: ClientRow) -> Result<Self, StoreError> {
        let client = Client {
            id: ClientId(row.id),
            tenant: TenantId(row.tenant_id),
            name: ClientName::parse(&row.name).map_err(|error| StoreError::row("client", &error))?,
            scopes: TokenScopes::parse(&row.scopes).map_err(|error| StoreError::row("client", &error))?,
            created_at: row.created_at,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
        };
        let secret_hash = row.secret_hash[..].try_into().map_err(|error| StoreError::row("client", &error))?;
        Ok(Self { client, secret_hash })
    }
}

impl Tx {
    /// The client with this id, whosesoever it is: the token endpoint asks before the tenant is known.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn client_by_id(&mut self, id: ClientId) -> Result<Option<KnownClient>, StoreError> {
        self.see_client(id).await?;
        let row: Option<ClientRow> = on!(self, |c| {
            sqlx::query_as(
                "SELECT tenant_id, id, name, secret_hash, scopes, created_at, revoked_at, last_used_at \
                 FROM clients WHERE id = $1",
            )
            .bind(id.0)
            .fetch_optional(c)
            .await
        })?;
        row.map(KnownClient::try_from).transpose()
    }

    /// All clients of the tenant, the latest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clients(&mut self, walls: &impl Walls) -> Result<Vec<Client>, StoreError> {
        let rows: Vec<ClientRow> = on!(self, |c| {
            sqlx::query_as(
                "SELECT tenant_id, id, name, secret_hash, scopes, created_at, revoked_at, last_used_at \
                 FROM clients WHERE tenant_id = $1 ORDER BY id DESC",
            )
            .bind(walls.tenant().0)
            .fetch_all(c)
            .await
        })?;
        rows.into_iter().map(|row| Ok(KnownClient::try_from(row)?.client)).collect()
    }

    /// Names of all clients the tenant has or had.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn client_names(&mut self, scope: &Scope) -> Result<Vec<(ClientId, String)>, StoreError> {
        let rows: Vec<(Uuid, String)> = on!(self, |c| {
            sqlx::query_as("SELECT id, name FROM clients WHERE tenant_id = $1")
                .bind(scope.tenant().0)
                .fetch_all(c)
                .await
        })?;
        Ok(rows.into_iter().map(|(id, name)| (ClientId(id), name)).collect())
    }

    /// Makes a client.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn insert_client(
        &mut self,
        permit: &Permit<ManageClients>,
        known: &KnownClient,
    ) -> Result<(), StoreError> {
        let client = &known.client;
        on!(self, |c| {
            sqlx::query(
                "INSERT INTO clients (tenant_id, id, name, secret_hash, scopes, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(permit.tenant().0)
            .bind(client.id.0)
            .bind(client.name.as_str())
            .bind(&known.secret_hash[..])
            .bind(client.scopes.to_string())
            .bind(client.created_at)
            .execute(c)
            .await
            .map(drop)
        })?;
        Ok(())
    }

    /// Revokes a client; `false` when there is none that holds.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn revoke_client(
        &mut self,
        permit: &Permit<ManageClients>,
        id: ClientId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = on!(self, |c| {
            sqlx::query("UPDATE clients SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL")
                .bind(permit.tenant().0)
                .bind(id.0)
                .bind(at)
                .execute(c)
                .await
                .map(|done| done.rows_affected())
        })?;
        Ok(rows == 1)
    }

    /// Writes down when a client last got a token.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn touch_client(&mut self, walls: &impl Walls, id: ClientId, at: Timestamp) -> Result<(), StoreError> {
        on!(self, |c| {
            sqlx::query("UPDATE clients SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2")
                .bind(walls.tenant().0)
                .bind(id.0)
                .bind(at)
                .execute(c)
                .await
                .map(drop)
        })?;
        Ok(())
    }
}
