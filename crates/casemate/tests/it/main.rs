//! The binary as people and scripts meet it.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

mod advisories;
mod audit;
mod baseline;
mod bench;
mod cache;
mod canary;
mod examples;
mod fixes;
mod history;
mod hook;
mod installed;
mod manners;
mod named;
mod network;
mod odd;
mod repository;
mod review;
mod rule;
#[cfg(feature = "server")]
mod serve;
mod settings;
mod since;
mod submit;
#[path = "../../../casemate-audit/tests/it/synthetic.rs"]
mod synthetic;
mod terminal;
mod verify;
