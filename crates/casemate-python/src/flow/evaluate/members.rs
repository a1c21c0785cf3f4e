//! What names and attributes stand for.

use std::sync::Arc;

use super::super::history::Shared;
use super::super::tables::name_number;
use super::call::is_usual;
use super::constants::{is_builtin, is_constant};
use super::language::held_by_closure;
use super::{Dunder, Evaluator, ImportTo, Query, fact_of, parameter_root};
use crate::facts::Kinds;
use crate::facts::fact::{Entity, Fact, Labels};
use crate::facts::lattice::{Atom, Key, KeyName, Konst, Origin, Root, TaintId};
use crate::names::{Definition, ModuleId, PathId, Target};
use crate::routes;
use crate::syntax::{ClassId, Function, FunctionId, FunctionKind, Module, Op, ParameterKind, Symbol, Value};

/// Items of a constant of another module that are looked at.
const MAX_ITEMS: u32 = 10_000;

/// Bases of bases of bases; honest code is flat.
const MAX_BASES: u32 = 64;

/// Classes made from one that are asked what they keep for it.
const MAX_HEIRS: usize = 8;

/// What makes columns and relations in classes of SQLAlchemy.
const COLUMNS: &[&str] = &[
    "Column",
    "association_proxy",
    "column_property",
    "composite",
    "deferred",
    "mapped_column",
    "relation",
    "relationship",
    "synonym",
];

/// Bytes of a path of a library; longer ones name nothing that anybody knows.
const MAX_PATH: usize = 160;

impl<'p> Evaluator<'p> {
    pub(super) fn target(&mut self, target: Target, shared: &Shared) -> Fact {
        match target {
            Target::Library(path) => {
                let path = self.paths.intern(&path);
                self.library(path)
            }
            Target::Project(definition) => self.definition(definition, shared),
        }
    }

    pub(super) fn library(&mut self, path: PathId) -> Fact {
        let entity = self.known_path(path);
        self.sourced(Fact { entity, ..Fact::default() })
    }

    /// What an import of the module leads to.
    pub(super) fn import_to(&mut self, index: u32) -> Option<ImportTo> {
        let known = self.imports.get(index as usize)?;
        if known.is_some() {
            return *known;
        }
        let to = match self.program.import(self.id, self.module.imports.get(index as usize)?) {
            Target::Library(path) => ImportTo::Library(self.paths.intern(&path)),
            Target::Project(definition) => ImportTo::Project(definition),
        };
        self.imports[index as usize] = Some(to);
        Some(to)
    }

    pub(super) fn definition(&mut self, definition: Definition, shared: &Shared) -> Fact {
        let entity = match definition {
            Definition::Module(module) => Entity::Module(module),
            Definition::Function(module, function) => Entity::Function(module, function),
            Definition::Class(module, class) => Entity::Class(module, class),
            Definition::Variable(module, symbol, value) => {
                if module == self.id {
                    self.ask(Query::Names(FunctionId(0)));
                    return self.fact_in(FunctionId(0), value);
                }
                let constant = self
                    .program
                    .module(module)
                    .and_then(|other| other.functions.first().map(|body| is_constant(body, value, &mut { MAX_ITEMS })))
                    .unwrap_or(false);
                self.ask(Query::Variables(module));
                let held = shared.variable(module, symbol);
                let mut fact = held.map_or(Fact::default(), |told| self.hear(told));
                if self.is_assigned(module, symbol, shared) {
                    let cell = self.global_cell(module, symbol);
                    let cell = self.cell(cell, shared);
                    fact = self.lattice.join(fact, cell);
                }
                return Fact { constant: constant || fact.constant, ..fact };
            }
        };
        Fact { entity, ..Fact::default() }
    }

    pub(super) fn fact_in(&self, function: FunctionId, value: Value) -> Fact {
        self.values.get(function.0 as usize).and_then(|facts| facts.get(value.0 as usize)).copied().unwrap_or_default()
    }

