//! What others need to know of a function, said without the numbers of its module.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::fact::{Entity, Reach};
use super::lattice::{KeyName, Konst, Root};
use super::models::{Expected, Holds, Kinds};
use crate::names::ModuleId;
use crate::syntax::{FunctionId, Symbol};

/// What callers need to know about a function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// What it returns.
    pub(crate) returns: Told,
    /// What it returns on each of its ways, where what it is given decides which it takes; nothing where nothing does.
    pub(crate) ways: Vec<Way>,
    /// What it raises.
    pub(crate) raised: Told,
    /// Which inputs arrive at sinks.
    pub(crate) reaches: Vec<InputReach>,
    /// What it stores into its inputs.
    pub(crate) changes: Vec<(Input, Told)>,
    /// What it keeps of its inputs where others find it.
    pub(crate) stores: Vec<(Cell, Told)>,
    /// What its answer says about its inputs.
    pub(crate) checks: Vec<Check>,
    /// Which of its inputs it calls, and with what.
    pub(crate) calls: Vec<(Input, Vec<Told>)>,
    /// Whether it raises or aborts somewhere.
    pub raises: bool,
}

/// An input of a function, or something within it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Input {
    pub(crate) root: Root,
    pub(crate) keys: Vec<KeyName>,
}

/// Conditions: a parameter, what is expected of it, and whether it has to be so or must not.
pub(crate) type When = Vec<(u16, Expected, bool)>;

/// A method by its name, and the one that an object has under it.
pub(crate) type OwnMethod = (Arc<str>, ModuleId, FunctionId);

/// An input arrives at a sink.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct InputReach {
    pub(crate) input: Input,
    pub(crate) reach: Reach,
    /// Only if these parameters are given so.
    pub(crate) when: When,
}

/// One of the ways through a function, and what is returned there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Way {
    /// Only if these parameters are given so.
    pub(crate) when: When,
    /// Only if this is the method that the object has under the name.
    pub(crate) method: Option<OwnMethod>,
    pub(crate) returns: Told,
}

/// What an answer says: the input is harmless for these kinds of sinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Check {
    pub(crate) parameter: u16,
    pub(crate) holds: Holds,
    pub(crate) clears: Kinds,
}

/// What is told of a value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) entity: Portable,
    pub(crate) constant: bool,
    pub(crate) konst: Option<Konst>,
    pub(crate) input: Option<Input>,
    pub(crate) atoms: Vec<(From, Kinds)>,
    pub(crate) fields: Vec<(KeyName, Told)>,
    pub(crate) rest: Option<Box<Told>>,
    pub(crate) len: Option<u32>,
}

/// More origins than this are not told.
const MAX_ATOMS: usize = 16;

/// Where something comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum From {
    Kind(u8),
    Input(Input),
    /// The second kind, if the input carries the first.
    Turned(Input, u8, u8),
}

/// What a value is, said so that other modules understand it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Portable {
    /// Not known.
    #[default]
    Unknown,
    /// Something of a library, by canonical path.
    Path(Arc<str>),
    /// Something of the project.
    Project(Entity),
}

/// What is shared between functions otherwise than by calls.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Cell {
    /// An attribute of a class of the project and of its instances.
    Field(ModuleId, u32, Arc<str>),
    /// A name of a module, as functions assign it.
    Global(ModuleId, Symbol),
    /// An attribute or key of an object of a library, `flask.g.user`.
    Library(Arc<str>),
}

