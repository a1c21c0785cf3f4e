//! What people see.
//!
//! A handler parses what came, calls one use case and shows a template or leads on. Templates lie beside their
//! handlers; what they show is text, always escaped. The rest of this folder is what they share.

mod answer;
mod bad_link;
mod code;
mod done;
mod form;
mod frame;
mod icon;
mod people;
mod prose;
mod when;

pub(crate) mod cases;
pub(crate) mod clients;
pub mod failure;
pub(crate) mod findings;
pub(crate) mod members;
pub(crate) mod scans;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod setup;
pub(crate) mod trail;

/// What pages need beyond the strict content security policy: our own script file.
pub(crate) const CONTENT_SECURITY_POLICY_EXTRA: &str = "; script-src 'self'";