    pub(super) fn parameter(&mut self, id: FunctionId, function: &'p Function, index: usize, shared: &Shared) -> Fact {
        let Some(parameter) = function.parameters.get(index) else { return Fact::default() };
        let input = self.lattice.input(parameter_root(index), Vec::new());
        let mut clean: Kinds = 0;
        let mut labels = self.name_info(parameter.name).labels;
        let seed = shared.tables.seeds.get(&(self.id, id, index)).cloned();
        let is_seeded = seed.is_some();
        let mut held = Default::default();
        if let Some(seed) = &seed {
            labels |= (self.models.by_role)(seed.role);
            if !seed.is_free {
                clean = Kinds::MAX;
            }
        }
        if (shared.library || shared.callers) && is_public(function) && !(index == 0 && function.class.is_some()) {
            labels |= if shared.library { self.models.library } else { self.models.callers };
        }
        let mut entity = Entity::Unknown;
        let mut injected: Option<Fact> = None;
        let outer = function.parent.and_then(|parent| self.module.function(parent).map(|around| (parent, around)));
        let mut is_receiver = false;
        if index == 0
            && let Some(class) = function.class
            && let Some((parent, around)) = outer
            && around.kind == FunctionKind::ClassBody
        {
            match self.binding(parent, function) {
                Binding::Static => {}
                Binding::Class => (entity, is_receiver) = (Entity::Class(self.id, class), true),
                Binding::Instance => (entity, is_receiver) = (Entity::Instance(self.id, class), true),
            }
        }
        if !is_receiver && let Some((parent, around)) = outer {
            self.ask(Query::Names(parent));
            let outer_facts = Arc::clone(&self.values[parent.0 as usize]);
            if let Some(annotation) = parameter.annotation {
                let (promised, safe) = self.type_of(around, &outer_facts, annotation, 0, shared);
                if !matches!(parameter.kind, ParameterKind::Star | ParameterKind::DoubleStar) {
                    entity = promised;
                }
                if safe {
                    clean = Kinds::MAX;
                }
                if is_seeded && entity == Entity::Unknown {
                    held = self.elements_of(around, &outer_facts, annotation, 0, shared);
                }
            } else {
                entity = self.given_by_view(function, index, shared);
            }
            // `= Depends(f)`, or the same in `Annotated[str, Depends(f)]`.
            let marks: &[Value] = match parameter.annotation.map(|annotation| around.op(annotation)) {
                Some(Op::Subscript { index, .. }) => match around.op(index) {
                    Op::Build { items, .. } => around.list(items).get(1..).unwrap_or_default(),
                    _ => &[],
                },
                _ => &[],
            };
            for &mark in marks.iter().chain(&parameter.default) {
                let given = self.injected(around, &outer_facts, mark, shared);
                if entity == Entity::Unknown {
                    entity = given.entity;
                }
                injected = self.join_options(injected, Some(given));
            }
        }
        if entity == Entity::Unknown
            && let Some(path) = seed.and_then(|seed| seed.request)
        {
            let path = self.paths.intern(&path);
            entity = self.known_path(path);
        }
        let mut atoms = vec![Atom { origin: Origin::Input(input), clean }];
        atoms.extend(
            (0..64)
                .filter(|&kind| labels.meets(Labels::kind(kind)))
                .map(|kind| Atom { origin: Origin::Kind(kind), clean }),
        );
        let mut taint = self.lattice.set(atoms);
        let injected = injected.unwrap_or_default();
        taint = self.lattice.join_taint(taint, injected.taint);
        let mut shape = injected.shape;
        if is_seeded && entity == Entity::Unknown && shape == Default::default() {
            shape = held;
        }
        let fact = self.lattice.fact_with(Fact { entity, shape, input: Some(input), ..Fact::default() }, taint);
        let fact = if is_seeded { self.given_to_form(function, index, fact, shared) } else { fact };
        self.sourced(fact)
    }

    /// How a method takes its first parameter.
    pub(super) fn binding(&self, parent: FunctionId, function: &Function) -> Binding {
        let mut binding = Binding::Instance;
        if matches!(function.name.as_str(), "__new__" | "__init_subclass__" | "__class_getitem__") {
            binding = Binding::Class;
        }
        for &decorator in &function.decorators {
            if let Entity::Path(path) = self.fact_in(parent, decorator).entity {
                match self.paths.text(path) {
                    "staticmethod" => binding = Binding::Static,
                    "classmethod" => binding = Binding::Class,
                    _ => {}
                }
            }
        }
        binding
    }

    /// What `= Depends(f)` puts into a parameter.
    pub(super) fn injected(&mut self, around: &Function, facts: &[Fact], default: Value, shared: &Shared) -> Fact {
        let Op::Call { callee, arguments } = around.op(default) else { return Fact::default() };
        let Entity::Path(path) = fact_of(facts, callee).entity else { return Fact::default() };
        if !routes::is_depends(self.paths.text(path)) {
            return Fact::default();
        }
        let Some(first) = around.call_arguments(arguments).first() else { return Fact::default() };
        let called = match fact_of(facts, first.value).entity {
            Entity::Function(module, function) => Some((module, function)),
            Entity::Class(module, class) => return Fact { entity: Entity::Instance(module, class), ..Fact::default() },
            // An object that is called for each request: `Depends(Checker("admin"))`.
            Entity::Instance(module, class) => {
                match self.class_member(module, class, self.dunder(Dunder::Call), true, 0, shared).entity {
                    Entity::Method(module, call) => Some((module, call)),
                    _ => None,
                }
            }
            _ => None,
        };
        let Some(local) = called.and_then(|(module, function)| self.local(module, function, shared)) else {
            return Fact::default();
        };
        let fact = self.alone(local.returns);
        // A dependency that yields gives what it yields.
        if fact.entity == Entity::Unknown
            && self
                .lattice
                .shape(fact.shape)
                .is_some_and(|shape| shape.fields.is_empty() && shape.rest.is_some() || shape.len.is_some())
        {
            return self.lattice.read(fact, Key::ANY, self.models.through_objects);
        }
        fact
    }