impl Summary {
    /// This and what was said before: only what adds up is kept apart, and nothing that was said is taken back or
    /// said in another order, so that it cannot go on changing.
    pub(crate) fn widened(self, before: &Self) -> Self {
        let mut sum = before.clone();
        sum.raises = self.raises;
        sum.returns.widen(&self.returns);
        sum.raised.widen(&self.raised);
        // Ways that still change are one.
        if sum.ways != self.ways {
            sum.ways = Vec::new();
        }
        for (input, told) in &self.changes {
            match sum.changes.iter_mut().find(|(known, _)| known == input) {
                Some((_, known)) => known.widen(told),
                None => sum.changes.push((input.clone(), told.clone())),
            }
        }
        sum.changes.iter_mut().for_each(|(_, told)| told.flatten());
        sum.changes.sort_by(|(a, _), (b, _)| a.cmp(b));
        sum.changes.dedup_by(|(later, told), (kept, into)| {
            let same = later == kept;
            if same {
                into.widen(told);
            }
            same
        });
        for (cell, told) in &self.stores {
            match sum.stores.iter_mut().find(|(known, _)| known == cell) {
                Some((_, known)) => known.widen(told),
                None => sum.stores.push((cell.clone(), told.clone())),
            }
        }
        sum.stores.iter_mut().for_each(|(_, told)| told.flatten());
        sum.stores.sort_by(|(a, _), (b, _)| a.cmp(b));
        for reach in self.reaches {
            if !sum.reaches.contains(&reach) && sum.reaches.len() < 128 {
                sum.reaches.push(reach);
            }
        }
        // An answer that showed less once shows no more than that.
        sum.checks.retain_mut(|check| {
            let now = self.checks.iter().find(|one| one.parameter == check.parameter && one.holds == check.holds);
            check.clears &= now.map_or(0, |now| now.clears);
            check.clears != 0
        });
        for (input, given) in &self.calls {
            match sum.calls.iter_mut().find(|(known, own)| known == input && own.len() == given.len()) {
                Some((_, own)) => own.iter_mut().zip(given).for_each(|(one, now)| one.widen(now)),
                None => sum.calls.push((input.clone(), given.clone())),
            }
        }
        sum.calls.iter_mut().flat_map(|(_, given)| given).for_each(Told::flatten);
        sum.calls.sort_by(|(a, one), (b, other)| (a, one.len()).cmp(&(b, other.len())));
        sum
    }
}

impl Input {
    fn rename(&mut self, captured: &dyn Fn(Symbol) -> Symbol) {
        if let Root::Captured(symbol) = &mut self.root {
            *symbol = captured(Symbol(*symbol)).0;
        }
    }
}

impl Summary {
    /// Everything that is told in it.
    fn all_told(&self) -> impl Iterator<Item = &Told> {
        let ways = self.ways.iter().map(|way| &way.returns);
        let changes = self.changes.iter().map(|(_, told)| told);
        let stores = self.stores.iter().map(|(_, told)| told);
        let calls = self.calls.iter().flat_map(|(_, given)| given);
        [&self.returns, &self.raised].into_iter().chain(ways).chain(changes).chain(stores).chain(calls)
    }

    /// Tells the modules that are spoken of.
    pub(crate) fn name_modules(&self, name: &mut dyn FnMut(ModuleId)) {
        self.all_told().for_each(|told| told.name_modules(name));
        self.reaches.iter().for_each(|one| name(one.reach.module));
        self.ways.iter().filter_map(|way| way.method.as_ref()).for_each(|(_, module, _)| name(*module));
        for (cell, _) in &self.stores {
            if let Cell::Field(module, ..) | Cell::Global(module, _) = cell {
                name(*module);
            }
        }
    }

    /// Whether names of other modules are spoken of by their numbers.
    pub(crate) fn speaks_of_names(&self) -> bool {
        self.stores.iter().any(|(cell, _)| matches!(cell, Cell::Global(..)))
    }

    /// The same where names have other numbers: those of the module itself, and those in cells.
    pub(crate) fn rename(&mut self, captured: &dyn Fn(Symbol) -> Symbol, in_cell: &dyn Fn(&mut Cell)) {
        self.returns.rename(captured);
        self.raised.rename(captured);
        self.ways.iter_mut().for_each(|way| way.returns.rename(captured));
        self.reaches.iter_mut().for_each(|one| one.input.rename(captured));
        for (input, told) in &mut self.changes {
            input.rename(captured);
            told.rename(captured);
        }
        for (cell, told) in &mut self.stores {
            in_cell(cell);
            told.rename(captured);
        }
        for (input, given) in &mut self.calls {
            input.rename(captured);
            given.iter_mut().for_each(|told| told.rename(captured));
        }
    }
}

