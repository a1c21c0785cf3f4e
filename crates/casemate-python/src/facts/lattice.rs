//! What may be said of a value: where it comes from, what it contains, which constant it is.
//!
//! Everything is kept once and has a number, so that facts are small, copied freely and compared quickly.

use std::sync::Arc;

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};
use serde::{Deserialize, Serialize};

use super::fact::{Entity, Fact, Labels};
use super::models::Kinds;

/// A set of atoms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TaintId(u32);

/// The contents of a value; 0 for none that are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct ShapeId(u32);

/// A constant; 0 for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct KonstId(u32);

/// An input of a function: a parameter or captured name, or something within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct InputId(u32);

/// An attribute or key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key(u32);

impl Key {
    /// Any key.
    pub(crate) const ANY: Self = Self(0);

    /// Some attribute, nobody knows which: `setattr(self, name, value)`.
    pub(crate) const SOME: Self = Self(1);

    /// All attributes at once, by the keys of a dictionary: `vars(self).update(options)`.
    pub(crate) const ALL: Self = Self(3);

    /// All items at once, by the keys of a dictionary: `options.update(more)`.
    pub(crate) const EACH: Self = Self(4);

    /// What something answers that is called: no attribute, but found among them.
    pub(crate) const ANSWER: Self = Self(2);
}

/// An attribute or key by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum KeyName {
    /// Any or unknown.
    Any,
    /// `.name`
    Attribute(Arc<str>),
    /// `["name"]`
    Item(Arc<str>),
    /// `[0]`
    Index(i64),
    /// `[key]`, where the key is what is given for this parameter.
    Given(u16),
    /// `getattr(of, name)`, where the name is what is given for this parameter.
    GivenName(u16),
}

/// A constant that is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Konst {
    /// `None`
    None,
    /// `True` or `False`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A fraction: what is above the line and what is below, which is more than 0.
    Ratio(i64, i64),
    /// Text.
    Text(Arc<str>),
}

impl Konst {
    /// Whether it counts as true.
    pub fn truth(&self) -> bool {
        match self {
            Self::None => false,
            Self::Bool(value) => *value,
            Self::Int(value) | Self::Ratio(value, _) => *value != 0,
            Self::Text(text) => !text.is_empty(),
        }
    }
}

/// Where an input of a function begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum Root {
    /// The parameter with this index.
    Parameter(u16),
    /// A name of the function around, by its symbol.
    Captured(u32),
}

/// Where something comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Origin {
    /// A kind of source.
    Kind(u8),
    /// An input of the function.
    Input(InputId),
    /// The second kind of source, if the input carries the first: the hash of a password.
    Turned(InputId, u8, u8),
}

/// One origin, and the sinks for which what came from it has been made harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Atom {
    pub(crate) origin: Origin,
    pub(crate) clean: Kinds,
}

/// What a value contains.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Shape {
    /// By key, sorted.
    pub(crate) fields: Vec<(Key, Fact)>,
    /// Under keys that are not known.
    pub(crate) rest: Option<Fact>,
    /// How many items it has, as long as that is certain.
    pub(crate) len: Option<u32>,
}

/// More origins than this are not told apart by their masks.
const MAX_ATOMS: usize = 16;

/// Wider contents are one unknown key.
pub(crate) const MAX_WIDTH: usize = 25;

/// Attributes of attributes of attributes end here.
const MAX_DEPTH: usize = 3;

/// How names of what a value may be begin, among its contents.
const EITHER: &str = "<either:";

/// Things of the project that a value may be; of more it is not said.
const MAX_EITHER: usize = 8;

/// Things that are kept once, by number.
type Interned<T> = IndexSet<T, FxBuildHasher>;

/// All sets, contents, constants and inputs of a module.
#[derive(Debug)]
pub(crate) struct Lattice {
    sets: Interned<Box<[Atom]>>,
    joins: FxHashMap<(TaintId, TaintId), TaintId>,
    taken: FxHashMap<(TaintId, Key), TaintId>,
    labels: Vec<Labels>,
    /// Whether a set speaks of inputs, which only a caller knows.
    open_sets: Vec<bool>,
    shapes: Interned<Shape>,
    /// The same of contents and everything in them.
    open_shapes: Vec<bool>,
    /// What each of the contents carries in all, attributes left out.
    deep: Vec<TaintId>,
    depths: Vec<u8>,
    konsts: Interned<Konst>,
    keys: Interned<KeyName>,
    /// Keys that say what else a value may be.
    either_keys: Vec<Key>,
    inputs: Interned<(Root, Vec<Key>)>,
}