    pub(super) fn name(&mut self, function: &Function, symbol: Symbol, shared: &Shared) -> Fact {
        // Enclosing functions first; class bodies are no scope for what they hold.
        let mut around = function.parent;
        let mut distance = 0;
        while let Some(id) = around {
            let Some(scope) = self.module.function(id) else { break };
            if id.0 == 0 {
                break;
            }
            if scope.kind != FunctionKind::ClassBody {
                distance += 1;
                if scope.assigned.iter().any(|(name, _)| *name == symbol) {
                    return self.captured(id, scope, symbol, distance == 1);
                }
            }
            around = scope.parent;
        }
        if let Some(body) = self.module.functions.first()
            && let Ok(at) = body.exit.binary_search_by_key(&symbol, |(name, _)| *name)
        {
            self.ask(Query::Names(FunctionId(0)));
            let mut fact = self.fact_in(FunctionId(0), body.exit[at].1);
            if self.is_assigned(self.id, symbol, shared) {
                let cell = self.global_cell(self.id, symbol);
                let cell = self.cell(cell, shared);
                fact = Fact { konst: Default::default(), constant: false, ..self.lattice.join(fact, cell) };
            }
            return fact;
        }
        if self.is_assigned(self.id, symbol, shared) {
            let cell = self.global_cell(self.id, symbol);
            return self.cell(cell, shared);
        }
        let name = self.module.symbols.text(symbol);
        if !self.module.star_imports.is_empty()
            && !is_builtin(name)
            && let Some(target) = self.star_import(name)
        {
            return self.target(target, shared);
        }
        let labels = self.name_info(symbol).labels;
        let path = self.paths.intern(name);
        let fact =
            Fact { entity: if is_builtin(name) { self.known_path(path) } else { Entity::Unknown }, ..Fact::default() };
        self.with_labels(fact, labels)
    }

    /// A name of the function around: what it holds whoever calls, and what the caller knows of it.
    fn captured(&mut self, id: FunctionId, scope: &Function, symbol: Symbol, nearest: bool) -> Fact {
        self.ask(Query::Names(id));
        let held: Vec<Value> = match nearest {
            true => held_by_closure(scope, symbol, self.current),
            false => scope.assigned.iter().filter(|(name, _)| *name == symbol).map(|&(_, value)| value).collect(),
        };
        let held: Vec<Fact> = held.into_iter().map(|value| self.fact_in(id, value)).collect();
        let joined = self.join_all(held.into_iter());
        let alone = self.without_inputs(joined, 0);
        if !nearest && !self.lattice.is_open(joined) {
            return alone;
        }
        let input = self.lattice.input(Root::Captured(symbol.0), Vec::new());
        let own = self.lattice.set(vec![Atom { origin: Origin::Input(input), clean: 0 }]);
        let taint = self.lattice.join_taint(alone.taint, own);
        self.lattice.fact_with(Fact { input: Some(input), constant: false, konst: Default::default(), ..alone }, taint)
    }

    fn star_import(&self, name: &str) -> Option<Target> {
        let mut libraries = Vec::new();
        for &star in &self.module.star_imports {
            let import = self.module.imports.get(star as usize)?;
            let named = crate::syntax::Import { name: Some(name.to_owned()), ..import.clone() };
            match self.program.import(self.id, &named) {
                Target::Project(definition) => return Some(Target::Project(definition)),
                Target::Library(path) if import.level == 0 => libraries.push(path),
                Target::Library(_) => {}
            }
        }
        // `from os import *`, `from subprocess import *`: of several, the one of which a name is known.
        if libraries.len() > 1 {
            libraries.retain(|path| self.models.describes(path));
        }
        match libraries.len() {
            1 => libraries.pop().map(Target::Library),
            _ => None,
        }
    }

    pub(super) fn attribute(&mut self, facts: &[Fact], value: Value, name: Symbol, shared: &Shared) -> Fact {
        let of = fact_of(facts, value);
        let entities = self.lattice.either(of);
        if entities.is_empty() {
            return self.attribute_of(of, name, shared);
        }
        let found: Vec<Fact> =
            entities.into_iter().map(|entity| self.attribute_of(Fact { entity, ..of }, name, shared)).collect();
        self.join_all(found.into_iter())
    }

