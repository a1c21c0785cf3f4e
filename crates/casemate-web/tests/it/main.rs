//! The tracker as browsers, programs and attackers meet it.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod api;
mod attacks;
mod canary;
mod edges;
mod everybody;
mod forms;
mod house;
mod oauth;
mod openapi;