impl Default for Lattice {
    fn default() -> Self {
        Self {
            sets: std::iter::once(Box::default()).collect(),
            joins: FxHashMap::default(),
            taken: FxHashMap::default(),
            labels: vec![Labels::NONE],
            open_sets: vec![false],
            shapes: std::iter::once(Shape::default()).collect(),
            open_shapes: vec![false],
            deep: vec![TaintId(0)],
            depths: vec![0],
            konsts: Interned::default(),
            keys: ["<some>", "<answer>", "<all>", "<each>"]
                .into_iter()
                .map(|name| KeyName::Attribute(name.into()))
                .fold(std::iter::once(KeyName::Any).collect(), |mut keys: Interned<KeyName>, name| {
                    keys.insert(name);
                    keys
                }),
            either_keys: Vec::new(),
            inputs: Interned::default(),
        }
    }
}

/// Whether something is an object, class or function of the project.
fn is_of_project(entity: Entity) -> bool {
    matches!(entity, Entity::Instance(..) | Entity::Class(..) | Entity::Function(..) | Entity::Method(..))
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Lattice {
    /// Gives up what only helped to work quickly.
    pub(crate) fn rest(&mut self) {
        self.joins = FxHashMap::default();
        self.taken = FxHashMap::default();
    }

    // --- keys, constants, inputs

    pub(crate) fn key(&mut self, name: KeyName) -> Key {
        let known = self.keys.len();
        let is_either = matches!(&name, KeyName::Attribute(name) if name.starts_with(EITHER));
        let key = Key(number(self.keys.insert_full(name).0));
        if is_either && self.keys.len() > known {
            self.either_keys.push(key);
        }
        key
    }

    pub(crate) fn find_key(&self, name: &KeyName) -> Option<Key> {
        self.keys.get_index_of(name).map(|at| Key(number(at)))
    }

    pub(crate) fn key_name(&self, key: Key) -> &KeyName {
        self.keys.get_index(key.0 as usize).unwrap_or(&KeyName::Any)
    }

    pub(crate) fn intern_konst(&mut self, konst: Konst) -> KonstId {
        KonstId(number(self.konsts.insert_full(konst).0) + 1)
    }

    pub(crate) fn konst(&self, id: KonstId) -> Option<&Konst> {
        self.konsts.get_index((id.0 as usize).checked_sub(1)?)
    }

    pub(crate) fn input(&mut self, root: Root, keys: Vec<Key>) -> InputId {
        InputId(number(self.inputs.insert_full((root, keys)).0))
    }

    pub(crate) fn input_parts(&self, id: InputId) -> (Root, &[Key]) {
        self.inputs.get_index(id.0 as usize).map_or((Root::Parameter(u16::MAX), &[][..]), |(root, keys)| (*root, keys))
    }

    /// An input of an input; deep ones stay where they are and become vague.
    pub(crate) fn within(&mut self, id: InputId, key: Key) -> InputId {
        let (root, keys) = self.input_parts(id);
        // A part of an answer is not told from the whole.
        if keys.last() == Some(&Key::ANSWER) {
            return id;
        }
        if keys.len() >= MAX_DEPTH {
            if keys.last() == Some(&Key::ANY) {
                return id;
            }
            let mut keys = keys.to_vec();
            keys.truncate(MAX_DEPTH - 1);
            keys.push(Key::ANY);
            return self.input(root, keys);
        }
        let mut keys = keys.to_vec();
        keys.push(key);
        self.input(root, keys)
    }

    // --- sets of atoms

    pub(crate) fn set(&mut self, mut atoms: Vec<Atom>) -> TaintId {
        if atoms.is_empty() {
            return TaintId(0);
        }
        atoms.sort_unstable_by_key(|atom| atom.origin);
        // The same origin by two ways is as harmless as the worse of them.
        atoms.dedup_by(|later, kept| {
            let same = later.origin == kept.origin;
            if same {
                kept.clean &= later.clean;
            }
            same
        });
        atoms.truncate(MAX_ATOMS);
        if let Some(known) = self.sets.get_index_of(atoms.as_slice()) {
            return TaintId(number(known));
        }
        let labels = atoms.iter().fold(Labels::NONE, |labels, atom| match atom.origin {
            Origin::Kind(kind) => labels | Labels::kind(kind),
            Origin::Input(_) | Origin::Turned(..) => labels,
        });
        self.labels.push(labels);
        self.open_sets.push(atoms.iter().any(|atom| !matches!(atom.origin, Origin::Kind(_))));
        TaintId(number(self.sets.insert_full(atoms.into_boxed_slice()).0))
    }

    pub(crate) fn kinds(&mut self, labels: Labels, clean: Kinds) -> TaintId {
        if labels.is_empty() {
            return TaintId(0);
        }
        let atoms = (0..64)
            .filter(|&kind| labels.meets(Labels::kind(kind)))
            .map(|kind| Atom { origin: Origin::Kind(kind), clean })
            .collect();
        self.set(atoms)
    }

    pub(crate) fn atoms(&self, id: TaintId) -> &[Atom] {
        self.sets.get_index(id.0 as usize).map_or(&[], |atoms| atoms)
    }

    /// The atoms of a value and of everything in it.
    pub(crate) fn atoms_within(&self, fact: Fact) -> Vec<Atom> {
        let mut atoms = self.atoms(fact.taint).to_vec();
        atoms.extend_from_slice(self.deep.get(fact.shape.0 as usize).map_or(&[], |&deep| self.atoms(deep)));
        atoms
    }

    pub(crate) fn labels_of(&self, id: TaintId) -> Labels {
        self.labels.get(id.0 as usize).copied().unwrap_or_default()
    }

    pub(crate) fn join_taint(&mut self, a: TaintId, b: TaintId) -> TaintId {
        if a == b || b.0 == 0 {
            return a;
        }
        if a.0 == 0 {
            return b;
        }
        let pair = (a.min(b), a.max(b));
        if let Some(&known) = self.joins.get(&pair) {
            return known;
        }
        let mut atoms = self.atoms(a).to_vec();
        atoms.extend_from_slice(self.atoms(b));
        let joined = self.set(atoms);
        self.joins.insert(pair, joined);
        joined
    }

    /// What a set becomes where one label gives another.
    pub(crate) fn turned(&mut self, id: TaintId, has: Labels, gives: Labels) -> TaintId {
        let mut atoms = Vec::new();
        let kinds = |labels: Labels| (0..64).filter(move |&kind| labels.meets(Labels::kind(kind)));
        for atom in self.atoms(id).to_vec() {
            for given in kinds(gives) {
                match atom.origin {
                    Origin::Kind(kind) if has.meets(Labels::kind(kind)) => {
                        atoms.push(Atom { origin: Origin::Kind(given), clean: 0 });
                    }
                    Origin::Turned(input, first, kind) if has.meets(Labels::kind(kind)) => {
                        atoms.push(Atom { origin: Origin::Turned(input, first, given), clean: 0 });
                    }
                    Origin::Input(input) => atoms
                        .extend(kinds(has).map(|kind| Atom { origin: Origin::Turned(input, kind, given), clean: 0 })),
                    Origin::Kind(_) | Origin::Turned(..) => {}
                }
            }
        }
        self.set(atoms)
    }

    pub(crate) fn cleaned(&mut self, id: TaintId, clean: Kinds) -> TaintId {
        if clean == 0 || id.0 == 0 {
            return id;
        }
        let atoms = self.atoms(id).iter().map(|atom| Atom { clean: atom.clean | clean, ..*atom }).collect();
        self.set(atoms)
    }

    /// A set in which nothing is harmless for some sinks only any more.
    pub(crate) fn taken_back(&mut self, id: TaintId) -> TaintId {
        if self.atoms(id).iter().all(|atom| atom.clean == 0 || atom.clean == Kinds::MAX) {
            return id;
        }
        let bare = |atom: &Atom| Atom { clean: if atom.clean == Kinds::MAX { atom.clean } else { 0 }, ..*atom };
        let atoms = self.atoms(id).iter().map(bare).collect();
        self.set(atoms)
    }

    /// What something taken out of a value under a key carries: kinds that go through objects, and the inputs within.
    pub(crate) fn taken_out(&mut self, id: TaintId, key: Key, through: Labels) -> TaintId {
        if id.0 == 0 {
            return id;
        }
        // What goes through objects is the same for all of a program.
        if let Some(&known) = self.taken.get(&(id, key)) {
            return known;
        }
        let mut taken = Vec::new();
        for atom in self.atoms(id).to_vec() {
            match atom.origin {
                Origin::Kind(kind) if through.meets(Labels::kind(kind)) => taken.push(atom),
                Origin::Turned(_, _, kind) if through.meets(Labels::kind(kind)) => taken.push(atom),
                Origin::Kind(_) | Origin::Turned(..) => {}
                Origin::Input(input) => {
                    let origin = Origin::Input(self.within(input, key));
                    taken.push(Atom { origin, ..atom });
                }
            }
        }
        let taken = self.set(taken);
        self.taken.insert((id, key), taken);
        taken
    }

    // --- contents

    /// Whether a value or something in it depends on what a caller gives.
    pub(crate) fn is_open(&self, fact: Fact) -> bool {
        let says = |flags: &[bool], at: u32| flags.get(at as usize).copied().unwrap_or(false);
        fact.input.is_some() || says(&self.open_sets, fact.taint.0) || says(&self.open_shapes, fact.shape.0)
    }

    pub(crate) fn shape(&self, id: ShapeId) -> Option<&Shape> {
        if id.0 == 0 { None } else { self.shapes.get_index(id.0 as usize) }
    }

    pub(crate) fn intern_shape(&mut self, mut shape: Shape) -> ShapeId {
        if shape.fields.len() > MAX_WIDTH {
            let mut rest = shape.rest;
            for (_, fact) in std::mem::take(&mut shape.fields) {
                rest = Some(rest.map_or(fact, |known| self.join(known, fact)));
            }
            shape = Shape { fields: Vec::new(), rest, len: None };
        }
        let depth = 1 + self.facts_of(&shape).map(|fact| self.depths[fact.shape.0 as usize]).max().unwrap_or(0);
        if usize::from(depth) > MAX_DEPTH + 1 {
            // Too deep: the innermost contents become what they carry.
            let flat = |lattice: &mut Self, fact: Fact| {
                let deep = lattice.deep(fact);
                lattice.fact_with(Fact { shape: ShapeId(0), ..fact }, deep)
            };
            shape.fields = shape.fields.into_iter().map(|(key, fact)| (key, flat(self, fact))).collect();
            shape.rest = shape.rest.map(|fact| flat(self, fact));
            return self.intern_shape(shape);
        }
        shape.fields.sort_unstable_by_key(|(key, _)| *key);
        if let Some(known) = self.shapes.get_index_of(&shape) {
            return ShapeId(number(known));
        }
        let mut deep = TaintId(0);
        let inner: Vec<Fact> = shape
            .fields
            .iter()
            .filter(|(key, _)| !matches!(self.key_name(*key), KeyName::Attribute(_)))
            .map(|(_, fact)| *fact)
            .chain(shape.rest)
            .collect();
        for fact in inner {
            let of = self.deep(fact);
            deep = self.join_taint(deep, of);
        }
        let open = self.facts_of(&shape).any(|fact| self.is_open(fact));
        self.open_shapes.push(open);
        self.deep.push(deep);
        self.depths.push(depth);
        shape.fields.shrink_to_fit();
        ShapeId(number(self.shapes.insert_full(shape).0))
    }

    fn facts_of<'s>(&self, shape: &'s Shape) -> impl Iterator<Item = Fact> + 's {
        shape.fields.iter().map(|(_, fact)| *fact).chain(shape.rest)
    }

    /// Where a value and everything in it comes from.
    pub(crate) fn deep(&mut self, fact: Fact) -> TaintId {
        let inner = self.deep.get(fact.shape.0 as usize).copied().unwrap_or_default();
        self.join_taint(fact.taint, inner)
    }

    /// The fact with these origins; labels follow.
    pub(crate) fn fact_with(&mut self, mut fact: Fact, taint: TaintId) -> Fact {
        fact.taint = taint;
        self.labelled(fact)
    }

    /// The fact with its labels made to fit.
    pub(crate) fn labelled(&mut self, mut fact: Fact) -> Fact {
        let deep = self.deep(fact);
        fact.labels = self.labels_of(deep);
        fact
    }

    /// What a value is known to hold under a key.
    pub(crate) fn field(&self, of: Fact, key: Key) -> Option<Fact> {
        let shape = self.shape(of.shape)?;
        shape.fields.binary_search_by_key(&key, |(key, _)| *key).ok().map(|at| shape.fields[at].1)
    }

    /// What is known of a value that is one of two.
    pub(crate) fn join(&mut self, a: Fact, b: Fact) -> Fact {
        if a == b {
            return a;
        }
        let shape = match (a.shape.0, b.shape.0) {
            (one, other) if one == other => a.shape,
            // `None` or an object: the object.
            (_, 0) if self.says_nothing(b) => a.shape,
            (0, _) if self.says_nothing(a) => b.shape,
            _ => self.join_shapes(a, b),
        };
        let shape = if is_of_project(a.entity) && is_of_project(b.entity) && a.entity != b.entity {
            self.one_of(shape, [a.entity, b.entity])
        } else {
            shape
        };
        let taint = self.join_taint(a.taint, b.taint);
        let fact = Fact {
            entity: if a.entity == Entity::Unknown { b.entity } else { a.entity },
            labels: Labels::NONE,
            constant: a.constant && b.constant,
            taint,
            shape,
            konst: if a.konst == b.konst { a.konst } else { KonstId(0) },
            input: if a.input == b.input { a.input } else { None },
        };
        self.labelled(fact)
    }

    /// What a value may be, where it is one of several things of the project; nothing where it is one.
    pub(crate) fn either(&self, of: Fact) -> Vec<Entity> {
        if self.either_keys.is_empty() {
            return Vec::new();
        }
        let Some(shape) = self.shape(of.shape) else { return Vec::new() };
        let mut found = Vec::new();
        for (key, fact) in &shape.fields {
            if self.either_keys.contains(key) {
                found.push(fact.entity);
            }
        }
        found
    }

    /// The labels of a value and of what lies in it, attributes included.
    pub(crate) fn all_labels(&self, of: Fact, depth: usize) -> Labels {
        let own = self.labels_of(of.taint);
        if depth > MAX_DEPTH {
            return own;
        }
        self.held_in(of).fold(own, |all, inner| all | self.all_labels(inner, depth + 1))
    }

    /// Whether nothing is known to lie in a value.
    pub(crate) fn holds_nothing(&self, of: Fact) -> bool {
        self.held_in(of).next().is_none()
    }

    /// What lies directly in a value.
    pub(crate) fn held_in(&self, of: Fact) -> impl Iterator<Item = Fact> {
        let shape = self.shape(of.shape);
        shape.into_iter().flat_map(|shape| shape.fields.iter().map(|(_, fact)| *fact).chain(shape.rest))
    }

    /// Notes in the contents of a value that it is one of these.
    fn one_of(&mut self, shape: ShapeId, entities: [Entity; 2]) -> ShapeId {
        let mut contents = self.shape(shape).cloned().unwrap_or_default();
        let known = contents.fields.iter().filter(|(key, _)| self.either_keys.contains(key)).count();
        if known + 2 > MAX_EITHER {
            return shape;
        }
        for entity in entities {
            let (which, module, number) = match entity {
                Entity::Instance(module, class) => ('i', module.0, class.0),
                Entity::Class(module, class) => ('c', module.0, class.0),
                Entity::Function(module, function) => ('f', module.0, function.0),
                Entity::Method(module, function) => ('m', module.0, function.0),
                _ => return shape,
            };
            let key = self.key(KeyName::Attribute(Arc::from(format!("{EITHER}{which}{module}.{number}>"))));
            if let Err(at) = contents.fields.binary_search_by_key(&key, |(key, _)| *key) {
                contents.fields.insert(at, (key, Fact { entity, ..Fact::default() }));
            }
        }
        self.intern_shape(contents)
    }

    fn says_nothing(&self, fact: Fact) -> bool {
        fact.taint.0 == 0
            && fact.shape.0 == 0
            && (fact == Fact::default() || self.konst(fact.konst) == Some(&Konst::None))
    }

    fn join_shapes(&mut self, a: Fact, b: Fact) -> ShapeId {
        let (one, other) =
            (self.shape(a.shape).cloned().unwrap_or_default(), self.shape(b.shape).cloned().unwrap_or_default());
        let mut joined =
            Shape { len: if one.len == other.len { one.len } else { None }, rest: None, fields: Vec::new() };
        joined.rest = match (one.rest, other.rest) {
            (Some(a), Some(b)) => Some(self.join(a, b)),
            (a, b) => a.or(b),
        };
        for (key, fact) in &one.fields {
            let fact = match other.fields.binary_search_by_key(key, |(key, _)| *key) {
                Ok(at) => self.join(*fact, other.fields[at].1),
                // Here or not there at all.
                Err(_) => Fact { konst: KonstId(0), constant: fact.constant, ..*fact },
            };
            joined.fields.push((*key, fact));
        }
        for (key, fact) in &other.fields {
            if one.fields.binary_search_by_key(key, |(key, _)| *key).is_err() {
                joined.fields.push((*key, Fact { konst: KonstId(0), ..*fact }));
            }
        }
        self.intern_shape(joined)
    }

    /// The value with what it holds under the keys replaced; what lies between is made where it is missing.
    pub(crate) fn with(&mut self, of: Fact, keys: &[Key], through: Labels, value: Fact) -> Fact {
        let Some((&key, deeper)) = keys.split_first() else { return value };
        let inner = if deeper.is_empty() {
            value
        } else {
            let known = self.read(of, key, through);
            self.with(known, deeper, through, value)
        };
        if key == Key::ALL || key == Key::EACH {
            let is_of_items = key == Key::EACH;
            let given = self.shape(value.shape).cloned();
            let rest = match &given {
                Some(given) => given.rest,
                None => Some(self.read(value, Key::ANY, through)),
            };
            let mut after = of;
            for (key, fact) in given.unwrap_or_default().fields {
                match self.key_name(key).clone() {
                    KeyName::Item(_) if is_of_items => after = self.with(after, &[key], through, fact),
                    KeyName::Item(name) => {
                        let key = self.key(KeyName::Attribute(name));
                        after = self.with(after, &[key], through, fact);
                    }
                    _ => {}
                }
            }
            let left = if is_of_items { Key::ANY } else { Key::SOME };
            return rest.map_or(after, |rest| self.with(after, &[left], through, rest));
        }
        // Mostly an object has been told the same before.
        if key != Key::ANY
            && key != Key::SOME
            && self.field(of, key) == Some(inner)
            && of.konst == KonstId(0)
            && (inner.constant || !of.constant)
        {
            return of;
        }
        let mut shape = self.shape(of.shape).cloned().unwrap_or_default();
        if key == Key::ANY {
            shape.rest = Some(shape.rest.map_or(inner, |known| self.join(known, inner)));
            shape.len = None;
        } else {
            match shape.fields.binary_search_by_key(&key, |(key, _)| *key) {
                Ok(at) if key == Key::SOME => shape.fields[at].1 = self.join(shape.fields[at].1, inner),
                Ok(at) => shape.fields[at].1 = inner,
                Err(at) => shape.fields.insert(at, (key, inner)),
            }
        }
        let shape = self.intern_shape(shape);
        self.labelled(Fact { shape, constant: of.constant && inner.constant, konst: KonstId(0), ..of })
    }

    /// What a value gives out under a key.
    pub(crate) fn read(&mut self, of: Fact, key: Key, through: Labels) -> Fact {
        let own = self.taken_out(of.taint, key, through);
        let input = of.input.map(|input| self.within(input, key));
        let outside = |lattice: &mut Self| lattice.fact_with(Fact { input, ..Fact::default() }, own);
        let Some(shape) = self.shape(of.shape) else { return outside(self) };
        let rest = shape.rest;
        if key == Key::ANY {
            let fields: Vec<Fact> = shape
                .fields
                .iter()
                .filter(|(key, _)| !matches!(self.key_name(*key), KeyName::Attribute(_)))
                .map(|(_, fact)| *fact)
                .collect();
            let mut all: Option<Fact> = rest;
            for fact in fields {
                all = Some(all.map_or(fact, |so_far| self.join(so_far, fact)));
            }
            // What came in empty holds what the caller has put into it.
            let Some(all) = all else { return outside(self) };
            let taint = self.join_taint(all.taint, own);
            return self.fact_with(all, taint);
        }
        if key == Key::SOME {
            let held: Vec<Fact> = shape
                .fields
                .iter()
                .filter(|(key, _)| {
                    *key == Key::SOME
                        || matches!(self.key_name(*key), KeyName::Attribute(name) if !name.starts_with('<'))
                })
                .map(|(_, fact)| *fact)
                .collect();
            let mut all = outside(self);
            for fact in held {
                all = self.join(all, Fact { constant: false, konst: KonstId(0), ..fact });
            }
            return all;
        }
        match self.field(of, key) {
            // What was put there is there, whatever the rest of the object comes from.
            Some(fact) => rest.map_or(fact, |rest| self.join(fact, rest)),
            None => {
                let mut fact = outside(self);
                if let Some(rest) = rest {
                    fact = self.join(rest, fact);
                    fact.input = None;
                }
                fact
            }
        }
    }
}