    fn attribute_of(&mut self, of: Fact, name: Symbol, shared: &Shared) -> Fact {
        let key = self.attribute_key(name);
        let held = self.lattice.field(of, key).is_some();
        let mut fact = self.lattice.read(of, key, self.models.through_objects);
        fact.constant = false;
        if self.module.symbols.text(name) == "__dict__" && matches!(of.entity, Entity::Instance(..)) {
            return self.attributes_as_items(of);
        }
        let labels = self.name_info(name).labels;
        match of.entity {
            Entity::Path(path) => {
                if !held {
                    fact.entity = self.member_path(path, name);
                }
                fact = self.sourced(fact);
                if self.is_stored(name, shared)
                    && let Entity::Path(path) = fact.entity
                {
                    let text = self.paths.text(path).to_owned();
                    let cell = self.library_cell(&text);
                    let stored = self.cell(cell, shared);
                    if stored != Fact::default() {
                        fact = self.lattice.join(fact, stored);
                        // What was put there is there, if it is known what that is.
                        if stored.entity != Entity::Unknown {
                            fact.entity = stored.entity;
                        }
                    }
                }
            }
            Entity::Module(module) => {
                let text = self.module.symbols.text(name);
                if let Some(target) = self.program.member(module, text) {
                    return self.target(target, shared);
                }
            }
            Entity::Super(module, class) => {
                let member = self.base_member(module, class, key, shared);
                fact.entity = member.entity;
            }
            Entity::Class(module, class) | Entity::Instance(module, class) => {
                let bound = matches!(of.entity, Entity::Instance(..));
                if held {
                    return self.with_labels(fact, labels);
                }
                let mut member = self.class_member(module, class, key, bound, 0, shared);
                if bound
                    && member == Fact::default()
                    && let Some(entity) = self.set_further_down((module, class), key, shared)
                {
                    member.entity = entity;
                }
                // What no class has a name for may be what was set under a name that was worked out.
                if member == Fact::default()
                    && let Some(some) = self.lattice.field(of, Key::SOME)
                {
                    fact = self.lattice.join(fact, some);
                }
                // A method of a class is bound to the class it is read from.
                if !bound
                    && let Entity::Function(home, method) = member.entity
                    && self.is_classmethod(home, method)
                {
                    member.entity = Entity::Method(home, method);
                }
                // A dictionary that is asked for attributes has only the methods that dictionaries have.
                let is_of_library = match member.entity {
                    Entity::Path(path) => {
                        self.paths.text(path).starts_with("dict().") && !is_usual(self.module.symbols.text(name))
                    }
                    _ => member == Fact::default(),
                };
                if bound && is_of_library {
                    let text = Arc::from(self.module.symbols.text(name));
                    let konst = self.lattice.intern_konst(Konst::Text(text));
                    let asked = Fact { constant: true, konst, ..Fact::default() };
                    if let Some(made) = self.special(of, Dunder::GetAttr, &[asked], shared) {
                        return self.with_labels(made, labels);
                    }
                }
                // Of a property the last definition is the setter.
                if let Entity::Method(home, method) = member.entity
                    && bound
                    && let Some(getter) = self.getter_beside(home, method)
                {
                    member.entity = Entity::Method(home, getter);
                }
                if let Entity::Method(home, method) = member.entity
                    && bound
                    && self.is_property(home, method)
                    && let Some(local) = self.local(home, method, shared)
                {
                    let inner = self.filled(local.returns, &mut |this, input| {
                        let (root, keys) = this.lattice.input_parts(input);
                        let keys = keys.to_vec();
                        (root == Root::Parameter(0)).then(|| this.walk(of, &keys))
                    });
                    let inner = self.of_this_object((home, method), of, &[], None, inner);
                    return self.with_labels(inner, labels);
                }
                if bound && let Some(data) = self.form_data((module, class), member, shared) {
                    return self.with_labels(data, labels);
                }
                fact.entity = member.entity;
                // What the library itself keeps in such an object, whatever the object was given.
                if let Entity::Path(path) = member.entity
                    && self.info(path).safe_type
                {
                    return self.with_labels(Fact { entity: member.entity, ..Fact::default() }, labels);
                }
                // `Order.total` stands for the column in a statement, whatever orders hold.
                if !bound && member.taint != TaintId::default() && self.is_column((module, class), name, 0) {
                    return self.with_labels(Fact { entity: member.entity, ..Fact::default() }, labels);
                }
                if member.constant {
                    // What a class says for everybody to read is no secret, whatever its name.
                    return Fact { constant: true, konst: member.konst, shape: member.shape, ..Fact::default() };
                }
                let mut taint = self.lattice.join_taint(fact.taint, member.taint);
                if taint != TaintId::default() {
                    let clean = match self.promised_safe(module, class, name, shared) {
                        true => Kinds::MAX,
                        false => self.validated((module, class), self.module.symbols.text(name), shared),
                    };
                    taint = if clean == 0 { taint } else { self.lattice.cleaned(taint, clean) };
                }
                fact.shape = member.shape;
                fact = self.lattice.fact_with(fact, taint);
            }
            _ => {}
        }
        self.with_labels(fact, labels)
    }

    fn attribute_name(&self, key: Key) -> Arc<str> {
        match self.lattice.key_name(key) {
            KeyName::Attribute(name) => Arc::clone(name),
            _ => Arc::from(""),
        }
    }

