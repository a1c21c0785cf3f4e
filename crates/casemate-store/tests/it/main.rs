//! What the store promises, on each engine.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod audit;
mod house;
mod walls;
