//! API clients: made, shown, revoked.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use casemate_model::client::{TokenScope, TokenScopes};
use casemate_model::id::ClientId;
use casemate_model::text::ClientName;
use casemate_service::clients::create_client::{CreateClient, CreateClientError, create_client};
use casemate_service::clients::list_clients::list_clients;
use casemate_service::clients::revoke_client;
use secrecy::ExposeSecret as _;

use super::answer;
use super::done::{self, Done};
use super::form::{Fields, Sheet};
use super::frame::Frame;
use super::when::When;
use crate::csrf::Form;
use crate::failure::{Code, Failure};
use crate::session::Visitor;
use crate::state::AppState;

#[derive(Template)]
#[template(path = "clients/list.html")]
struct ClientsPage {
    frame: Frame,
    clients: Vec<ClientRow>,
    scopes: Vec<ScopeChoice>,
    sheet: Sheet,
    made: Option<Made>,
}

struct ClientRow {
    id: String,
    name: String,
    scopes: Vec<&'static str>,
    used: Option<When>,
    revoked: Option<When>,
}

struct ScopeChoice {
    word: &'static str,
    means: &'static str,
}

struct Made {
    id: String,
    name: String,
    secret: String,
}

impl ClientsPage {
    async fn of(state: &AppState, visitor: &Visitor, query: &Fields) -> Result<Self, Failure> {
        let now = state.service.now();
        let clients = list_clients(&state.service, &visitor.asking).await?;
        Ok(Self {
            frame: Frame::of(state, visitor, "clients", "API clients").saying(query),
            clients: clients
                .into_iter()
                .map(|client| ClientRow {
                    id: client.id.to_string(),
                    name: client.name.to_string(),
                    scopes: client.scopes.iter().map(TokenScope::as_str).collect(),
                    used: client.last_used_at.map(|used| When::of(used, now)),
                    revoked: client.revoked_at.map(|revoked| When::of(revoked, now)),
                })
                .collect(),
            scopes: TokenScope::ALL
                .into_iter()
                .map(|scope| ScopeChoice { word: scope.as_str(), means: means(scope) })
                .collect(),
            sheet: Sheet::default(),
            made: None,
        })
    }
}

/// Shows the clients.
pub(crate) async fn show_clients(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(query): Query<Fields>,
) -> Result<Response, Failure> {
    answer::page(&ClientsPage::of(&state, &visitor, &query).await?)
}

/// Makes a client and shows its secret, this once.
pub(crate) async fn create_client_on_page(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(form): Form<Fields>,
) -> Result<Response, Failure> {
    let mut sheet = form.sheet();
    let name = sheet.take("name", ClientName::parse(form.text("name")));
    let scopes: Result<Vec<TokenScope>, _> = form.all("scope").map(str::parse).collect();
    let scopes = sheet.take("scope", scopes);
    let mut failure = None;
    if let (Some(name), Some(scopes)) = (name, scopes) {
        let request = CreateClient { name, scopes: TokenScopes::new(scopes) };
        match create_client(&state.service, &visitor.asking, request).await {
            Ok(made) => {
                let mut page = ClientsPage::of(&state, &visitor, &Fields::default()).await?;
                page.made = Some(Made {
                    id: made.client.id.to_string(),
                    name: made.client.name.to_string(),
                    secret: made.secret.expose_secret().to_owned(),
                });
                return answer::page(&page);
            }
            Err(error @ CreateClientError::NoScopes) => sheet.refuse("scope", error),
            Err(error) => failure = Some(Failure::from(error)),
        }
    }
    let page = ClientsPage::of(&state, &visitor, &Fields::default()).await?;
    sheet.answer(failure, |sheet| ClientsPage { sheet, ..page })
}

/// Revokes a client.
pub(crate) async fn revoke(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    _: Form<Fields>,
) -> Result<Response, Failure> {
    let client: ClientId = id.parse().map_err(|_| Failure::new(Code::NotFound))?;
    revoke_client::revoke_client(&state.service, &visitor.asking, client).await?;
    Ok(answer::go(&done::address("/clients", Done::ClientRevoked)))
}

fn means(scope: TokenScope) -> &'static str {
    match scope {
        TokenScope::CasesRead => "read cases, notes and findings",
        TokenScope::CasesWrite => "open and edit cases, add notes",
        TokenScope::CasesExport => "export cases",
        TokenScope::FindingsWrite => "submit scan reports",
        TokenScope::AuditRead => "read and verify the audit trail",
    }
}
