//! What the analysis says about programs, from outside.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod flow;
mod flow_made;
mod flow_passed;
mod positions;
mod resume;
mod routes;
