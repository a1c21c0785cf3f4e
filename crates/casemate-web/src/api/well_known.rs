//! `/.well-known/…`: the keys that sign tokens, what the token endpoint can do, whom to tell about a hole.

use axum::Json;
use axum::extract::State;
use casemate_model::client::TokenScope;
use casemate_service::Service;
use casemate_service::tokens::keys;
use http::HeaderName;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::moment;
use crate::failure::Failure;
use crate::state::AppState;

/// The public keys as a JWK Set (RFC 7517).
pub(crate) async fn jwks(
    State(service): State<Service>,
) -> Result<([(HeaderName, &'static str); 1], Json<Value>), Failure> {
    let keys = keys::jwks(&service).await?;
    Ok(([(CACHE_CONTROL, "public, max-age=300")], Json(keys)))
}

/// Authorization server metadata (RFC 8414): what is there and nothing else.
pub(crate) async fn authorization_server(State(state): State<AppState>) -> Json<Value> {
    let issuer = state.settings.base_url();
    Json(json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/oauth/token"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": TokenScope::ALL.map(TokenScope::as_str),
    }))
}

/// Whom to tell about a hole (RFC 9116).
pub(crate) async fn security_txt(State(state): State<AppState>) -> ([(HeaderName, &'static str); 1], String) {
    let base = state.settings.base_url();
    let expires = (OffsetDateTime::now_utc() + Duration::days(30)).replace_time(time::Time::MIDNIGHT);
    let text = format!(
        "Contact: {}\nExpires: {}\nPreferred-Languages: en\nCanonical: {base}/.well-known/security.txt\n",
        state.settings.security_contact,
        moment::time(expires),
    );
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text)
}
