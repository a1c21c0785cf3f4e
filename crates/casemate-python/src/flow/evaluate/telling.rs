//! Facts as others understand them, and back.

use std::sync::Arc;

use super::super::facts::{Entity, Fact, Labels};
use super::super::lattice::{Atom, InputId, Key, Origin, Root, Shape, TaintId};
use super::super::models::Kinds;
use super::super::summary::{From, Input, Portable, Told};
use super::Evaluator;

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
                Origin::Turned(input, has, gives) => {
                    (From::Turned(self.tell_input(input), has, gives), atom.clean)
                }
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

    pub(super) fn keys_of(&mut self, input: &Input) -> Vec<Key> {
        input.keys.iter().map(|name| self.lattice.key(name.clone())).collect()
    }

    /// A fact that holds whoever calls: inputs are left out.
    pub(super) fn hear_alone(&mut self, told: &Told) -> Fact {
        self.told_of(told, &|_, _| None)
    }

    /// A told value, with inputs replaced by what was given for them.
    pub(super) fn told_of(&mut self, told: &Told, given: &dyn Fn(&mut Self, &Input) -> Option<Fact>) -> Fact {
        let fields_told = !told.fields.is_empty() || told.rest.is_some() || told.len.is_some();
        // What is returned as it was given is what was given.
        if let Some(input) = &told.input
            && let Some(fact) = given(self, input)
        {
            let clean: Kinds = told.atoms.iter().fold(Kinds::MAX, |mask, (from, clean)| match from {
                From::Input(one) if one == input => mask & clean,
                _ => mask,
            });
            let mut fact = fact;
            if told.atoms.is_empty() {
                return fact;
            }
            if clean != 0 {
                let deep = self.lattice.deep(fact);
                let taint = self.lattice.cleaned(deep, clean);
                fact = self.lattice.fact_with(Fact { shape: Default::default(), ..fact }, taint);
            }
            for (from, clean) in &told.atoms {
                if !matches!(from, From::Input(_)) {
                    let taint = self.heard(from, *clean, given);
                    let taint = self.lattice.join_taint(fact.taint, taint);
                    fact = self.lattice.fact_with(fact, taint);
                }
            }
            if fact.entity == Entity::Unknown {
                fact.entity = self.unportable(&told.entity);
            }
            if fields_told {
                let shape = self.told_shape(told, given);
                let shape = self.lattice.intern_shape(shape);
                fact = self.lattice.labelled(Fact { shape, ..fact });
            }
            return fact;
        }
        let mut taint = TaintId::default();
        for (from, clean) in &told.atoms {
            let more = self.heard(from, *clean, given);
            taint = self.lattice.join_taint(taint, more);
        }
        let konst = told.konst.clone().map(|konst| self.lattice.intern_konst(konst)).unwrap_or_default();
        let mut fact =
            Fact { entity: self.unportable(&told.entity), constant: told.constant, konst, ..Fact::default() };
        if fields_told {
            let shape = self.told_shape(told, given);
            fact.shape = self.lattice.intern_shape(shape);
        }
        self.lattice.fact_with(fact, taint)
    }

    /// One told origin, with inputs replaced by what was given for them.
    fn heard(&mut self, from: &From, clean: Kinds, given: &dyn Fn(&mut Self, &Input) -> Option<Fact>) -> TaintId {
        match from {
            From::Kind(kind) => self.lattice.set(vec![Atom { origin: Origin::Kind(*kind), clean }]),
            From::Input(input) => match given(self, input) {
                Some(fact) => {
                    let deep = self.lattice.deep(fact);
                    self.lattice.cleaned(deep, clean)
                }
                None => TaintId::default(),
            },
            From::Turned(input, has, gives) => match given(self, input) {
                Some(fact) => {
                    let deep = self.lattice.deep(fact);
                    let turned = self.lattice.turned(deep, Labels::kind(*has), Labels::kind(*gives));
                    self.lattice.cleaned(turned, clean)
                }
                None => TaintId::default(),
            },
        }
    }

    fn told_shape(&mut self, told: &Told, given: &dyn Fn(&mut Self, &Input) -> Option<Fact>) -> Shape {
        let mut shape = Shape { len: told.len, ..Shape::default() };
        for (name, inner) in &told.fields {
            let key = self.lattice.key(name.clone());
            let fact = self.told_of(inner, given);
            shape.fields.push((key, fact));
        }
        shape.rest = told.rest.as_ref().map(|inner| self.told_of(inner, given));
        shape
    }

    /// The index of the parameter an input begins with.
    pub(super) fn parameter_of(root: Root) -> Option<usize> {
        match root {
            Root::Parameter(index) => Some(usize::from(index)),
            Root::Captured(_) => None,
        }
    }
}
