//! What callers of the auditor see.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]
#![allow(clippy::print_stdout, reason = "a long round tells what was slow")]

mod audit;
mod baseline;
mod bills;
mod changes;
mod configuration;
mod fixes;
#[path = "../../../../fuzz/src/lib.rs"]
#[allow(dead_code, unreachable_pub, reason = "the fuzzer uses the rest of it")]
mod fuzz;
mod kinds;
mod matrix;
mod memory;
mod migrate;
mod mutants;
mod notebooks;
mod report;
mod robust;
mod rules;
mod services;
mod settings;
mod setup_py;
mod support;
mod suppress;
mod suspicions;
mod synthetic;
mod ways;
