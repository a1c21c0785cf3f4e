//! People of a tenant, and the links that bring them in.

pub mod invitation;
pub mod list;
pub mod reset;
