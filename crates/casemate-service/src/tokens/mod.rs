//! Access tokens for programs.

pub mod issue_token;
pub mod keys;
pub mod verify_token;
