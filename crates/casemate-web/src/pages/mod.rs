//! What people see.

pub mod failure;

/// What pages need beyond the strict content security policy, such as `; script-src 'self'`; empty while there is no script.
pub(crate) const CONTENT_SECURITY_POLICY_EXTRA: &str = "";
