//! What a project depends on, and what is known about it.
//!
//! Texts of manifests, lock files and installed packages go in, with their path; what they declare and lock comes out,
//! each with its place. Advisories in OSV form are made into an index, and asked about packages. Nothing here opens a
//! file, asks the network or judges.

pub mod advisories;
pub mod manifest;
pub mod modules;
pub mod popular;
pub mod project;
pub mod vex;

pub use pep440_rs::{Version, VersionSpecifiers};
pub use pep508_rs::{MarkerEnvironment, MarkerTree};
