//! What callers see of the secrets in a text.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod names;
mod tokens;
