//! The foreign world: time.

pub mod clock;
