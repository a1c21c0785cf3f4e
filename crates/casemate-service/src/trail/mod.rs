//! The audit trail.

pub mod checkpoint;
pub mod read_trail;
pub mod verify_trail;
