//! What callers see of the secrets in a text.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod laws;
mod names;
mod paths;
mod roles;
mod support;
mod tokens;
mod values;
