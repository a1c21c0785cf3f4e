//! What we remember.
//!
//! SQL for SQLite and PostgreSQL. [`Store::begin`] is the only way to the rows of a tenant; it takes a
//! [`casemate_model::access::Scope`] or a [`casemate_model::access::Permit`], which only the access module makes.

mod audit;
mod engine;

pub use audit::Head;
pub use engine::{OpenStoreError, Place, Store, StoreError, Tx};
