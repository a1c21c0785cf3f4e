//! What tests need from the machine: a PostgreSQL of their own.
//!
//! For tests alone; no other crate depends on it but as `dev-dependencies`.

pub mod postgres;
