//! Repositories as git makes them, and as accidents leave them.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod bench;
mod broken;
mod history;
mod hooks;
mod staged;
