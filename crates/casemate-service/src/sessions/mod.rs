//! Signing in and out.

pub mod confirm_password;
pub mod list_sessions;
pub(crate) mod passwords;
pub mod resume;
pub mod revoke_session;
pub(crate) mod secret_token;
pub mod sign_in;
pub mod sign_out;
pub mod switch_tenant;
pub(crate) mod throttle;
