//! What others tell us.

pub mod advisories;
pub mod verify;
