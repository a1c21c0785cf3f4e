//! What happens in the tracker, as those see it who ask for it.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod cases;
mod chores;
mod clients;
mod demo;
mod findings;
mod house;
mod members;
mod office;
mod sessions;
mod setup;
mod tenants;
mod tokens;
mod trail;
