//! What there is and who may touch it.
//!
//! Nouns of the tracker as types that cannot hold nonsense, and the access module that alone decides who may read
//! ([`access::Scope`]) and change ([`access::Permit`]) them. No SQL, HTTP, files or clock here.

pub mod access;
pub mod audit;
pub mod case;
pub mod client;
pub mod finding;
pub mod id;
pub mod member;
pub mod note;
pub mod page;
pub mod project;
pub mod scan;
pub mod session;
pub mod tenant;
pub mod text;

pub use time::OffsetDateTime as Timestamp;
