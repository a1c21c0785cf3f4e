//! What others need to know of a function, said without the numbers of its module.

use std::sync::Arc;

use super::facts::{Entity, Reach};
use super::lattice::{KeyName, Konst, Root};
use super::models::{Expected, Holds, Kinds};
use crate::names::ModuleId;
use crate::syntax::{FunctionId, Symbol};

/// What callers need to know about a function.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// What it returns.
    pub(super) returns: Told,
    /// Which inputs arrive at sinks.
    pub(super) reaches: Vec<InputReach>,
    /// What it stores into its inputs.
    pub(super) changes: Vec<(Input, Told)>,
    /// What its answer says about its inputs.
    pub(super) checks: Vec<Check>,
    /// Which of its inputs it calls, and with what.
    pub(super) calls: Vec<(Input, Vec<Told>)>,
    /// Whether it raises or aborts somewhere.
    pub raises: bool,
}

/// An input of a function, or something within it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Input {
    pub(super) root: Root,
    pub(super) keys: Vec<KeyName>,
}

/// An input arrives at a sink.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct InputReach {
    pub(super) input: Input,
    pub(super) reach: Reach,
    /// Only if these parameters are given so.
    pub(super) when: Vec<(u16, Expected, bool)>,
}

/// What an answer says: the input is harmless for these kinds of sinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) parameter: u16,
    pub(super) holds: Holds,
    pub(super) clears: Kinds,
}

/// What is told of a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Told {
    pub(super) entity: Portable,
    pub(super) constant: bool,
    pub(super) konst: Option<Konst>,
    pub(super) input: Option<Input>,
    pub(super) atoms: Vec<(From, Kinds)>,
    pub(super) fields: Vec<(KeyName, Told)>,
    pub(super) rest: Option<Box<Told>>,
    pub(super) len: Option<u32>,
}

/// Where something comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum From {
    Kind(u8),
    Input(Input),
    /// The second kind, if the input carries the first.
    Turned(Input, u8, u8),
}

/// What a value is, said so that other modules understand it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Portable {
    /// Not known.
    #[default]
    Unknown,
    /// Something of a library, by canonical path.
    Path(Arc<str>),
    /// Something of the project.
    Project(Entity),
}

/// What is shared between functions otherwise than by calls.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Cell {
    /// An attribute of a class of the project and of its instances.
    Field(ModuleId, u32, Arc<str>),
    /// A name of a module, as functions assign it.
    Global(ModuleId, Symbol),
    /// An attribute or key of an object of a library, `flask.g.user`.
    Library(Arc<str>),
}

/// What an evaluation has looked at in other functions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Asked {
    /// The summary of a function.
    Summary(ModuleId, FunctionId),
    /// What a module holds under its names in the end.
    Variables(ModuleId),
    /// What a function around, or the module itself, holds under its names.
    Names(ModuleId, FunctionId),
    /// A cell.
    Cell(Cell),
}

impl Told {
    /// Whether nothing is told.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
