//! People of a tenant.

pub mod accept_invitation;
pub mod change_role;
pub mod directory;
pub mod invite_member;
pub mod list_members;
pub mod remove_member;
pub mod reset_password;