impl Told {
    /// Tells the modules that are spoken of.
    pub(crate) fn name_modules(&self, name: &mut dyn FnMut(ModuleId)) {
        if let Portable::Project(entity) = self.entity {
            entity.name_module(name);
        }
        self.fields.iter().for_each(|(_, told)| told.name_modules(name));
        self.rest.iter().for_each(|told| told.name_modules(name));
    }

    fn rename(&mut self, captured: &dyn Fn(Symbol) -> Symbol) {
        self.input.iter_mut().for_each(|input| input.rename(captured));
        for (from, _) in &mut self.atoms {
            if let From::Input(input) | From::Turned(input, ..) = from {
                input.rename(captured);
            }
        }
        self.fields.iter_mut().for_each(|(_, told)| told.rename(captured));
        self.rest.iter_mut().for_each(|told| told.rename(captured));
    }
}

impl Told {
    /// Takes in another, and gives up what is only known of one of them.
    pub(crate) fn widen(&mut self, other: &Self) {
        let mut other = other.clone();
        other.flatten();
        self.flatten();
        if self.entity != other.entity {
            self.entity = Portable::Unknown;
        }
        if self.input != other.input {
            self.input = None;
        }
        other.atoms.into_iter().for_each(|(from, clean)| self.add(from, clean));
        self.atoms.sort_by(|(a, _), (b, _)| a.cmp(b));
    }

    fn add(&mut self, from: From, clean: Kinds) {
        if let Some((_, known)) = self.atoms.iter_mut().find(|(known, _)| *known == from) {
            *known &= clean;
        } else if self.atoms.len() < MAX_ATOMS {
            self.atoms.push((from, clean));
        }
    }

    /// Says of the whole what was said of its parts.
    fn flatten(&mut self) {
        let fields = std::mem::take(&mut self.fields);
        let parts = fields.into_iter().map(|(_, told)| told).chain(self.rest.take().map(|rest| *rest));
        for mut part in parts {
            part.flatten();
            part.atoms.into_iter().for_each(|(from, clean)| self.add(from, clean));
        }
        self.len = None;
        self.konst = None;
        self.constant = false;
        self.atoms.sort_by(|(a, _), (b, _)| a.cmp(b));
    }

    /// Whether it tells nothing but perhaps that it is some constant.
    pub(crate) fn says_nothing(&self) -> bool {
        self.atoms.is_empty()
            && self.entity == Portable::Unknown
            && self.konst.is_none()
            && self.fields.is_empty()
            && self.rest.is_none()
            && self.len.is_none()
    }

    /// Whether nothing is told.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Value;

    fn summary(parameters: &[u16]) -> Summary {
        let input = |&parameter: &u16| Input { root: Root::Parameter(parameter), keys: Vec::new() };
        let reach = Reach { kind: 0, module: ModuleId(0), function: FunctionId(0), call: Value(0), argument: Value(0) };
        let told = |one| Told { atoms: vec![(From::Input(input(one)), 0)], ..Told::default() };
        Summary {
            returns: Told {
                fields: parameters.iter().map(|one| (KeyName::Index(0), told(one))).collect(),
                ..Told::default()
            },
            ways: Vec::new(),
            raised: Told::default(),
            reaches: parameters.iter().map(|one| InputReach { input: input(one), reach, when: Vec::new() }).collect(),
            changes: parameters.iter().map(|one| (input(one), told(one))).collect(),
            stores: Vec::new(),
            checks: parameters.iter().map(|&parameter| Check { parameter, holds: Holds::Yes, clears: 0b11 }).collect(),
            calls: parameters.iter().map(|one| (input(one), vec![told(one)])).collect(),
            raises: false,
        }
    }

    #[test]
    fn what_was_said_before_changes_nothing_in_whatever_order_it_comes() {
        let mut known = summary(&[0, 1]).widened(&summary(&[2, 0]));
        for again in [&[2_u16, 1, 0][..], &[1, 2], &[0], &[2, 0, 1], &[]] {
            let next = summary(again).widened(&known);
            assert_eq!(next.reaches, known.reaches);
            assert_eq!(next.returns, known.returns);
            assert_eq!(next.changes, known.changes);
            assert_eq!(next.calls, known.calls);
            assert!(next.checks.iter().all(|check| known.checks.contains(check)), "checks are only taken back");
            known = next;
        }
    }
}
