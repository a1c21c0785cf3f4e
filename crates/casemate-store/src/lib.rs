//! What we remember.
//!
//! SQL for SQLite and PostgreSQL. [`Store::begin`] is the only way to the rows of a tenant; it takes a
//! [`casemate_model::access::Scope`] or a [`casemate_model::access::Permit`], which only the access module makes.

mod audit;
mod cases;
mod engine;
mod findings;
mod notes;
mod projects;
mod scans;
mod transitions;

pub use audit::Head;
pub use cases::{CaseFilter, Counted};
pub use engine::{OpenStoreError, Place, Store, StoreError, Tx};
pub use findings::{FindingFilter, KnownFinding, NewFinding, Sighting};
