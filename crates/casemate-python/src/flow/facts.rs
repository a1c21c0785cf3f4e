//! What is known about a value, and what a function does with what it is given.

use std::ops::{BitAnd, BitOr, BitOrAssign};

use super::models::Kinds;
use crate::names::{ModuleId, PathId, Paths};
use crate::syntax::{ClassId, FunctionId, Span, Value};

/// Where a value may come from: the upper half kinds of sources, the lower half parameters of the function, first
/// those that the value is or is made from, then those it was taken out of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Labels(pub u64);

impl Labels {
    /// From nowhere of interest.
    pub const NONE: Self = Self(0);
    /// All parameters.
    pub const PARAMETERS: Self = Self(0xffff_ffff);
    /// All kinds of sources.
    pub const KINDS: Self = Self(0xffff_ffff_0000_0000);

    /// A parameter; those past the 15th share a label.
    pub fn parameter(index: usize) -> Self {
        Self(1 << index.min(15))
    }

    /// Something taken out of a parameter.
    pub fn part(index: usize) -> Self {
        Self(1 << (16 + index.min(15)))
    }

    /// What is left of the labels of an object for something taken out of it; `kept` are kinds that go through.
    #[must_use]
    pub fn taken_out(self, kept: Self) -> Self {
        let whole = self.0 & 0xffff;
        Self((self.0 & kept.0) | (self.0 & 0xffff_0000) | (whole << 16))
    }

    /// A kind of source, a number below 32.
    pub const fn kind(number: u8) -> Self {
        Self(1 << (32 + (number & 31)))
    }

    /// Whether any label is in both.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those labels that are not in the other.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl BitOr for Labels {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Labels {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl BitAnd for Labels {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// What a value is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Entity {
    /// Not known.
    #[default]
    Unknown,
    /// Something of a library.
    Path(PathId),
    /// A module of the project.
    Module(ModuleId),
    /// A function of the project.
    Function(ModuleId, FunctionId),
    /// A method of the project, bound to its object.
    Method(ModuleId, FunctionId),
    /// A class of the project.
    Class(ModuleId, ClassId),
    /// An instance of a class of the project.
    Instance(ModuleId, ClassId),
}

/// What is known about one value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub entity: Entity,
    /// Where it comes from.
    pub labels: Labels,
    /// Sink kinds, as bits, for which it is harmless whatever its labels.
    pub clean: Kinds,
    /// Whether it is made of constants only.
    pub constant: bool,
}

/// A place where data of a kind arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reach {
    /// The kind of place.
    pub kind: u8,
    /// The module of the place.
    pub module: ModuleId,
    /// Its function.
    pub function: FunctionId,
    /// The call there.
    pub call: Value,
    /// The value that arrives.
    pub argument: Value,
}

/// A value with labels arrives at a sink, here or in a function that is called.
#[derive(Clone, Copy, Debug)]
pub struct Hit {
    /// The function in which the labels were seen.
    pub function: FunctionId,
    /// The call here.
    pub call: Value,
    /// What is passed.
    pub argument: Value,
    /// The labels of what is passed.
    pub labels: Labels,
    /// Where it ends; the same call, or one in the called function.
    pub reach: Reach,
}

/// What callers need to know about a function.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Labels of what it returns; parameters stand for what was passed.
    pub returns: Labels,
    /// Sink kinds for which what it returns is harmless.
    pub returns_clean: Kinds,
    /// What it returns.
    pub entity: Portable,
    /// Where its parameters go, and whether only something taken out of them does.
    pub reaches: Vec<(usize, bool, Reach)>,
    /// Whether it raises or aborts somewhere.
    pub raises: bool,
}

/// What a value is, said so that other modules understand it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Portable {
    /// Not known.
    #[default]
    Unknown,
    /// Something of a library, by canonical path.
    Path(String),
    /// Something of the project.
    Project(Entity),
}

/// All facts of one module.
#[derive(Debug)]
pub struct ModuleFacts {
    /// The module.
    pub module: ModuleId,
    /// For each function, what is known about each value.
    pub values: Vec<Vec<Fact>>,
    /// The library paths the module speaks of.
    pub paths: Paths,
    /// Where labelled values arrive at sinks.
    pub hits: Vec<Hit>,
    /// What callers need to know, function by function.
    pub summaries: Vec<Summary>,
    /// Whether the analysis ran out of steps, so that something may be missing.
    pub cut_short: bool,
    /// Labels of what fields of objects were given, for mutation through methods and assignments.
    pub(crate) filled: Vec<Vec<(Value, Value, Labels)>>,
}

impl ModuleFacts {
    /// What is known about a value.
    pub fn fact(&self, function: FunctionId, value: Value) -> Fact {
        self.values.get(function.0 as usize).and_then(|facts| facts.get(value.0 as usize)).copied().unwrap_or_default()
    }

    /// The canonical path of a value, if it is something of a library.
    pub fn path(&self, function: FunctionId, value: Value) -> Option<&str> {
        match self.fact(function, value).entity {
            Entity::Path(path) => Some(self.paths.text(path)),
            _ => None,
        }
    }
}

/// A call as rules see it.
#[derive(Clone, Copy, Debug)]
pub struct CallSite {
    /// The function it stands in.
    pub function: FunctionId,
    /// Its result.
    pub value: Value,
    /// Where it stands.
    pub span: Span,
}
