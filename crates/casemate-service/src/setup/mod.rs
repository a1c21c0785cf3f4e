//! The first administrator.

pub mod begin_setup;
pub mod finish_setup;
