//! Programs that call the API.

pub mod create_client;
pub mod list_clients;
pub mod revoke_client;