    /// What lies under an attribute of an object in which something was set under a name that was worked out, unless its
    /// class has that name.
    fn with_some(&mut self, of: Fact, key: Key, inner: Fact) -> Fact {
        let Some(some) = self.lattice.field(of, Key::SOME) else { return inner };
        let (KeyName::Attribute(name), Entity::Instance(module, class)) = (self.lattice.key_name(key), of.entity)
        else {
            return inner;
        };
        let classes = routes::project_classes(self.program, module, class);
        let is_free = !classes.into_iter().any(|class| self.declares(class, name));
        if is_free && self.lattice.field(of, key).is_none() { self.lattice.join(inner, some) } else { inner }
    }

    /// Whether a class itself has something under a name.
    pub(super) fn declares(&self, (module, class): (ModuleId, ClassId), name: &str) -> bool {
        let Some(home) = self.program.module(module) else { return false };
        let (Some(symbol), Some(class)) = (home.symbols.find(name), home.class(class)) else { return false };
        class.fields.iter().any(|field| field.name == symbol)
            || class.methods.iter().any(|(method, _)| *method == symbol)
            || home
                .function(class.body)
                .is_some_and(|body| body.exit.binary_search_by_key(&symbol, |(name, _)| *name).is_ok())
    }

    /// What lies under these keys.
    pub(super) fn walk(&mut self, of: Fact, keys: &[Key]) -> Fact {
        let keys: Vec<Key> = keys
            .iter()
            .map(|&key| match self.lattice.key_name(key) {
                KeyName::Given(_) => Key::ANY,
                KeyName::GivenName(_) => Key::SOME,
                _ => key,
            })
            .collect();
        self.walk_given(of, &keys, None)
    }

    /// The same where keys may be parameters of the function at hand.
    pub(super) fn walk_given(&mut self, of: Fact, keys: &[Key], shared: Option<&Shared>) -> Fact {
        keys.iter().fold(of, |fact, &key| {
            let is_input = fact.input.is_some() && self.lattice.shape(fact.shape).is_none();
            let key = match self.lattice.key_name(key) {
                KeyName::Given(_) if !is_input => Key::ANY,
                KeyName::GivenName(_) if !is_input => Key::SOME,
                _ => key,
            };
            let key = self.index_from_the_end(fact, key);
            // What a class keeps, all of the program sees.
            if let (Entity::Class(module, class), Some(shared), KeyName::Attribute(_)) =
                (fact.entity, shared, self.lattice.key_name(key))
                && self.lattice.field(fact, key).is_none()
            {
                return self.class_member(module, class, key, false, 0, shared);
            }
            let inner = self.lattice.read(fact, key, self.models.through_objects);
            let inner = self.with_some(fact, key, inner);
            // A method of the class of the object that was passed in.
            if let (Entity::Instance(module, class), Some(shared), KeyName::Attribute(_)) =
                (fact.entity, shared, self.lattice.key_name(key))
                && inner.entity == Entity::Unknown
                && self.lattice.field(fact, key).is_none()
                && let Method::Is(home, method) = self.method_of(module, class, key, 0, shared)
            {
                // What it works out of its object: `page.request_path` in a function that is given the page.
                if self.is_property(home, method)
                    && let Some(local) = self.local(home, method, shared)
                {
                    return self.filled(local.returns, &mut |this, input| {
                        let (root, keys) = this.lattice.input_parts(input);
                        let keys = keys.to_vec();
                        (root == Root::Parameter(0)).then(|| this.walk(fact, &keys))
                    });
                }
                return Fact { entity: Entity::Method(home, method), ..inner };
            }
            // What the class of a library gives out that the class is made from: `handler.get_argument("name")`.
            if let (Entity::Instance(module, class), Some(shared), KeyName::Attribute(name)) =
                (fact.entity, shared, self.lattice.key_name(key))
                && !name.starts_with('<')
                && inner.entity == Entity::Unknown
                && self.lattice.field(fact, key).is_none()
            {
                let member = self.class_member(module, class, key, true, 0, shared);
                if let Entity::Path(_) = member.entity {
                    let taint = self.lattice.join_taint(inner.taint, member.taint);
                    return self.lattice.fact_with(Fact { entity: member.entity, ..inner }, taint);
                }
            }
            // A field of an object that nobody has set here may have been set anywhere.
            if inner.entity == Entity::Unknown
                && let Entity::Instance(module, class) = fact.entity
                && let Some(held) = self.own_field(module, class.0, key)
            {
                return Fact { entity: held.entity, ..inner };
            }
            self.of_library(fact, key, inner)
        })
    }

    /// What lies under a key of an object of a library that was passed in: `request.args` in a function that is given
    /// the request.
    fn of_library(&mut self, whole: Fact, key: Key, inner: Fact) -> Fact {
        let Entity::Path(path) = whole.entity else { return inner };
        if inner.entity != Entity::Unknown || self.lattice.field(whole, key).is_some() {
            return inner;
        }
        let text = self.paths.text(path);
        let text = match self.lattice.key_name(key) {
            KeyName::Attribute(name) if !name.starts_with('<') && text.len() < MAX_PATH => format!("{text}.{name}"),
            KeyName::Item(_) | KeyName::Index(_) | KeyName::Any if text.len() < MAX_PATH => format!("{text}[]"),
            _ => return inner,
        };
        let path = self.paths.intern(&text);
        match self.known_path(path) {
            Entity::Path(known) if text.ends_with(']') && self.info(known).source.is_empty() => inner,
            entity => self.sourced(Fact { entity, ..inner }),
        }
    }

