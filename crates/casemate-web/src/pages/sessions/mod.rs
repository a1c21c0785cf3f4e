//! Signing in and out, and a person's own page.

pub(crate) mod confirm;
pub(crate) mod me;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
