//! What others tell us, by servers that behave badly.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod advisories;
mod verify;