    /// The property that a method is the setter of.
    fn getter_beside(&self, module: ModuleId, setter: FunctionId) -> Option<FunctionId> {
        let home = self.program.module(module)?;
        let function = home.function(setter)?;
        let around = home.function(function.parent?)?;
        let is_setter = function.decorators.iter().any(|&decorator| {
            matches!(around.op(decorator), Op::Attribute { name, .. } if matches!(home.symbols.text(name), "setter" | "deleter"))
        });
        let class = home.class(function.class.filter(|_| is_setter)?)?;
        let named = |id: FunctionId| home.function(id).is_some_and(|one| one.name == function.name);
        class.methods.iter().map(|&(_, id)| id).find(|&id| named(id) && self.is_property(module, id))
    }

    fn is_property(&self, module: ModuleId, method: FunctionId) -> bool {
        let Some(home) = self.program.module(module) else { return false };
        let Some(function) = home.function(method) else { return false };
        let Some(around) = function.parent.and_then(|parent| home.function(parent)) else { return false };
        function.decorators.iter().any(|&decorator| match around.op(around.bare(decorator)) {
            Op::Name(symbol) => matches!(home.symbols.text(symbol), "property" | "cached_property"),
            Op::Attribute { name, .. } => matches!(home.symbols.text(name), "cached_property" | "getter"),
            Op::Import(import) => home
                .imports
                .get(import as usize)
                .and_then(|import| import.name.as_deref())
                .is_some_and(|name| matches!(name, "cached_property" | "property" | "hybrid_property")),
            _ => false,
        })
    }

    fn is_classmethod(&self, module: ModuleId, method: FunctionId) -> bool {
        let Some(home) = self.program.module(module) else { return false };
        let Some(function) = home.function(method) else { return false };
        let Some(around) = function.parent.and_then(|parent| home.function(parent)) else { return false };
        function.decorators.iter().any(
            |&decorator| matches!(around.op(decorator), Op::Name(symbol) if home.symbols.text(symbol) == "classmethod"),
        )
    }

    /// Whether the annotation of a field admits no free text.
    fn promised_safe(&mut self, module: ModuleId, class: ClassId, name: Symbol, shared: &Shared) -> bool {
        if module != self.id {
            return self.is_field_safe((module, class), self.module.symbols.text(name), shared);
        }
        self.field_is_safe(class, name, shared)
    }

    pub(super) fn field_is_safe(&mut self, class: ClassId, symbol: Symbol, shared: &Shared) -> bool {
        let Some(definition) = self.module.class(class) else { return false };
        let field = definition.fields.iter().find(|field| field.name == symbol);
        let Some((annotation, default)) = field.and_then(|field| Some((field.annotation?, field.default))) else {
            return false;
        };
        let Some(body) = self.module.function(definition.body) else { return false };
        let facts = Arc::clone(&self.values[definition.body.0 as usize]);
        self.type_of(body, &facts, annotation, 0, shared).1 || self.is_held_to_pattern(body, annotation, default)
    }

    /// Fields of the classes of this module whose annotation admits no free text.
    pub(in crate::flow) fn safe_fields(&mut self, shared: &Shared) -> Vec<(u32, u64)> {
        let mut found = Vec::new();
        for number in 0..self.module.classes.len() {
            let class = ClassId(u32::try_from(number).unwrap_or(u32::MAX));
            for at in 0..self.module.classes[number].fields.len() {
                let symbol = self.module.classes[number].fields[at].name;
                if self.field_is_safe(class, symbol, shared) {
                    found.push((class.0, name_number(self.module.symbols.text(symbol))));
                }
            }
        }
        found
    }

    /// The method that a class has or inherits under a name, where nothing else can be meant.
    fn method_of(&mut self, module: ModuleId, class: ClassId, key: Key, depth: u32, shared: &Shared) -> Method {
        if let Some(&known) = self.methods.get(&(module, class, key)) {
            return known;
        }
        let Some(home) = self.program.module(module) else { return Method::Open };
        let name = self.attribute_name(key);
        let found = match home.method(class, &name) {
            Some(method) => Method::Is(module, method),
            None => {
                // Whoever inherits from itself leaves it open.
                self.methods.insert((module, class, key), Method::Open);
                self.inherited(home, module, class, key, &name, depth, shared)
            }
        };
        self.methods.insert((module, class, key), found);
        found
    }

