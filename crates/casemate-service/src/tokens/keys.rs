//! The keys that sign access tokens: made on first start, published, rotated with an overlap.

use crate::{Fault, Service};

/// The public keys as a JWK Set (RFC 7517): the one that signs, and those whose tokens may still be alive.
///
/// # Errors
/// When the store fails.
pub async fn jwks(service: &Service) -> Result<serde_json::Value, Fault> {
    let keys = service.keys().all(service).await?;
    let keys: Result<Vec<_>, _> = keys.iter().map(|key| serde_json::to_value(&key.jwk)).collect();
    Ok(serde_json::json!({ "keys": keys.map_err(|error| Fault::new(error.to_string()))? }))
}

/// A new key signs from now on; the old one verifies until its last token has expired. Returns the new key's id.
///
/// # Errors
/// When the store fails.
pub async fn rotate_keys(service: &Service) -> Result<String, Fault> {
    service.keys().make(service).await
}
