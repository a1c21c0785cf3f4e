//! People of a tenant, and the links that bring them in.

pub(crate) mod invitation;
pub(crate) mod list;
pub(crate) mod reset;
