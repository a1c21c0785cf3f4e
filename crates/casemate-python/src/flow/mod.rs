//! Where values come from and go to: labels, library paths and types of values, function by function.
//!
//! The analysis runs in two rounds. The first surveys each module alone; the second knows what the first found
//! out about all others (what functions return and where their parameters go, what module variables hold,
//! which parameters a web framework fills in). A fixpoint over strongly connected components can take
//! the place of the second round without changing what the rest sees.

mod evaluate;
mod facts;
mod models;
mod survey;
mod text;
mod trace;

pub use evaluate::{analyse, survey};
pub use facts::{CallSite, Entity, Fact, Hit, Labels, ModuleFacts, Portable, Reach, Summary};
pub use models::{ArgumentAt, CallModel, Condition, Expected, GuardModel, Holds, Kinds, Models, SinkModel};
pub use survey::{Survey, Surveys};
pub use text::{TextPart, text_of};
pub use trace::{StepKind, TraceStep};
