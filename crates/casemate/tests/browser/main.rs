//! Pages in a real browser: headless Chromium, driven through chromedriver. Those of the tracker come from a server of our
//! own, reports from files.
//!
//! Without the two the tests say so loudly and pass; with `CASEMATE_REQUIRE_ALL=1` they fail.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]
#![allow(clippy::print_stderr, reason = "a skipped test says so")]
#![cfg_attr(not(feature = "server"), allow(dead_code, reason = "only the tracker's pages are clicked through"))]

mod album;
mod browser;
#[cfg(feature = "server")]
mod house;
#[cfg(feature = "server")]
mod looks;
#[cfg(feature = "server")]
mod pages;
mod report;
#[cfg(feature = "server")]
mod safety;
#[cfg(feature = "server")]
mod workflow;
