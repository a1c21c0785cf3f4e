//! Signing in and out, and a person's own page.

pub mod confirm;
pub mod me;
pub mod sign_in;
pub mod sign_out;
