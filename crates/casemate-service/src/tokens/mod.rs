//! Access tokens for programs.

pub(crate) mod client_cache;
pub mod issue_token;
pub(crate) mod key_ring;
pub mod keys;
pub mod verify_token;
