//! Makes the one-time link with which the first administrator sets the instance up.

use crate::{Fault, SecretText, Service};

/// A new token for `/setup`, which voids older ones; `None` when the instance is set up already.
///
/// # Errors
/// When the store fails.
pub async fn begin_setup(_service: &Service) -> Result<Option<SecretText>, Fault> {
    todo!()
}
