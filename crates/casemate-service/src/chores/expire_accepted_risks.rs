//! Reopens cases whose accepted risk has run out.

use crate::{Fault, Service};

/// Reopens them, tenant by tenant; returns how many.
///
/// # Errors
/// When the store fails.
pub async fn expire_accepted_risks(_service: &Service) -> Result<u64, Fault> {
    todo!()
}
