//! The pages in a real browser: headless Chromium, driven through chromedriver against a server of our own.
//!
//! Without the two the tests say so loudly and pass; with `CASEMATE_REQUIRE_ALL=1` they fail.
#![cfg(feature = "server")]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

mod browser;
mod house;
mod looks;
mod pages;
mod safety;
mod workflow;
