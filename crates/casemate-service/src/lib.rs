//! What happens.
//!
//! One file for each use case: what it takes, how it fails, what it does. A use case asks the access module, changes
//! the store in one transaction together with its audit event, and tells the security log how it ended.

pub mod cases;
pub mod chores;
pub mod clients;
pub mod demo;
pub mod findings;
pub mod members;
pub mod outside;
pub mod projects;
pub mod secrets;
pub mod service;
pub mod sessions;
pub mod setup;
pub mod tenants;
pub mod tokens;
pub mod trail;

pub use secrets::Secrets;
pub use service::{Asking, Fault, Origin, PasswordCost, SecretText, Service, ServiceSettings};
