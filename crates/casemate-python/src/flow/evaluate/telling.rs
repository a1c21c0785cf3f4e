//! Facts as others understand them, and back.

use std::sync::Arc;

use super::Evaluator;
use crate::facts::Kinds;
use crate::facts::fact::{Entity, Fact, Labels};
use crate::facts::lattice::{Atom, InputId, Origin, Root, Shape, ShapeId, TaintId};
use crate::facts::summary::{From, Input, Portable, Told};

/// Contents of contents that are told.
const MAX_DEPTH: u32 = 3;

impl Evaluator<'_> {
    pub(super) fn tell(&mut self, fact: Fact, depth: u32) -> Told {
        let atoms = self
            .lattice
            .atoms(fact.taint)
            .iter()
            .map(|atom| match atom.origin {
                Origin::Kind(kind) => (From::Kind(kind), atom.clean),
                Origin::Input(input) => (From::Input(self.tell_input(input)), atom.clean),
                Origin::Turned(input, has, gives) => (From::Turned(self.tell_input(input), has, gives), atom.clean),
            })
            .collect();
        let mut told = Told {
            entity: self.portable(fact.entity),
            constant: fact.constant,
            konst: self.lattice.konst(fact.konst).cloned(),
            input: fact.input.map(|input| self.tell_input(input)),
            atoms,
            ..Told::default()
        };
        if let Some(shape) = self.lattice.shape(fact.shape).cloned() {
            if depth < MAX_DEPTH {
                told.fields = shape
                    .fields
                    .iter()
                    .map(|(key, fact)| (self.lattice.key_name(*key).clone(), self.tell(*fact, depth + 1)))
                    .collect();
                // A part of which nothing is known matters only where the rest of the whole is tainted.
                if told.atoms.is_empty() && shape.rest.is_none() {
                    told.fields.retain(|(_, part)| !part.says_nothing());
                }
                // Numbers of keys are this module's own.
                told.fields.sort_by(|(a, _), (b, _)| a.cmp(b));
                told.rest = shape.rest.map(|fact| Box::new(self.tell(fact, depth + 1)));
                told.len = shape.len;
            } else {
                let deep = self.lattice.deep(fact);
                let flat =
                    self.lattice.fact_with(Fact { taint: TaintId::default(), shape: Default::default(), ..fact }, deep);
                return self.tell(flat, depth);
            }
        }
        told
    }

    pub(super) fn tell_input(&self, input: InputId) -> Input {
        let (root, keys) = self.lattice.input_parts(input);
        Input { root, keys: keys.iter().map(|&key| self.lattice.key_name(key).clone()).collect() }
    }

    pub(super) fn portable(&self, entity: Entity) -> Portable {
        match entity {
            Entity::Unknown => Portable::Unknown,
            Entity::Path(path) => Portable::Path(Arc::from(self.paths.text(path))),
            other => Portable::Project(other),
        }
    }

    pub(super) fn unportable(&mut self, portable: &Portable) -> Entity {
        match portable {
            Portable::Unknown => Entity::Unknown,
            Portable::Path(path) => {
                let path = self.paths.intern(path);
                self.known_path(path)
            }
            Portable::Project(entity) => *entity,
        }
    }

    pub(super) fn hear_input(&mut self, input: &Input) -> InputId {
        let keys = input.keys.iter().map(|name| self.lattice.key(name.clone())).collect();
        self.lattice.input(input.root, keys)
    }

    /// What was told, in the numbers of this module.
    pub(super) fn hear(&mut self, told: &Told) -> Fact {
        let atoms = told
            .atoms
            .iter()
            .map(|(from, clean)| {
                let origin = match from {
                    From::Kind(kind) => Origin::Kind(*kind),
                    From::Input(input) => Origin::Input(self.hear_input(input)),
                    From::Turned(input, has, gives) => Origin::Turned(self.hear_input(input), *has, *gives),
                };
                Atom { origin, clean: *clean }
            })
            .collect();
        let taint = self.lattice.set(atoms);
        let shape = if !told.fields.is_empty() || told.rest.is_some() || told.len.is_some() {
            let mut shape = Shape { len: told.len, ..Shape::default() };
            for (name, inner) in &told.fields {
                let key = self.lattice.key(name.clone());
                let fact = self.hear(inner);
                shape.fields.push((key, fact));
            }
            shape.rest = told.rest.as_ref().map(|inner| self.hear(inner));
            self.lattice.intern_shape(shape)
        } else {
            Default::default()
        };
        let konst = told.konst.clone().map(|konst| self.lattice.intern_konst(konst)).unwrap_or_default();
        let input = told.input.as_ref().map(|input| self.hear_input(input));
        let entity = self.unportable(&told.entity);
        self.lattice.fact_with(Fact { entity, constant: told.constant, konst, shape, input, ..Fact::default() }, taint)
    }

    /// A fact that holds whoever calls: inputs are left out.
    pub(super) fn alone(&mut self, fact: Fact) -> Fact {
        self.filled(fact, &mut |_, _| None)
    }

    /// A fact of a summary, with inputs replaced by what was given for them.
    pub(super) fn filled(&mut self, fact: Fact, given: &mut dyn FnMut(&mut Self, InputId) -> Option<Fact>) -> Fact {
        if !self.lattice.is_open(fact) {
            return fact;
        }
        // What is returned as it was given is what was given.
        if let Some(input) = fact.input
            && let Some(mut passed) = given(self, input)
        {
            let atoms = self.lattice.atoms(fact.taint).to_vec();
            if atoms.is_empty() {
                return passed;
            }
            let clean: Kinds = atoms
                .iter()
                .filter(|atom| atom.origin == Origin::Input(input))
                .fold(Kinds::MAX, |mask, atom| mask & atom.clean);
            if clean != 0 {
                let deep = self.lattice.deep(passed);
                let taint = self.lattice.cleaned(deep, clean);
                passed = self.lattice.fact_with(Fact { shape: Default::default(), ..passed }, taint);
            }
            for atom in atoms {
                if !matches!(atom.origin, Origin::Input(_)) {
                    let taint = self.filled_atom(atom, given);
                    let taint = self.lattice.join_taint(passed.taint, taint);
                    passed = self.lattice.fact_with(passed, taint);
                }
            }
            if passed.entity == Entity::Unknown {
                passed.entity = fact.entity;
            }
            if fact.shape != Default::default() {
                let shape = self.filled_shape(fact, given);
                let shape = self.laid_over(passed.shape, shape);
                passed = self.lattice.labelled(Fact { shape, ..passed });
            }
            return passed;
        }
        let mut taint = fact.taint;
        if self.lattice.is_open(Fact { taint, ..Fact::default() }) {
            taint = TaintId::default();
            for atom in self.lattice.atoms(fact.taint).to_vec() {
                let more = self.filled_atom(atom, given);
                taint = self.lattice.join_taint(taint, more);
            }
        }
        let shape = self.filled_shape(fact, given);
        self.lattice.fact_with(Fact { shape, input: None, ..fact }, taint)
    }

    /// What an object holds of which a function has set some parts: the others are what they were.
    fn laid_over(&mut self, before: ShapeId, after: ShapeId) -> ShapeId {
        let (Some(known), Some(set)) = (self.lattice.shape(before).cloned(), self.lattice.shape(after).cloned()) else {
            return after;
        };
        if set.len.is_some() {
            return after;
        }
        let mut made = Shape { len: None, ..known };
        for (key, fact) in set.fields {
            made.fields.retain(|(known, _)| *known != key);
            made.fields.push((key, fact));
        }
        made.rest = self.join_options(made.rest, set.rest);
        self.lattice.intern_shape(made)
    }

    /// One origin, with inputs replaced by what was given for them.
    fn filled_atom(&mut self, atom: Atom, given: &mut dyn FnMut(&mut Self, InputId) -> Option<Fact>) -> TaintId {
        let (input, turned) = match atom.origin {
            Origin::Kind(_) => return self.lattice.set(vec![atom]),
            Origin::Input(input) => (input, None),
            Origin::Turned(input, has, gives) => (input, Some((has, gives))),
        };
        let Some(fact) = given(self, input) else { return TaintId::default() };
        let mut taint = self.lattice.deep(fact);
        if let Some((has, gives)) = turned {
            taint = self.lattice.turned(taint, Labels::kind(has), Labels::kind(gives));
        }
        self.lattice.cleaned(taint, atom.clean)
    }

    fn filled_shape(&mut self, of: Fact, given: &mut dyn FnMut(&mut Self, InputId) -> Option<Fact>) -> ShapeId {
        if !self.lattice.is_open(Fact { shape: of.shape, ..Fact::default() }) {
            return of.shape;
        }
        let Some(mut shape) = self.lattice.shape(of.shape).cloned() else { return of.shape };
        for (_, fact) in &mut shape.fields {
            *fact = self.filled(*fact, given);
        }
        shape.rest = shape.rest.map(|fact| self.filled(fact, given));
        self.lattice.intern_shape(shape)
    }

    /// The index of the parameter an input begins with.
    pub(super) fn parameter_of(root: Root) -> Option<usize> {
        match root {
            Root::Parameter(index) => Some(usize::from(index)),
            Root::Captured(_) => None,
        }
    }
}
