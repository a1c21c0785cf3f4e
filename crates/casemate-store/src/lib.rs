//! What we remember.
//!
//! SQL for SQLite and PostgreSQL. [`Store::begin`] is the only way to the rows of a tenant; it takes a
//! [`casemate_model::access::Scope`] or a [`casemate_model::access::Permit`], which only the access module makes.

mod audit;
mod cases;
mod clients;
mod engine;
mod findings;
mod keys;
mod links;
mod members;
mod notes;
mod projects;
mod scans;
mod sessions;
mod tenants;
mod throttle;
mod transitions;
mod users;

pub use audit::Head;
pub use cases::{CaseFilter, Counted};
pub use clients::KnownClient;
pub use engine::{OpenStoreError, Place, Store, StoreError, Tx};
pub use findings::{FindingFilter, KnownFinding, NewFinding, Sighting};
pub use keys::SigningKey;
pub use links::{Link, LinkKind};
pub use throttle::Attempt;
pub use users::Credential;

/// A SHA-256 of a secret: what is stored instead of it.
pub type SecretHash = [u8; 32];
