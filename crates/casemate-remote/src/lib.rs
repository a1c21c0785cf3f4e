//! What others tell us.

pub mod advisories;
