//! Where values come from and go to, over the whole program.
//!
//! [`solve()`] evaluates every function until nothing more is learned. Inside, one way only: `solve` drives `evaluate`,
//! which works on facts and tells others what it has found in the form of summaries; `trace` tells the way afterwards.

mod evaluate;
mod found;
mod history;
mod memory;
mod models;
mod order;
mod resume;
mod run;
mod solve;
mod tables;
mod trace;

pub use found::Facts;
pub use memory::{Exports, Memory, Trails};
pub use models::Models;
pub use resume::resume;
pub use solve::{Options, Solved, solve};
pub use trace::{StepKind, TraceStep, Tracer};
