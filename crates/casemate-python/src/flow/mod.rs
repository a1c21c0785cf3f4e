//! Where values come from and go to: labels, library paths, contents and constants, over the whole program.
//!
//! [`solve()`] evaluates every function until nothing more is learned; [`Models`] tell from outside what libraries do.
//! Inside, one way only: `solve` drives `evaluate`, which works on facts (`facts`, `lattice`) and tells others what it
//! has found in the form of `summary`.

mod evaluate;
mod facts;
mod lattice;
mod models;
mod order;
mod solve;
mod summary;
mod text;
mod trace;

pub use facts::{CallSite, Entity, Fact, Hit, Labels, ModuleFacts, Reach};
pub use lattice::{KeyName, Konst};
pub use models::{
    ArgumentAt, CallModel, Condition, Expected, GuardModel, Holds, Kinds, Models, PromiseModel, SinkModel,
};
pub use solve::{Options, Solved, solve};
pub use summary::Summary;
pub use text::{TextPart, text_of};
pub use trace::{StepKind, TraceStep, Tracer};
