//! What is known about a value, and what a function does with what it is given.

use std::ops::{BitAnd, BitOr, BitOrAssign};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::lattice::{InputId, Key, KeyName, Konst, KonstId, Lattice, Origin, Root, ShapeId, TaintId};
use super::models::Kinds;
use super::summary::Summary;
use crate::names::{ModuleId, PathId, Paths, Program};
use crate::syntax::{ClassId, FunctionId, Span, Value};

/// Kinds of sources, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Labels(pub u64);

impl Labels {
    /// From nowhere of interest.
    pub const NONE: Self = Self(0);

    /// A kind of source, a number below 64.
    pub const fn kind(number: u8) -> Self {
        Self(1 << (number & 63))
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// What `super()` gives in a method of this class.
    Super(ModuleId, ClassId),
}

/// What is known about one value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Fact {
    /// What it is.
    pub entity: Entity,
    /// Where it or what it contains comes from.
    pub labels: Labels,
    /// Whether it is made of constants only.
    pub constant: bool,
    /// Where it comes from itself, and for which sinks it is harmless.
    pub(crate) taint: TaintId,
    /// What it contains, as far as its keys are known.
    pub(crate) shape: ShapeId,
    /// Which constant it is.
    pub(crate) konst: KonstId,
    /// Which input of the function it is, itself and not only made from it.
    pub(crate) input: Option<InputId>,
}

/// A place where data of a kind arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    pub summaries: Vec<Arc<Summary>>,
    /// Blocks that are never entered, function by function.
    pub(crate) dead: Vec<Vec<bool>>,
    /// Whether the analysis ran out of steps, so that something may be missing.
    pub cut_short: bool,
    pub(crate) lattice: Lattice,
}

impl ModuleFacts {
    /// Those of a module that was left out.
    pub(crate) fn unknown(module: ModuleId) -> Self {
        Self {
            module,
            values: Vec::new(),
            paths: Paths::default(),
            hits: Vec::new(),
            summaries: Vec::new(),
            dead: Vec::new(),
            cut_short: false,
            lattice: Lattice::default(),
        }
    }

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

    /// The constant a value is, if it is one and the same on every way.
    pub fn constant(&self, function: FunctionId, value: Value) -> Option<&Konst> {
        self.lattice.konst(self.fact(function, value).konst)
    }

    /// Whether a value is or is made from what callers of the function pass.
    pub fn from_caller(&self, function: FunctionId, value: Value) -> bool {
        self.lattice.atoms_within(self.fact(function, value)).iter().any(|atom| match atom.origin {
            Origin::Input(input) | Origin::Turned(input, ..) => {
                matches!(self.lattice.input_parts(input).0, Root::Parameter(_) | Root::Captured(_))
            }
            Origin::Kind(_) => false,
        })
    }

    /// Sink kinds for which a value is harmless wherever it comes from.
    pub fn clean(&self, function: FunctionId, value: Value) -> Kinds {
        self.clean_of(self.fact(function, value))
    }

    /// The same of a fact.
    pub fn clean_of(&self, fact: Fact) -> Kinds {
        self.lattice.atoms_within(fact).iter().fold(Kinds::MAX, |mask, atom| mask & atom.clean)
    }

    /// What a value holds under an attribute or a constant key.
    pub fn part(&self, of: Fact, key: &KeyName) -> Option<Fact> {
        let key = self.lattice.find_key(key)?;
        self.lattice.field(of, key)
    }

    /// Whether one of the attributes or keys that a value is known to have carries one of these labels.
    pub fn has_part_with(&self, of: Fact, wanted: Labels) -> bool {
        self.lattice
            .shape(of.shape)
            .is_some_and(|shape| shape.fields.iter().any(|(key, fact)| *key != Key::SOME && fact.labels.meets(wanted)))
    }

    /// Whether something that a value holds, under attributes as well, carries one of these labels.
    pub(crate) fn holds(&self, of: Fact, wanted: Labels, depth: u32) -> bool {
        of.labels.meets(wanted)
            || depth < 3
                && self.lattice.shape(of.shape).is_some_and(|shape| {
                    shape
                        .fields
                        .iter()
                        .map(|(_, fact)| *fact)
                        .chain(shape.rest)
                        .any(|fact| self.holds(fact, wanted, depth + 1))
                })
    }

    /// The same of what lies under an attribute.
    pub(crate) fn holds_under(&self, of: Fact, name: &str, wanted: Labels) -> bool {
        let held = self.part(of, &KeyName::Attribute(name.into())).or_else(|| self.lattice.field(of, Key::SOME));
        held.is_some_and(|held| self.holds(held, wanted, 0))
    }

    /// Whether a value carries one of these labels as a whole, and not only under keys that are known.
    pub fn carries_itself(&self, of: Fact, wanted: Labels) -> bool {
        self.lattice.labels_of(of.taint).meets(wanted)
    }

    /// Whether a value is made where control never comes, because a test of constants never comes out so.
    pub fn is_dead(&self, program: &Program, function: FunctionId, value: Value) -> bool {
        let Some(body) = program.module(self.module).and_then(|module| module.function(function)) else { return false };
        let dead = self.dead.get(function.0 as usize).map_or(&[][..], Vec::as_slice);
        dead.get(body.block_of(value).0 as usize).copied().unwrap_or(false)
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
