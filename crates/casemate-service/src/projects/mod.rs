//! Projects of a tenant.

pub mod list_projects;
