//! The keys that sign access tokens: made on first start, published, rotated with an overlap.

use crate::{Fault, Service};

/// The public keys as a JWK Set (RFC 7517): the one that signs, and those whose tokens may still be alive.
///
/// # Errors
/// When the store fails.
pub async fn jwks(_service: &Service) -> Result<serde_json::Value, Fault> {
    todo!()
}

/// A new key signs from now on; the old one verifies until its last token has expired. Returns the new key's id.
///
/// # Errors
/// When the store fails.
pub async fn rotate_keys(_service: &Service) -> Result<String, Fault> {
    todo!()
}
