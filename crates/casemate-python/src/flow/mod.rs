//! Where values come from and go to, over the whole program.
//!
//! [`solve()`] evaluates every function until nothing more is learned. Inside, one way only: `solve` drives `evaluate`,
//! which works on facts and tells others what it has found in the form of summaries; `trace` tells the way afterwards.

mod evaluate;
mod models;
mod order;
mod solve;
mod trace;

pub use models::Models;
pub use solve::{Options, Solved, solve};
pub use trace::{StepKind, TraceStep, Tracer};
