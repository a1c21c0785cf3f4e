//! What callers of the auditor see.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod audit;
mod baseline;
mod bills;
mod configuration;
mod report;
mod robust;
mod rules;
mod settings;
mod setup_py;
mod support;
mod suppress;
mod synthetic;
