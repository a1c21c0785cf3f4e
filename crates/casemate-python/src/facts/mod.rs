//! What is known of values: labels, library paths, contents and constants, and the words in which models speak of libraries.
//!
//! [`Fact`] is what is known of one value, [`ModuleFacts`] all of a module. What a fact speaks of is kept once, in
//! `lattice`; what others need to know of a function is its `summary`. How it is found out is another room.

pub(crate) mod fact;
pub(crate) mod lattice;
mod models;
pub(crate) mod summary;
mod text;

pub use fact::{CallSite, Entity, Fact, Hit, Labels, ModuleFacts, Reach};
pub use lattice::{KeyName, Konst};
pub use models::{ArgumentAt, CallModel, Condition, Expected, GuardModel, Holds, Kinds, PromiseModel, SinkModel};
pub use summary::Summary;
pub use text::{TextPart, text_of};