    #[expect(clippy::too_many_arguments, reason = "one question about one class")]
    fn inherited(
        &mut self,
        home: &Module,
        module: ModuleId,
        class: ClassId,
        key: Key,
        name: &Arc<str>,
        depth: u32,
        shared: &Shared,
    ) -> Method {
        let Some(definition) = home.class(class) else { return Method::Open };
        if depth > MAX_BASES || self.is_name_stored(name, shared) {
            return Method::Open;
        }
        if let Some(symbol) = home.symbols.find(name)
            && (definition.fields.iter().any(|field| field.name == symbol)
                || home
                    .function(definition.body)
                    .is_some_and(|body| body.exit.binary_search_by_key(&symbol, |(name, _)| *name).is_ok()))
        {
            return Method::Open;
        }
        for &base in &definition.bases {
            let (module, class) = match self.base_entity(module, definition.parent, base) {
                Entity::Class(module, class) => (module, class),
                Entity::Path(path) if matches!(self.paths.text(path), "object" | "abc.ABC") => continue,
                _ => return Method::Open,
            };
            match self.method_of(module, class, key, depth + 1, shared) {
                Method::None => {}
                found => return found,
            }
        }
        Method::None
    }

    /// The object of a library that only classes further down keep under a name: a base calls the client that each of them
    /// makes. They have to agree, and to be few, or it is anything.
    fn set_further_down(&mut self, of: (ModuleId, ClassId), key: Key, shared: &Shared) -> Option<Entity> {
        let name = self.attribute_name(key);
        if !self.is_name_stored(&name, shared) {
            return None;
        }
        let heirs = self.subclasses(of, shared);
        if heirs.len() > MAX_HEIRS {
            return None;
        }
        let mut found = None;
        for &(module, class) in heirs {
            let entity = self.class_member(module, class, key, true, 0, shared).entity;
            match found {
                _ if entity == Entity::Unknown => {}
                None => found = Some(entity),
                Some(other) if other == entity => {}
                Some(_) => return None,
            }
        }
        found.filter(|entity| matches!(entity, Entity::Path(_)))
    }

    /// Whether a class or one of its bases says of an attribute that it is a column or a relation to other records.
    fn is_column(&mut self, (module, class): (ModuleId, ClassId), name: Symbol, depth: u32) -> bool {
        let (program, text) = (self.program, self.module.symbols.text(name));
        let Some(home) = program.module(module).filter(|_| depth < MAX_BASES) else { return false };
        let Some((definition, body)) = home.class(class).and_then(|own| Some((own, home.function(own.body)?))) else {
            return false;
        };
        let field = definition.fields.iter().find(|field| home.symbols.text(field.name) == text);
        let held = home.symbols.find(text).and_then(|symbol| {
            let at = body.exit.binary_search_by_key(&symbol, |(known, _)| *known).ok()?;
            body.exit.get(at).map(|(_, held)| *held)
        });
        if field.is_none() && held.is_none() {
            return definition.bases.iter().any(|&base| match self.base_entity(module, definition.parent, base) {
                Entity::Class(module, class) => self.is_column((module, class), name, depth + 1),
                _ => false,
            });
        }
        let is_mapped = field.and_then(|field| field.annotation).is_some_and(|annotation| {
            let written = home.slice(body.span_of(annotation));
            written.starts_with("Mapped[") || written.contains(".Mapped[")
        });
        let is_made = held.is_some_and(|held| match body.op(held) {
            Op::Call { callee, .. } => {
                let written = home.slice(body.span_of(callee));
                COLUMNS.contains(&written.rsplit('.').next().unwrap_or(written))
            }
            _ => false,
        });
        is_mapped || is_made
    }

    /// A method or field of a class or of one of its bases.
    pub(super) fn class_member(
        &mut self,
        module: ModuleId,
        class: ClassId,
        key: Key,
        bound: bool,
        depth: u32,
        shared: &Shared,
    ) -> Fact {
        if let Some(&known) = self.members.get(&(module, class, key, bound)) {
            return known;
        }
        // Nothing, for whoever inherits from itself.
        self.members.insert((module, class, key, bound), Fact::default());
        let found = self.find_member(module, class, key, bound, depth, shared);
        self.members.insert((module, class, key, bound), found);
        found
    }

    fn find_member(
        &mut self,
        module: ModuleId,
        class: ClassId,
        key: Key,
        bound: bool,
        depth: u32,
        shared: &Shared,
    ) -> Fact {
        let program = self.program;
        let (Some(home), true) = (program.module(module), depth < MAX_BASES) else { return Fact::default() };
        match self.method_of(module, class, key, depth, shared) {
            Method::Is(module, method) => {
                let entity = if bound { Entity::Method(module, method) } else { Entity::Function(module, method) };
                return Fact { entity, ..Fact::default() };
            }
            Method::None => return Fact::default(),
            Method::Open => {}
        }
        let Some(definition) = home.class(class) else { return Fact::default() };
        if module == self.id {
            self.ask(Query::Names(definition.body));
        }
        let name = &self.attribute_name(key);
        let mut fact = if self.is_name_stored(name, shared) {
            let cell = self.field_cell(module, class.0, key);
            self.cell(cell, shared)
        } else {
            Fact::default()
        };
        let assigned = fact != Fact::default();
        if module == self.id
            && let Some(symbol) = self.module.symbols.find(name)
        {
            let field = definition.fields.iter().find(|field| field.name == symbol);
            if let Some(annotation) = field.and_then(|field| field.annotation)
                && let Some(body) = self.module.function(definition.body)
            {
                let facts = Arc::clone(&self.values[definition.body.0 as usize]);
                let (entity, _) = self.type_of(body, &facts, annotation, 0, shared);
                if fact.entity == Entity::Unknown {
                    fact.entity = entity;
                }
                if fact == Fact::default() {
                    fact.shape = self.elements_of(body, &facts, annotation, 0, shared);
                }
                if fact != Fact::default() || assigned {
                    return fact;
                }
            }
            if let Some(body) = self.module.function(definition.body)
                && let Ok(at) = body.exit.binary_search_by_key(&symbol, |(name, _)| *name)
            {
                let held = self.fact_in(definition.body, body.exit[at].1);
                let held = self.without_inputs(held, 0);
                if !assigned {
                    return held;
                }
                // An assignment in a method may replace the class's own value.
                return Fact { constant: false, konst: Default::default(), ..self.lattice.join(fact, held) };
            }
        }
        if assigned {
            return fact;
        }
        if module != self.id
            && let Some(body) = home.function(definition.body)
            && let Some(symbol) = home.symbols.find(name)
            && let Ok(at) = body.exit.binary_search_by_key(&symbol, |(known, _)| *known)
        {
            let held = body.exit[at].1;
            let constant = is_constant(body, held, &mut { MAX_ITEMS });
            // `name = StringField()`
            let made = matches!(body.op(held), Op::Call { .. })
                .then(|| routes::resolve_value(program, module, definition.body, held))
                .flatten();
            if let Some(Target::Library(path)) = made {
                let path = self.paths.intern(&path);
                return Fact { constant, ..self.library(path) };
            }
            return Fact { constant, ..Fact::default() };
        }
        for &base in &definition.bases {
            let base = self.base_entity(module, definition.parent, base);
            match base {
                Entity::Class(module, class) => {
                    let found = self.class_member(module, class, key, bound, depth + 1, shared);
                    if found != Fact::default() {
                        return found;
                    }
                }
                Entity::Path(path) => {
                    if let Entity::Path(instance) = self.result_path(path) {
                        let text = format!("{}.{name}", self.paths.text(instance));
                        let member = self.paths.intern(&text);
                        let entity = self.known_path(member);
                        return self.sourced(Fact { entity, ..Fact::default() });
                    }
                }
                _ => {}
            }
        }
        Fact::default()
    }

    /// What `super().name` is in a class.
    pub(super) fn base_member(&mut self, module: ModuleId, class: ClassId, key: Key, shared: &Shared) -> Fact {
        let program = self.program;
        let Some(definition) = program.module(module).and_then(|home| home.class(class)) else {
            return Fact::default();
        };
        for &base in &definition.bases {
            match self.base_entity(module, definition.parent, base) {
                Entity::Class(module, class) => {
                    let found = self.class_member(module, class, key, true, 1, shared);
                    if found != Fact::default() {
                        return found;
                    }
                }
                Entity::Path(path) => {
                    if let Entity::Path(instance) = self.result_path(path) {
                        let text = format!("{}.{}", self.paths.text(instance), self.attribute_name(key));
                        let member = self.paths.intern(&text);
                        return Fact { entity: self.known_path(member), ..Fact::default() };
                    }
                }
                _ => {}
            }
        }
        Fact::default()
    }

    /// What a base class expression of any module names.
    pub(super) fn base_entity(&mut self, module: ModuleId, scope: FunctionId, base: Value) -> Entity {
        if module == self.id {
            return self.fact_in(scope, base).entity;
        }
        let Some(target) = routes::resolve_value(self.program, module, scope, base) else { return Entity::Unknown };
        match target {
            Target::Library(path) => {
                let path = self.paths.intern(&path);
                self.known_path(path)
            }
            Target::Project(Definition::Class(module, class)) => Entity::Class(module, class),
            Target::Project(_) => Entity::Unknown,
        }
    }
}

/// What a name leads to in a class whose methods are all that can be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// This method.
    Is(ModuleId, FunctionId),
    /// Nothing.
    None,
    /// Perhaps something that is assigned, or comes from a library.
    Open,
}

/// How a method takes its first parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binding {
    Static,
    Class,
    Instance,
}

fn is_public(function: &Function) -> bool {
    function.kind == FunctionKind::Def
        && (!function.name.starts_with('_') || function.name == "__init__" || function.name == "__call__")
        && !function.qualified.split('.').any(|part| part.starts_with('_') && !part.starts_with("__"))
}
