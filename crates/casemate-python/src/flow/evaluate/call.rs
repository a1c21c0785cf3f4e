//! Calls: which functions they run, and what those of the project give by their summaries.

use std::sync::Arc;

use super::super::history::Shared;
use super::super::trace::named_by_start;
use super::methods::says_yes_or_no;
use super::site::{Local, Site};
use super::{Dunder, Evaluator, all, fact_of, is_builtin};
use crate::facts::fact::{Entity, Fact, Labels};
use crate::facts::lattice::{Atom, InputId, Key, KeyName, Konst, Origin, Root, Shape, TaintId};
use crate::facts::summary::Way;
use crate::facts::{ArgumentAt, CallModel, Holds, Kinds};
use crate::names::{Definition, ModuleId, Target};
use crate::routes;
use crate::syntax::{
    Argument, ClassId, Constant, Function, FunctionId, List, Module, Op, ParameterKind, Passing, Value,
};

/// Methods that a name which is put together may be one of.
const MAX_NAMED: usize = 24;

/// Items of `*args` that are passed on one by one to what was passed in.
const MAX_SPREAD: i64 = 4;

/// Functions a call may run, more are not followed.
const MAX_TARGETS: usize = 8;

/// The functions a call may run, and the value bound as their first parameter.
pub(super) type Callees = (Vec<(ModuleId, FunctionId)>, Option<Value>);

/// Functions that were passed in and call others that were.
const MAX_PASSED_INSIDE: u32 = 3;

impl<'p> Evaluator<'p> {
    /// The functions of the project that a call may run.
    pub(super) fn project_callees(
        &mut self,
        function: &Function,
        facts: &[Fact],
        callee: Value,
        shared: &Shared,
    ) -> Callees {
        let fact = fact_of(facts, callee);
        match fact.entity {
            Entity::Function(module, id) => {
                let mut targets = vec![(module, id)];
                for entity in self.lattice.either(fact) {
                    if let Entity::Function(module, id) = entity
                        && !targets.contains(&(module, id))
                    {
                        targets.push((module, id));
                    }
                }
                self.registered(module, id, &mut targets);
                (targets, None)
            }
            Entity::Method(module, id) => {
                let receiver = match function.op(function.bare(callee)) {
                    Op::Attribute { of, .. } => of,
                    _ => Value::NONE,
                };
                let mut targets = vec![(module, id)];
                for entity in self.lattice.either(fact) {
                    if let Entity::Method(module, id) = entity
                        && !targets.contains(&(module, id))
                    {
                        targets.push((module, id));
                    }
                }
                let object = fact_of(facts, receiver);
                // An object that came from elsewhere may be of a class further down.
                if object.input.is_some()
                    && let Entity::Instance(home, class) = object.entity
                {
                    self.overrides(home, class, (module, id), &mut targets, shared);
                }
                (targets, Some(receiver))
            }
            Entity::Class(module, class) => {
                match self.class_member(module, class, self.dunder(Dunder::Init), true, 0, shared).entity {
                    Entity::Method(module, id) => (vec![(module, id)], Some(Value::NONE)),
                    _ => (Vec::new(), None),
                }
            }
            Entity::Instance(module, class) => {
                match self.class_member(module, class, self.dunder(Dunder::Call), true, 0, shared).entity {
                    Entity::Method(module, id) => (vec![(module, id)], Some(callee)),
                    _ => (Vec::new(), None),
                }
            }
            Entity::Path(path) if self.paths.text(path).ends_with(".start") => {
                // A thread of the project runs what its class says.
                let Op::Attribute { of, .. } = function.op(function.bare(callee)) else { return (Vec::new(), None) };
                let Entity::Instance(module, class) = fact_of(facts, of).entity else { return (Vec::new(), None) };
                let is_thread =
                    matches!(self.paths.text(path), "threading.Thread().start" | "multiprocessing.Process().start");
                let run = self.lattice.key(KeyName::Attribute(Arc::from("run")));
                match self.class_member(module, class, run, true, 0, shared).entity {
                    Entity::Method(module, id) if is_thread => (vec![(module, id)], Some(of)),
                    _ => (Vec::new(), None),
                }
            }
            Entity::Unknown | Entity::Path(_) => {
                if let Some((of, start)) = named_by_start(self.module, function, callee)
                    && let Entity::Instance(home, class) = fact_of(facts, of).entity
                {
                    return (self.methods_that_begin(home, class, start), Some(of));
                }
                if fact.entity != Entity::Unknown {
                    return (Vec::new(), None);
                }
                // `self.show()` of a class that leaves it to those made from it to have one.
                let Op::Attribute { of, name } = function.op(function.bare(callee)) else { return (Vec::new(), None) };
                let object = fact_of(facts, of);
                let (Entity::Instance(home, class), true) = (object.entity, object.input.is_some()) else {
                    return (Vec::new(), None);
                };
                let mut targets = Vec::new();
                self.further_down(home, class, self.module.symbols.text(name), &mut targets, shared);
                (targets, Some(of))
            }
            _ => (Vec::new(), None),
        }
    }

    /// What `@name.register` adds to a function that looks at the type of what it is given.
    fn registered(&self, module: ModuleId, id: FunctionId, targets: &mut Vec<(ModuleId, FunctionId)>) {
        let Some(home) = self.program.module(module) else { return };
        let Some(function) = home.function(id) else { return };
        let Some(parent) = function.parent.filter(|_| !function.decorators.is_empty()) else { return };
        let Some(around) = home.function(parent) else { return };
        let is_single = function.decorators.iter().any(|&decorator| match around.op(decorator) {
            Op::Attribute { name, .. } => home.symbols.text(name).starts_with("singledispatch"),
            Op::Import(import) => home
                .imports
                .get(import as usize)
                .and_then(|import| import.name.as_deref())
                .is_some_and(|name| name.starts_with("singledispatch")),
            _ => false,
        });
        if !is_single {
            return;
        }
        for (number, other) in home.functions.iter().enumerate() {
            let registers = other.parent == Some(parent)
                && other.decorators.iter().any(|&decorator| {
                    let decorator = match around.op(decorator) {
                        Op::Call { callee, .. } => callee,
                        _ => decorator,
                    };
                    let Op::Attribute { of, name } = around.op(decorator) else { return false };
                    home.symbols.text(name) == "register"
                        && matches!(around.op(around.bare(of)), Op::Function(registered) if registered == id)
                });
            if registers && targets.len() < MAX_TARGETS {
                targets.push((module, super::function_id(number)));
            }
        }
    }

    fn overrides(
        &self,
        home: ModuleId,
        class: ClassId,
        method: (ModuleId, FunctionId),
        targets: &mut Vec<(ModuleId, FunctionId)>,
        shared: &Shared,
    ) {
        if let Some(name) = self.program.module(method.0).and_then(|m| m.function(method.1)).map(|f| f.name.as_str()) {
            self.further_down(home, class, name, targets, shared);
        }
    }

    /// The methods of a class whose names begin so.
    fn methods_that_begin(&self, home: ModuleId, class: ClassId, start: &str) -> Vec<(ModuleId, FunctionId)> {
        let mut targets = Vec::new();
        for (home, class) in routes::project_classes(self.program, home, class) {
            let Some((source, definition)) = self.program.module(home).and_then(|m| Some((m, m.class(class)?))) else {
                continue;
            };
            for &(name, id) in &definition.methods {
                if source.symbols.text(name).starts_with(start) && targets.len() < MAX_NAMED {
                    targets.push((home, id));
                }
            }
        }
        targets
    }

    /// The methods of this name in the classes that are made from one.
    fn further_down(
        &self,
        home: ModuleId,
        class: ClassId,
        name: &str,
        targets: &mut Vec<(ModuleId, FunctionId)>,
        shared: &Shared,
    ) {
        let mut left = vec![(home, class)];
        let mut seen = 0;
        while let Some(of) = left.pop() {
            seen += 1;
            if seen > 32 || targets.len() >= MAX_TARGETS {
                return;
            }
            for &(module, class) in self.subclasses(of, shared) {
                left.push((module, class));
                if let Some(id) = self.program.module(module).and_then(|home| home.method(class, name))
                    && !targets.contains(&(module, id))
                    && targets.len() < MAX_TARGETS
                {
                    targets.push((module, id));
                }
            }
        }
    }

    pub(super) fn model_of(&mut self, function: &Function, facts: &[Fact], callee: Value) -> Option<&'p CallModel> {
        let entity = fact_of(facts, callee).entity;
        if let Entity::Path(path) = entity
            && let Some(model) = self.info(path).call
        {
            return Some(model);
        }
        if matches!(entity, Entity::Unknown | Entity::Path(_))
            && let Op::Attribute { of, name } = function.op(function.bare(callee))
        {
            let method = self.name_info(name).method?;
            // `asyncio.run` is a function of a module, no method of an object.
            return if self.is_foreign_module(fact_of(facts, of)) { None } else { Some(method) };
        }
        None
    }

    /// Whether a value is what `import a.b` binds.
    fn is_foreign_module(&self, fact: Fact) -> bool {
        let Entity::Path(path) = fact.entity else { return false };
        let path = self.paths.text(path);
        self.module.imports.iter().any(|import| {
            import.level == 0
                && import.name.is_none()
                && (import.module == path
                    || import.module.strip_prefix(path).is_some_and(|deeper| deeper.starts_with('.')))
        })
    }

    /// The values of a call that an entry of a model speaks of.
    pub(super) fn arguments_at(
        &self,
        function: &Function,
        callee: Value,
        arguments: &[Argument],
        at: &ArgumentAt,
    ) -> Vec<Value> {
        let mut found = Vec::new();
        if at.receiver
            && let Op::Attribute { of, .. } = function.op(function.bare(callee))
        {
            found.push(of);
        }
        if at.any {
            found.extend(arguments.iter().map(|argument| argument.value));
            return found;
        }
        let mut position = 0;
        for argument in arguments {
            match argument.passing {
                Passing::Position => {
                    if at.position == Some(position) {
                        found.push(argument.value);
                    }
                    position += 1;
                }
                Passing::Star => {
                    if at.position.is_some_and(|wanted| wanted >= position) {
                        found.push(argument.value);
                    }
                }
                Passing::Keyword(name) => {
                    if at.keyword.as_deref() == Some(self.module.symbols.text(name)) {
                        found.push(argument.value);
                    }
                }
                Passing::DoubleStar => {}
            }
        }
        found
    }

    /// What is passed for a parameter of a function of the project, and the value it is read from.
    pub(super) fn passed_for(
        &mut self,
        facts: &[Fact],
        arguments: &[Argument],
        module: ModuleId,
        id: FunctionId,
        wanted: usize,
        receiver: Option<Value>,
    ) -> Option<(Fact, Option<Value>)> {
        let home = self.program.module(module)?;
        let callee = home.function(id)?;
        let parameter = callee.parameters.get(wanted)?;
        let is_bound = match receiver {
            Some(_) => {
                let is_static = callee.parent.is_some_and(|parent| {
                    home.function(parent).is_some_and(|around| {
                        callee.decorators.iter().any(|&decorator| {
                            matches!(around.op(decorator), Op::Name(symbol) if home.symbols.text(symbol) == "staticmethod")
                        })
                    })
                });
                !is_static
            }
            None => false,
        };
        if wanted == 0 && is_bound {
            let receiver = receiver?;
            return (receiver != Value::NONE).then(|| (fact_of(facts, receiver), Some(receiver)));
        }
        let name = home.symbols.text(parameter.name);
        let through = self.models.through_objects;
        let mut position = usize::from(is_bound);
        let mut collected = Shape { len: Some(0), ..Shape::default() };
        let mut any: Option<Value> = None;
        // `f(*args, **kwargs)` may give it either way.
        let mut spread: Option<(Fact, Option<Value>)> = None;
        for argument in arguments {
            let fact = fact_of(facts, argument.value);
            match argument.passing {
                Passing::Position => {
                    if parameter.kind == ParameterKind::Star && position >= wanted {
                        let key = self.lattice.key(KeyName::Index(i64::try_from(position - wanted).unwrap_or(0)));
                        collected.fields.push((key, fact));
                        any = any.or(Some(argument.value)).filter(|_| true);
                    } else if position == wanted
                        && !matches!(parameter.kind, ParameterKind::KeywordOnly | ParameterKind::DoubleStar)
                    {
                        return Some((fact, Some(argument.value)));
                    }
                    position += 1;
                }
                Passing::Keyword(keyword) => {
                    let keyword = self.module.symbols.text(keyword);
                    if keyword == name && parameter.kind != ParameterKind::DoubleStar {
                        return Some((fact, Some(argument.value)));
                    }
                    let is_other = callee.parameters.iter().any(|other| home.symbols.text(other.name) == keyword);
                    if parameter.kind == ParameterKind::DoubleStar && !is_other {
                        let key = self.lattice.key(KeyName::Item(Arc::from(keyword)));
                        collected.fields.push((key, fact));
                        any = any.or(Some(argument.value));
                    }
                }
                Passing::Star if parameter.kind == ParameterKind::Star => {
                    collected.rest = {
                        let inner = self.lattice.read(fact, Key::ANY, through);
                        self.join_options(collected.rest, Some(inner))
                    };
                    any = any.or(Some(argument.value));
                }
                Passing::Star if wanted >= position && parameter.kind != ParameterKind::KeywordOnly => {
                    if parameter.kind == ParameterKind::DoubleStar {
                        continue;
                    }
                    let key = self.lattice.key(KeyName::Index(i64::try_from(wanted - position).unwrap_or(0)));
                    spread = Some((self.lattice.read(fact, key, through), Some(argument.value)));
                }
                Passing::Star => {}
                Passing::DoubleStar if parameter.kind == ParameterKind::DoubleStar => {
                    return Some((fact, Some(argument.value)));
                }
                Passing::DoubleStar => {
                    let key = self.lattice.key(KeyName::Item(Arc::from(name)));
                    let inner = self.lattice.read(fact, key, through);
                    if inner.labels != Labels::NONE || inner.taint != TaintId::default() {
                        let whole = spread.map_or(inner, |(known, _)| self.lattice.join(known, inner));
                        return Some((whole, Some(argument.value)));
                    }
                }
            }
        }
        if spread.is_some() {
            return spread;
        }
        if any.is_some() {
            let shape = self.lattice.intern_shape(collected);
            return Some((self.lattice.labelled(Fact { shape, ..Fact::default() }), any));
        }
        // Not given: the default.
        let parent = callee.parent?;
        let around = home.function(parent)?;
        let konst = match around.op(parameter.default?) {
            Op::Constant(Constant::Bool(value)) => Konst::Bool(value),
            Op::Constant(Constant::Int(value)) => Konst::Int(value),
            Op::Constant(Constant::None) => Konst::None,
            Op::Constant(Constant::Str(text)) => Konst::Text(Arc::from(home.string(text))),
            // What the function around gave it when it was made.
            _ if module == self.id && parent == self.current && parent.0 != 0 => {
                return Some((fact_of(facts, parameter.default?), None));
            }
            _ => return None,
        };
        let konst = self.lattice.intern_konst(konst);
        Some((Fact { constant: true, konst, ..Fact::default() }, None))
    }

    /// The result of a call of a function of the project.
    fn apply(&mut self, site: &mut Site<'_>, local: &Local, shared: &Shared) -> Fact {
        let fact = self.returned_at(site, local, shared);
        let fact = match (site.receiver, self.passed(site, 0)) {
            (Some(_), Some((object, _))) => {
                let given: Vec<Fact> = match self.answers_with_what_is_given(local) {
                    true => site.arguments.iter().map(|argument| fact_of(site.facts, argument.value)).collect(),
                    false => Vec::new(),
                };
                let exact = self.read_from_object(site, local);
                self.of_this_object(site.target, object, &given, exact, fact)
            }
            _ => fact,
        };
        self.keep_told(site, local);
        fact
    }

    /// What a function returns here: of its ways those that what is given lets it take.
    fn returned_at(&mut self, site: &mut Site<'_>, local: &Local, shared: &Shared) -> Fact {
        let mut taken: Vec<Fact> = Vec::new();
        for (way, returned) in local.summary.ways.iter().zip(&local.ways) {
            let may_be = self.decided(site, &way.when).is_some() && self.is_own_method(site, way, shared);
            if may_be {
                taken.push(*returned);
            }
        }
        if taken.len() == local.ways.len() {
            return self.filled_at(local.returns, site);
        }
        let taken: Vec<Fact> = taken.into_iter().map(|fact| self.filled_at(fact, site)).collect();
        Fact { constant: false, ..self.join_all(taken.into_iter()) }
    }

    /// What a method returns of what lies in its object, under the keys it is given; none if it returns nothing of it.
    fn read_from_object(&mut self, site: &mut Site<'_>, local: &Local) -> Option<TaintId> {
        let mut taint: Option<TaintId> = None;
        for atom in self.lattice.atoms_within(local.returns) {
            let Origin::Input(input) = atom.origin else { continue };
            let (root, keys) = self.lattice.input_parts(input);
            if root != Root::Parameter(0) || keys.len() < 2 {
                continue;
            }
            let (fact, _) = self.given(site, input)?;
            let deep = self.lattice.deep(fact);
            taint = Some(taint.map_or(deep, |known| self.lattice.join_taint(known, deep)));
        }
        taint
    }

    /// Whether what a method answers is made of more than its object.
    pub(super) fn answers_with_what_is_given(&self, local: &Local) -> bool {
        self.lattice.atoms_within(local.returns).iter().any(|atom| match atom.origin {
            Origin::Input(input) | Origin::Turned(input, ..) => {
                !matches!(self.lattice.input_parts(input).0, Root::Parameter(0))
            }
            Origin::Kind(_) => false,
        })
    }

    /// What a method that only looks at its object gives is what this object was given, not what others of its class hold.
    pub(super) fn of_this_object(
        &mut self,
        (module, id): (ModuleId, FunctionId),
        object: Fact,
        arguments: &[Fact],
        exact: Option<TaintId>,
        fact: Fact,
    ) -> Fact {
        if fact.taint == TaintId::default() || fact.shape != Default::default() {
            return fact;
        }
        if !matches!(object.entity, Entity::Instance(..) | Entity::Class(..))
            || object.input.is_some()
            || object.taint != TaintId::default()
        {
            return fact;
        }
        let Some(home) = self.program.module(module) else { return fact };
        let Some(function) = home.function(id).filter(|function| function.class.is_some()) else { return fact };
        let Some(fields) = fields_read(home, function) else { return fact };
        let mut given = TaintId::default();
        for field in fields {
            let Some(key) = self.lattice.find_key(&KeyName::Attribute(Arc::from(field))) else { return fact };
            let held = match object.entity {
                // What a class keeps, its methods say under which key.
                Entity::Class(..) if exact.is_none() => return fact,
                Entity::Class(..) => Fact::default(),
                _ => match self.lattice.field(object, key) {
                    Some(held) => held,
                    None => return fact,
                },
            };
            // What is read from an object of a library comes from there; what `len` or `str` gives is no such object.
            let is_plain = match held.entity {
                Entity::Unknown => true,
                Entity::Path(path) => self.paths.text(path).strip_suffix("()").is_some_and(is_builtin),
                _ => false,
            };
            if !is_plain {
                return fact;
            }
            let deep = exact.unwrap_or_else(|| self.lattice.deep(held));
            given = self.lattice.join_taint(given, deep);
        }
        for &argument in arguments {
            let deep = self.lattice.deep(argument);
            given = self.lattice.join_taint(given, deep);
        }
        let through = self.models.through_objects;
        let comes_in = |atom: &Atom| match atom.origin {
            Origin::Kind(kind) if through.meets(Labels::kind(kind)) => {
                self.lattice.atoms(given).iter().any(|one| one.origin == atom.origin)
            }
            _ => true,
        };
        let kept: Vec<Atom> = self.lattice.atoms(fact.taint).iter().filter(|atom| comes_in(atom)).copied().collect();
        let taint = self.lattice.set(kept);
        self.lattice.fact_with(fact, taint)
    }

    /// Whether the object a method is called on may have the method whose answer this is.
    fn is_own_method(&mut self, site: &mut Site<'_>, way: &Way, shared: &Shared) -> bool {
        let Some((name, module, id)) = &way.method else { return true };
        let object = self.passed(site, 0).map(|(object, _)| object);
        let Some(Fact { entity: Entity::Instance(home, class), input: None, .. }) = object else { return true };
        if object.is_some_and(|object| !self.lattice.either(object).is_empty()) {
            return true;
        }
        let key = self.lattice.key(KeyName::Attribute(Arc::clone(name)));
        match self.class_member(home, class, key, true, 0, shared).entity {
            Entity::Method(own, method) => (own, method) == (*module, *id),
            _ => true,
        }
    }

    /// What a function returns once its decorators have been at it.
    fn decorated(&mut self, target: (ModuleId, FunctionId), mut fact: Fact, shared: &Shared) -> Fact {
        let Some(home) = self.program.module(target.0) else { return fact };
        let Some(function) = home.function(target.1) else { return fact };
        let Some(parent) = function.parent else { return fact };
        for &decorator in &function.decorators {
            let around = home.function(parent);
            // `@constant("text")` is called first.
            let (named, calls) = match around.map(|around| around.op(around.bare(decorator))) {
                Some(Op::Call { callee, .. }) => (callee, 2),
                _ => (decorator, 1),
            };
            let (module, id) = match routes::resolve_value(self.program, target.0, parent, named) {
                Some(Target::Project(Definition::Function(module, id))) => (module, id),
                Some(Target::Project(Definition::Class(module, class))) if calls == 1 => {
                    if self.answers_for_itself((module, class), shared) {
                        return Fact::default();
                    }
                    continue;
                }
                _ => continue,
            };
            let Some(mut local) = self.local(module, id, shared) else { continue };
            // What the decorator itself is given, as `"text"` of `@constant("text")`.
            let told: Vec<&str> = match self.program.module(module).and_then(|home| Some((home, home.function(id)?))) {
                Some((home, factory)) if calls == 2 => {
                    factory.parameters.iter().map(|parameter| home.symbols.text(parameter.name)).collect()
                }
                _ => Vec::new(),
            };
            if calls == 2 {
                let Entity::Function(module, id) = local.returns.entity else { continue };
                let Some(made) = self.local(module, id, shared) else { continue };
                local = made;
            }
            let Entity::Function(module, id) = local.returns.entity else { continue };
            let found = self.program.module(module).and_then(|home| Some((home, home.function(id)?)));
            let Some((inner_home, inner)) = found else { continue };
            // It answers something of its own, whatever the function answers.
            let is_fixed = !inner.returns.is_empty()
                && !inner.is_generator
                && inner.returns.iter().all(|&value| match inner.op(value) {
                    Op::Constant(_) => true,
                    Op::Name(name) => told.contains(&inner_home.symbols.text(name)),
                    _ => false,
                });
            if is_fixed {
                return Fact::default();
            }
            let Some(local) = self.local(module, id, shared) else { continue };
            let atoms = self.lattice.atoms_within(local.returns);
            let clean =
                atoms.iter().fold(if atoms.is_empty() { 0 } else { all(true) }, |clean, atom| clean & atom.clean);
            let clean = clean | self.checked_on_the_way(&local);
            if clean != 0 {
                let deep = self.lattice.deep(fact);
                let taint = self.lattice.cleaned(deep, clean);
                fact = self.lattice.fact_with(Fact { shape: Default::default(), input: None, ..fact }, taint);
            }
        }
        fact
    }

    /// For which sinks all that a wrapper hands on to the function around which it was put is harmless: it has looked at it.
    fn checked_on_the_way(&self, wrapper: &Local) -> Kinds {
        let mut handed = wrapper
            .calls
            .iter()
            .filter(|(input, _)| matches!(self.lattice.input_parts(*input), (Root::Captured(_), [])))
            .flat_map(|(_, given)| given.iter().flat_map(|&fact| self.lattice.atoms_within(fact)))
            .peekable();
        if handed.peek().is_none() {
            return 0;
        }
        handed.fold(all(true), |clean, atom| clean & atom.clean)
    }

    /// For which sinks all that reaches a function is harmless, for its decorators have looked at it.
    pub(super) fn checked_by_decorators(&mut self, target: (ModuleId, FunctionId), shared: &Shared) -> Kinds {
        let Some(home) = self.program.module(target.0) else { return 0 };
        let Some(function) = home.function(target.1).filter(|function| !function.decorators.is_empty()) else {
            return 0;
        };
        let Some(parent) = function.parent else { return 0 };
        let mut clean = 0;
        for &decorator in &function.decorators {
            let Some(Target::Project(Definition::Function(module, id))) =
                routes::resolve_value(self.program, target.0, parent, decorator)
            else {
                continue;
            };
            let Some(local) = self.local(module, id, shared) else { continue };
            let Entity::Function(module, id) = local.returns.entity else { continue };
            if let Some(wrapper) = self.local(module, id, shared) {
                clean |= self.checked_on_the_way(&wrapper);
            }
        }
        clean
    }

    /// Whether a class that stands in for a function answers something of its own, whatever the function answers.
    fn answers_for_itself(&mut self, (module, class): (ModuleId, ClassId), shared: &Shared) -> bool {
        let call = self.class_member(module, class, self.dunder(Dunder::Call), true, 0, shared).entity;
        let Entity::Method(home, id) = call else { return false };
        let Some(inner) = self.program.module(home).and_then(|home| home.function(id)) else { return false };
        if inner.returns.is_empty() || inner.is_generator {
            return false;
        }
        self.local(home, id, shared).is_some_and(|local| {
            let is_of_object = |atom: &Atom| match atom.origin {
                Origin::Input(input) => {
                    matches!(self.lattice.input_parts(input), (Root::Parameter(0), keys) if !keys.contains(&Key::ANSWER))
                }
                _ => false,
            };
            self.lattice.atoms_within(local.returns).iter().all(is_of_object)
                && self.lattice.shape(local.returns.shape).is_none()
                && matches!(local.returns.entity, Entity::Unknown | Entity::Path(_))
        })
    }

    /// What a decorator was given that is called like a function: `fetch = retrying(3)(requests.get)`. What it gives back
    /// says by `functools.wraps` what it stands for.
    fn wrapped(
        &mut self,
        facts: &[Fact],
        arguments: &[Argument],
        is_bound: bool,
        made: Fact,
        shared: &Shared,
    ) -> Option<Fact> {
        let Entity::Function(module, id) = made.entity else { return None };
        let home = self.program.module(module)?;
        let inner = home.function(id).filter(|inner| !inner.decorators.is_empty())?;
        let parent = inner.parent?;
        let around = home.function(parent)?;
        let index = inner.decorators.iter().find_map(|&decorator| {
            let Op::Call { callee, arguments } = around.op(decorator) else { return None };
            let target = routes::resolve_value(self.program, module, parent, callee)?;
            if !matches!(target, Target::Library(path) if path == "functools.wraps") {
                return None;
            }
            match around.op(around.bare(around.call_arguments(arguments).first()?.value)) {
                Op::Parameter(index) => Some(index as usize),
                Op::Name(name) => around.parameters.iter().position(|one| one.name == name),
                _ => None,
            }
        })?;
        let at = index.checked_sub(usize::from(is_bound))?;
        let passed = fact_of(facts, arguments.get(at).filter(|one| one.passing == Passing::Position)?.value);
        if !matches!(passed.entity, Entity::Path(_) | Entity::Function(..) | Entity::Method(..)) {
            return None;
        }
        // It answers something of its own, or looks at what the function answers.
        let is_fixed = inner.returns.iter().all(|&value| matches!(inner.op(value), Op::Constant(_)));
        let local = self.local(module, id, shared)?;
        let is_cleaning = self.lattice.atoms_within(local.returns).iter().any(|atom| atom.clean != 0);
        (!is_fixed && !is_cleaning).then_some(passed)
    }

    /// Where the decorators of a function put it: `HANDLERS[name] = function`.
    pub(super) fn kept_by_decorators(
        &mut self,
        function: &'p Function,
        facts: &[Fact],
        (value, made): (Value, Fact),
        decorators: &[Value],
        shared: &Shared,
    ) {
        for &decorator in decorators {
            let target = fact_of(facts, decorator);
            if let Entity::Function(home, decorating) = target.entity {
                self.kept_of(function, facts, (value, made), target, (home, decorating), shared);
            }
        }
    }

    /// What the classes that a class is made from keep of it: `__init_subclass__`.
    pub(super) fn kept_by_bases(
        &mut self,
        function: &'p Function,
        facts: &[Fact],
        (value, made): (Value, Fact),
        class: ClassId,
        shared: &Shared,
    ) {
        let mut bases = routes::project_classes(self.program, self.id, class).into_iter().skip(1);
        let told =
            bases.find_map(|(home, base)| Some((home, self.program.module(home)?.method(base, "__init_subclass__")?)));
        if let Some(told) = told {
            self.kept_of(function, facts, (value, made), Fact::default(), told, shared);
        }
    }

    /// What a function that is given a function or class keeps of it.
    fn kept_of(
        &mut self,
        function: &'p Function,
        facts: &[Fact],
        (value, made): (Value, Fact),
        callee: Fact,
        target: (ModuleId, FunctionId),
        shared: &Shared,
    ) {
        let Some(local) = self.local(target.0, target.1, shared) else { return };
        if local.stores.is_empty() && local.changes.is_empty() {
            return;
        }
        let mut known = facts.to_vec();
        known.resize(known.len().max(value.0 as usize + 1), Fact::default());
        if let Some(place) = known.get_mut(value.0 as usize) {
            *place = made;
        }
        let given = [Argument { passing: Passing::Position, value }];
        let mut site = Site::new(function, &known, &given, target, None, (&local, shared));
        site.callee = callee;
        self.keep_told(&mut site, &local);
    }

    /// What a call puts into what others see, and into what it is given.
    fn keep_told(&mut self, site: &mut Site<'_>, local: &Local) {
        for &(cell, stored) in &local.stores {
            let stored = self.filled_at(stored, site);
            self.pass_on(cell, stored);
        }
        for &(input, stored) in &local.changes {
            let stored = self.filled_at(stored, site);
            let (root, keys) = self.lattice.input_parts(input);
            let keys = keys.to_vec();
            let keys = self.keys_given(site, &keys);
            let Some((object, value)) = self.given_whole(site, root) else { continue };
            self.changed_by_call(object, &keys, stored);
            // What the function at hand has made itself, it knows.
            let is_own =
                value.is_some_and(|value| matches!(site.function.op(site.function.bare(value)), Op::Call { .. }));
            if let Entity::Instance(module, class) = object.entity
                && !is_own
            {
                self.keep_registered(module, class, &keys, stored);
            }
        }
    }

    /// What the calls in the body of a `try` raise.
    pub(super) fn caught(&mut self, function: &'p Function, facts: &[Fact], calls: List, shared: &Shared) -> Fact {
        let mut raised: Vec<Fact> = Vec::new();
        for &call in function.list(calls) {
            let Op::Call { callee, arguments } = function.op(call) else { continue };
            if matches!(fact_of(facts, callee).entity, Entity::Class(..)) {
                continue;
            }
            let (targets, receiver) = self.project_callees(function, facts, callee, shared);
            for target in targets {
                let Some(local) = self.local(target.0, target.1, shared) else { continue };
                if local.raised == Fact::default() {
                    continue;
                }
                let mut site =
                    Site::new(function, facts, function.call_arguments(arguments), target, receiver, (&local, shared));
                site.callee = fact_of(facts, callee);
                let fact = self.filled_at(local.raised, &mut site);
                raised.push(fact);
            }
        }
        self.join_all(raised.into_iter())
    }

    /// A call stores into an object that was passed to it.
    pub(super) fn changed_by_call(&mut self, object: Fact, keys: &[Key], stored: Fact) {
        if let (Entity::Instance(module, class) | Entity::Class(module, class), &[key]) = (object.entity, keys)
            && matches!(self.lattice.key_name(key), KeyName::Attribute(_))
        {
            self.store_field(module, class.0, key, stored);
        }
        // `cls.made[name] = value`: all of the program sees what a class keeps.
        if let (Entity::Class(module, class), &[key, ref deeper @ ..]) = (object.entity, keys)
            && !deeper.is_empty()
            && matches!(self.lattice.key_name(key), KeyName::Attribute(_))
        {
            let held = self.lattice.with(Fact::default(), deeper, self.models.through_objects, stored);
            let (module, class) = self.owner_of(module, class, key);
            self.store_field(module, class.0, key, held);
        }
        if let Some(mut own) = object.input
            && self.changes.len() < 64
        {
            for &key in keys {
                own = self.lattice.within(own, key);
            }
            if !self.changes.contains(&(own, stored)) {
                self.changes.push((own, stored));
            }
        }
    }

    /// What a call gives, one after the other; of `*args` the first few.
    fn given_by_place(&mut self, facts: &[Fact], arguments: &[Argument]) -> Vec<Fact> {
        let mut given = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let fact = fact_of(facts, argument.value);
            if argument.passing != Passing::Star {
                given.push(fact);
                continue;
            }
            for at in 0..MAX_SPREAD {
                let key = self.lattice.key(KeyName::Index(at));
                given.push(self.lattice.read(fact, key, self.models.through_objects));
            }
        }
        given
    }

    /// The class that has an attribute, among one and those it is made from.
    fn owner_of(&self, module: ModuleId, class: ClassId, key: Key) -> (ModuleId, ClassId) {
        let KeyName::Attribute(name) = self.lattice.key_name(key) else { return (module, class) };
        let classes = routes::project_classes(self.program, module, class);
        classes.into_iter().find(|&class| self.declares(class, name)).unwrap_or((module, class))
    }

    /// What is registered to be run later with an object that stands elsewhere, all objects of its class may run: who has
    /// which is not told apart, and data is not kept this way.
    fn keep_registered(&mut self, module: ModuleId, class: ClassId, keys: &[Key], stored: Fact) {
        let &[key, ref deeper @ ..] = keys else { return };
        let is_run = matches!(stored.entity, Entity::Function(..) | Entity::Method(..) | Entity::Class(..));
        if deeper.is_empty() || !is_run || !matches!(self.lattice.key_name(key), KeyName::Attribute(_)) {
            return;
        }
        let plain = Fact { entity: stored.entity, ..Fact::default() };
        let held = self.lattice.with(Fact::default(), deeper, self.models.through_objects, plain);
        self.store_field(module, class.0, key, held);
    }

    /// `Plugin.__subclasses__()`
    fn subclasses_listed(
        &mut self,
        function: &Function,
        facts: &[Fact],
        callee: Value,
        shared: &Shared,
    ) -> Option<Fact> {
        let Op::Attribute { of, name } = function.op(function.bare(callee)) else { return None };
        let Entity::Class(module, class) = fact_of(facts, of).entity else { return None };
        if self.module.symbols.text(name) != "__subclasses__" {
            return None;
        }
        let classes: Vec<Fact> = self
            .subclasses((module, class), shared)
            .iter()
            .map(|&(module, class)| Fact { entity: Entity::Class(module, class), ..Fact::default() })
            .collect();
        let rest = self.join_all(classes.into_iter());
        let shape = self.lattice.intern_shape(Shape { rest: Some(rest), ..Shape::default() });
        Some(Fact { shape, ..Fact::default() })
    }

    pub(super) fn call(
        &mut self,
        function: &'p Function,
        facts: &[Fact],
        callee: Value,
        list: List,
        shared: &Shared,
    ) -> Fact {
        let arguments = function.call_arguments(list);
        let target = fact_of(facts, callee);
        if let Entity::Class(module, class) = target.entity {
            let mut made = self.construct(function, facts, arguments, (module, class), shared);
            for entity in self.lattice.either(target) {
                if let Entity::Class(other, number) = entity
                    && (other, number) != (module, class)
                {
                    let more = self.construct(function, facts, arguments, (other, number), shared);
                    made = self.lattice.join(made, more);
                }
            }
            return made;
        }
        let (targets, receiver) = self.project_callees(function, facts, callee, shared);
        if !targets.is_empty() {
            let mut joined: Option<Fact> = None;
            for one in targets {
                let Some(local) = self.local(one.0, one.1, shared) else { continue };
                let mut site = Site::new(function, facts, arguments, one, receiver, (&local, shared));
                site.callee = target;
                site.picked = self.picked(facts, arguments, one, receiver, Holds::Returns);
                let fact = self.apply(&mut site, &local, shared);
                let fact = self.decorated(one, fact, shared);
                joined = Some(joined.map_or(fact, |known| self.lattice.join(known, fact)));
            }
            let fact = Fact { constant: false, ..joined.unwrap_or_default() };
            if let Some(wrapped) = self.wrapped(facts, arguments, receiver.is_some(), fact, shared) {
                return wrapped;
            }
            return self.as_promised(function, facts, callee, arguments, fact, shared);
        }
        if let Some(listed) = self.subclasses_listed(function, facts, callee, shared) {
            return listed;
        }
        // A function that was passed in: what it does is for the caller to say.
        let asked = target.input.filter(|_| target.entity == Entity::Unknown);
        let asked = asked.filter(|_| !arguments.is_empty() || self.may_be_passed(function, callee));
        if let Some(input) = asked {
            let given = self.given_by_place(facts, arguments);
            self.note_call(input, given);
        }
        self.kept_by_base(function, facts, callee, arguments);
        self.set_in_library(facts, target, arguments);
        if let Some(fact) = self.called_by_name(function, facts, callee, arguments) {
            return fact;
        }
        if let Some(made) = self.language_call(function, facts, callee, arguments, shared) {
            return made;
        }
        let mut fact = self.library_call(function, facts, callee, arguments);
        if let Some(input) = asked
            && self.may_be_passed(function, callee)
        {
            fact = self.answered_by(function, callee, input, fact);
        }
        if let Some(held) = self.kept_in_library(function, facts, callee, arguments, shared) {
            fact = self.lattice.join(fact, held);
        }
        if let Some(made) = self.converted(function, facts, callee, arguments, fact, shared) {
            return made;
        }
        if fact.taint != TaintId::default()
            && (self.leaves_plain(function, facts, callee, arguments)
                || self.gives_plain_groups(function, facts, callee, arguments))
        {
            let taint = self.lattice.cleaned(fact.taint, all(true));
            return self.lattice.fact_with(fact, taint);
        }
        self.as_promised(function, facts, callee, arguments, fact, shared)
    }

    /// `m.group(1)`, where the pattern lets nothing harmful into the group.
    fn gives_plain_groups(
        &mut self,
        function: &Function,
        facts: &[Fact],
        callee: Value,
        arguments: &[Argument],
    ) -> bool {
        let Op::Attribute { of, name } = function.op(function.bare(callee)) else { return false };
        if self.module.symbols.text(name) != "group" {
            return false;
        }
        if arguments.is_empty() {
            return self.is_plain_group(function, facts, of, None);
        }
        arguments.iter().all(|argument| {
            let which = Some(fact_of(facts, argument.value));
            argument.passing == Passing::Position && self.is_plain_group(function, facts, of, which)
        })
    }

    /// Whether what is called may be a function, or a method of an object of the project, that the caller passed in. What
    /// texts and containers have methods for is asked of those.
    fn may_be_passed(&self, function: &Function, callee: Value) -> bool {
        match function.op(function.bare(callee)) {
            Op::Attribute { name, .. } => !is_usual(self.module.symbols.text(name)),
            Op::Parameter(_) | Op::Name(_) | Op::Element(_) | Op::Item { .. } | Op::Subscript { .. } => true,
            _ => false,
        }
    }

    /// The answer of a function or object that was passed in: the caller knows what that says.
    fn answered_by(&mut self, function: &Function, callee: Value, input: InputId, fact: Fact) -> Fact {
        let answer = self.lattice.within(input, Key::ANSWER);
        if self.lattice.input_parts(answer).1.last() != Some(&Key::ANSWER) {
            return fact;
        }
        let is_method = matches!(function.op(function.bare(callee)), Op::Attribute { .. });
        let atoms = self.lattice.atoms(fact.taint).to_vec();
        let mut clean = 0;
        let mut kept: Vec<Atom> = Vec::new();
        for atom in atoms {
            match atom.origin {
                Origin::Input(own) if own == input => clean = atom.clean,
                // What a plain function makes of what it is given, the caller says.
                Origin::Input(_) if !is_method => {}
                _ => kept.push(atom),
            }
        }
        kept.push(Atom { origin: Origin::Input(answer), clean });
        let taint = self.lattice.set(kept);
        self.lattice.fact_with(Fact { input: fact.input.or(Some(answer)), ..fact }, taint)
    }

    /// What a function that was passed in answers here; none if nobody knows what it is.
    pub(super) fn answer_of(
        &mut self,
        passed: Fact,
        object: Option<Fact>,
        asked: InputId,
        at: (&Local, &Shared),
        fill: &mut dyn FnMut(&mut Self, Fact) -> Fact,
    ) -> Fact {
        // `handlers[key](handlers, key)`: what is passed in may call itself through what it is given, for ever.
        if self.passed_inside >= MAX_PASSED_INSIDE {
            let deep = self.lattice.deep(passed);
            return self.lattice.fact_with(Fact::default(), deep);
        }
        self.passed_inside += 1;
        let answer = self.answer_given(passed, object, asked, at, fill);
        self.passed_inside -= 1;
        answer
    }

    fn answer_given(
        &mut self,
        passed: Fact,
        object: Option<Fact>,
        asked: InputId,
        (local, shared): (&Local, &Shared),
        fill: &mut dyn FnMut(&mut Self, Fact) -> Fact,
    ) -> Fact {
        let given: Vec<Fact> = local
            .calls
            .iter()
            .filter(|(input, _)| *input == asked)
            .max_by_key(|(_, given)| given.len())
            .map(|(_, given)| given.clone())
            .unwrap_or_default();
        let given: Vec<Fact> = given.into_iter().map(|fact| fill(self, fact)).collect();
        let keys = self.lattice.input_parts(asked).1.to_vec();
        let is_method = keys.last().is_some_and(|&key| matches!(self.lattice.key_name(key), KeyName::Attribute(_)));
        if let Some(own) = passed.input
            && passed.entity == Entity::Unknown
        {
            let answer = self.lattice.within(own, Key::ANSWER);
            let mut atoms = vec![Atom { origin: Origin::Input(answer), clean: 0 }];
            // Until somebody says what it is, it hands on what it is given.
            if !is_method {
                let every = self.text_of_all(&given);
                let kinds =
                    self.lattice.atoms(every.taint).iter().filter(|atom| matches!(atom.origin, Origin::Kind(_)));
                atoms.extend(kinds);
            }
            let taint = self.lattice.set(atoms);
            let taint = self.lattice.join_taint(passed.taint, taint);
            return self.lattice.fact_with(Fact { input: Some(answer), ..Fact::default() }, taint);
        }
        let mut answers: Vec<Fact> = Vec::new();
        let mut entities = self.lattice.either(passed);
        if entities.is_empty() {
            entities.push(passed.entity);
        }
        for entity in entities {
            let known = Fact { entity, ..passed };
            let answer = match entity {
                Entity::Instance(..) => self.special(known, Dunder::Call, &given, shared),
                Entity::Method(module, id) if is_method && object.is_some_and(is_object) => {
                    self.asked_method(object.unwrap_or_default(), (module, id), &given, shared)
                }
                // What it is given, nobody asks of an object that is made so.
                Entity::Class(module, class) => {
                    Some(Fact { entity: Entity::Instance(module, class), ..Fact::default() })
                }
                Entity::Path(_) if is_method => self.called(known, &given, &[], shared).map(|answer| {
                    // `request.form.to_dict()` of a request that came in.
                    let is_silent = answer.taint == TaintId::default() && !self.says_little(&keys);
                    if is_silent { self.lattice.fact_with(answer, passed.taint) } else { answer }
                }),
                _ => self.called(known, &given, &[], shared),
            };
            answers.extend(answer);
        }
        if answers.is_empty() {
            let deep = self.lattice.deep(passed);
            if is_method {
                return self.lattice.fact_with(Fact::default(), deep);
            }
            return self.text_of_all(&given);
        }
        self.join_all(answers.into_iter())
    }

    /// Whether a method, the last of these keys, gives a number, yes or no, by its name.
    fn says_little(&self, keys: &[Key]) -> bool {
        keys.last()
            .is_some_and(|&key| matches!(self.lattice.key_name(key), KeyName::Attribute(name) if says_yes_or_no(name)))
    }

    /// `getattr(text, how)()`: what a method gives whose name is worked out.
    fn called_by_name(
        &mut self,
        function: &Function,
        facts: &[Fact],
        callee: Value,
        arguments: &[Argument],
    ) -> Option<Fact> {
        let Op::Call { callee: getter, arguments: asked } = function.op(function.bare(callee)) else { return None };
        let Entity::Path(path) = fact_of(facts, getter).entity else { return None };
        let [of, name, ..] = function.call_arguments(asked) else { return None };
        let object = fact_of(facts, of.value);
        let is_plain = matches!(object.entity, Entity::Unknown | Entity::Path(_)) && object.taint != TaintId::default();
        if self.paths.text(path) != "getattr" || !is_plain {
            return None;
        }
        let given: Vec<Fact> = arguments.iter().map(|argument| fact_of(facts, argument.value)).collect();
        let symbol = match self.lattice.konst(fact_of(facts, name.value).konst) {
            Some(Konst::Text(name)) if says_yes_or_no(name) => return Some(Fact::default()),
            Some(Konst::Text(name)) => self.module.symbols.find(name),
            _ => None,
        };
        Some(match symbol {
            Some(symbol) => self.method(symbol, object, &given),
            None => {
                let every: Vec<Fact> = given.into_iter().chain([object]).collect();
                self.text_of_all(&every)
            }
        })
    }

    /// `setattr(g, "name", value)`: what an object of a library is given that everybody finds there.
    fn set_in_library(&mut self, facts: &[Fact], callee: Fact, arguments: &[Argument]) {
        let Entity::Path(called) = callee.entity else { return };
        let &[of, name, value] = arguments else { return };
        if self.paths.text(called) != "setattr" {
            return;
        }
        let Entity::Path(path) = fact_of(facts, of.value).entity else { return };
        if let Some(Konst::Text(name)) = self.lattice.konst(fact_of(facts, name.value).konst) {
            let text = format!("{}.{name}", self.paths.text(path));
            let cell = self.library_cell(&text);
            self.store(cell, fact_of(facts, value.value));
        }
    }

    /// `super().append(x)`: what a method hands on to the library's part of its object, the object holds.
    fn kept_by_base(&mut self, function: &Function, facts: &[Fact], callee: Value, arguments: &[Argument]) {
        let Op::Attribute { of, name } = function.op(function.bare(callee)) else { return };
        let object = fact_of(facts, of);
        let given: Vec<Fact> = arguments
            .iter()
            .filter(|argument| argument.passing == Passing::Position)
            .map(|argument| fact_of(facts, argument.value))
            .collect();
        let method = self.module.symbols.text(name);
        // `object.__setattr__(self, name, value)`
        let (object, given) = match (object.entity, method) {
            (Entity::Super(..), _) => (object, given.as_slice()),
            (Entity::Path(path), "__setattr__") if self.paths.text(path) == "object" => match given.split_first() {
                Some((&own, rest)) => (own, rest),
                None => return,
            },
            _ => return,
        };
        match (method, given) {
            ("__setattr__", &[name, value]) => {
                let key = match self.lattice.konst(name.konst).cloned() {
                    Some(Konst::Text(name)) => self.lattice.key(KeyName::Attribute(name)),
                    _ => Key::SOME,
                };
                self.note_change(object, key, value);
            }
            ("__setitem__" | "setdefault", &[key, value]) => {
                let key = self.given_key(key);
                self.note_change(object, key, value);
            }
            ("append" | "appendleft" | "add" | "put" | "insert", &[.., value]) => {
                self.note_change(object, Key::ANY, value);
            }
            ("extend" | "update", &[values]) => {
                let value = self.lattice.read(values, Key::ANY, self.models.through_objects);
                self.note_change(object, Key::ANY, value);
            }
            _ => {}
        }
    }

    /// What `args.get("page", 1, type=int)` makes of what it finds. What stands in for it is handed out as it is.
    fn converted(
        &mut self,
        function: &Function,
        facts: &[Fact],
        callee: Value,
        arguments: &[Argument],
        found: Fact,
        shared: &Shared,
    ) -> Option<Fact> {
        let Op::Attribute { name, .. } = function.op(function.bare(callee)) else { return None };
        if !matches!(self.module.symbols.text(name), "get" | "getlist") || found.taint == TaintId::default() {
            return None;
        }
        let named = |wanted: &str| {
            let is_wanted = |one: &&Argument| matches!(one.passing, Passing::Keyword(name) if self.module.symbols.text(name) == wanted);
            arguments.iter().find(is_wanted).map(|one| fact_of(facts, one.value))
        };
        let by_position = |at: usize| {
            arguments.get(at).filter(|one| one.passing == Passing::Position).map(|one| fact_of(facts, one.value))
        };
        let (convert, default) =
            (named("type").or_else(|| by_position(2))?, named("default").or_else(|| by_position(1)));
        let made = self.called(convert, &[found], &[], shared)?;
        let made = Fact { constant: false, ..made };
        Some(default.map_or(made, |default| self.lattice.join(made, Fact { input: None, ..default })))
    }

    /// The answer of a function, harmless for what its name promises.
    fn as_promised(
        &mut self,
        function: &Function,
        facts: &[Fact],
        callee: Value,
        arguments: &[Argument],
        fact: Fact,
        shared: &Shared,
    ) -> Fact {
        if fact.taint == TaintId::default() {
            return fact;
        }
        let promise = self.promise_of(function, facts, callee, shared);
        if promise.kept | promise.led == 0 {
            return fact;
        }
        let mut taint = self.lattice.cleaned(fact.taint, promise.kept | promise.led);
        if promise.led != 0
            && let Some(first) = arguments.first()
        {
            let first = fact_of(facts, first.value);
            let led = self.lattice.cleaned(first.taint, promise.kept);
            taint = self.lattice.join_taint(taint, led);
        }
        self.lattice.fact_with(fact, taint)
    }

    /// An input is called: what it is given, all times together.
    pub(super) fn note_call(&mut self, input: InputId, given: Vec<Fact>) {
        // What lies deep in what is passed is hardly ever a function that the caller knows.
        let is_deep = match self.lattice.input_parts(input).1 {
            &[_, middle, _] => !matches!(self.lattice.key_name(middle), KeyName::Any | KeyName::Given(_)),
            keys => keys.len() > 2,
        };
        if is_deep {
            return;
        }
        match self.calls.iter().position(|(known, before)| *known == input && before.len() == given.len()) {
            Some(at) => {
                for (place, fact) in given.into_iter().enumerate() {
                    let known = self.calls[at].1[place];
                    self.calls[at].1[place] = self.lattice.join(known, fact);
                }
            }
            None if self.calls.len() < 32 => self.calls.push((input, given)),
            None => {}
        }
    }

    /// What an object is given that its own `__init__` hands to that of a library: the library keeps it in the object.
    fn made_by_library(
        &mut self,
        object: Fact,
        facts: &[Fact],
        arguments: &[Argument],
        (module, init): (ModuleId, FunctionId),
        shared: &Shared,
    ) -> Fact {
        let program = self.program;
        let Some(home) = program.module(module) else { return object };
        let Some(function) = home.function(init) else { return object };
        let handed = handed_to_base(home, function);
        let Some(class) = function.class.filter(|_| !handed.is_empty()) else { return object };
        let key = self.dunder(Dunder::Init);
        if !matches!(self.base_member(module, class, key, shared).entity, Entity::Path(_)) {
            return object;
        }
        let kind = |wanted: ParameterKind| function.parameters.iter().position(|one| one.kind == wanted);
        let star = kind(ParameterKind::Star);
        let mut taint = object.taint;
        for (at, argument) in arguments.iter().enumerate() {
            let index = match argument.passing {
                Passing::Position => star.filter(|&star| at + 1 >= star).or(Some(at + 1)),
                Passing::Keyword(name) => {
                    let name = self.module.symbols.text(name);
                    function
                        .parameters
                        .iter()
                        .position(|one| home.symbols.text(one.name) == name)
                        .or(kind(ParameterKind::DoubleStar))
                }
                Passing::Star => star,
                Passing::DoubleStar => kind(ParameterKind::DoubleStar),
            };
            if index.is_some_and(|index| handed.contains(&index)) {
                let deep = self.lattice.deep(fact_of(facts, argument.value));
                taint = self.lattice.join_taint(taint, deep);
            }
        }
        self.lattice.fact_with(object, taint)
    }

    fn construct(
        &mut self,
        function: &'p Function,
        facts: &[Fact],
        arguments: &[Argument],
        class: (ModuleId, ClassId),
        shared: &Shared,
    ) -> Fact {
        let program = self.program;
        let mut object = Fact { entity: Entity::Instance(class.0, class.1), ..Fact::default() };
        if self.is_enumeration(class.0, class.1, 0) {
            return object;
        }
        let through = self.models.through_objects;
        if let Entity::Method(module, id) =
            self.class_member(class.0, class.1, self.dunder(Dunder::Init), true, 0, shared).entity
            && let Some(local) = self.local(module, id, shared)
        {
            let mut site = Site::new(function, facts, arguments, (module, id), Some(Value::NONE), (&local, shared));
            for &(input, stored) in &local.changes {
                let stored = self.filled_at(stored, &mut site);
                let (root, keys) = self.lattice.input_parts(input);
                if root == Root::Parameter(0) {
                    let keys = keys.to_vec();
                    let keys = self.keys_given(&mut site, &keys);
                    if let &[key] = keys.as_slice()
                        && matches!(self.lattice.key_name(key), KeyName::Attribute(_))
                    {
                        self.store_field(class.0, class.1.0, key, stored);
                    }
                    object = self.lattice.with(object, &keys, through, stored);
                }
            }
            object = self.made_by_library(object, facts, arguments, (module, id), shared);
            return Fact { constant: false, ..object };
        }
        if let Some(made) = self.made_as_container(class, object, facts, arguments) {
            return made;
        }
        // Made by a decorator or a base class: what is given becomes its fields.
        let Some(home) = program.module(class.0) else { return object };
        let Some(definition) = home.class(class.1) else { return object };
        let mut position = 0;
        let is_typed_dictionary = definition.bases.iter().any(|&base| {
            matches!(self.base_entity(class.0, definition.parent, base), Entity::Path(path) if self.paths.text(path).ends_with(".TypedDict"))
        });
        let is_tuple = definition.bases.iter().any(|&base| {
            matches!(self.base_entity(class.0, definition.parent, base), Entity::Path(path) if self.paths.text(path) == "typing.NamedTuple")
        });
        for argument in arguments {
            let given = fact_of(facts, argument.value);
            let name: Option<Arc<str>> = match argument.passing {
                Passing::Position => {
                    position += 1;
                    definition.fields.get(position - 1).map(|field| Arc::from(home.symbols.text(field.name)))
                }
                Passing::Keyword(name) => Some(Arc::from(self.module.symbols.text(name))),
                Passing::Star | Passing::DoubleStar => None,
            };
            match name {
                Some(name) => {
                    let safe = self.is_field_safe(class, &name, shared);
                    let clean = if safe { all(true) } else { self.validated(class, &name, shared) };
                    let given = if clean != 0 {
                        let deep = self.lattice.deep(given);
                        let taint = self.lattice.cleaned(deep, clean);
                        self.lattice.fact_with(Fact { shape: Default::default(), input: None, ..given }, taint)
                    } else {
                        given
                    };
                    if is_tuple
                        && let Some(at) =
                            definition.fields.iter().position(|field| home.symbols.text(field.name) == &*name)
                    {
                        let place = self.lattice.key(KeyName::Index(i64::try_from(at).unwrap_or(i64::MAX)));
                        object = self.lattice.with(object, &[place], through, given);
                    }
                    if is_typed_dictionary {
                        let key = self.lattice.key(KeyName::Item(name));
                        object = self.lattice.with(object, &[key], through, given);
                        continue;
                    }
                    let key = self.lattice.key(KeyName::Attribute(name));
                    self.store_field(class.0, class.1.0, key, given);
                    object = self.lattice.with(object, &[key], through, given);
                }
                None => {
                    let deep = self.lattice.deep(given);
                    let taint = self.lattice.join_taint(object.taint, deep);
                    object = self.lattice.fact_with(object, taint);
                }
            }
        }
        Fact { constant: false, konst: Default::default(), ..object }
    }
}

fn is_object(fact: Fact) -> bool {
    matches!(fact.entity, Entity::Instance(..))
}

/// Methods that texts, lists, dictionaries and files have.
pub(super) fn is_usual(name: &str) -> bool {
    matches!(
        name,
        "strip"
            | "lstrip"
            | "rstrip"
            | "lower"
            | "upper"
            | "title"
            | "capitalize"
            | "casefold"
            | "swapcase"
            | "split"
            | "rsplit"
            | "splitlines"
            | "partition"
            | "rpartition"
            | "replace"
            | "join"
            | "format"
            | "format_map"
            | "encode"
            | "decode"
            | "startswith"
            | "endswith"
            | "find"
            | "rfind"
            | "index"
            | "count"
            | "zfill"
            | "ljust"
            | "rjust"
            | "center"
            | "translate"
            | "expandtabs"
            | "removeprefix"
            | "removesuffix"
            | "isdigit"
            | "isalpha"
            | "isalnum"
            | "get"
            | "pop"
            | "items"
            | "keys"
            | "values"
            | "setdefault"
            | "update"
            | "copy"
            | "append"
            | "extend"
            | "insert"
            | "remove"
            | "clear"
            | "sort"
            | "reverse"
            | "add"
            | "discard"
            | "close"
            | "getlist"
            | "popitem"
            | "hex"
    )
}

/// The parameters that an `__init__` passes to `super().__init__`, by position.
fn handed_to_base(home: &Module, function: &Function) -> Vec<usize> {
    let mut found = Vec::new();
    for (_, op) in function.values() {
        let Op::Call { callee, arguments } = op else { continue };
        let Op::Attribute { of, name } = function.op(function.bare(callee)) else { continue };
        let is_super = matches!(function.op(function.bare(of)), Op::Call { callee, .. }
            if matches!(function.op(function.bare(callee)), Op::Name(name) if home.symbols.text(name) == "super"));
        if !is_super || home.symbols.text(name) != "__init__" {
            continue;
        }
        for argument in function.call_arguments(arguments) {
            if let Op::Parameter(index) = function.op(function.bare(argument.value)) {
                found.push(index as usize);
            }
        }
    }
    found
}

/// The attributes of its object that a method reads, if it looks at nothing else but what it is given.
fn fields_read<'m>(home: &'m Module, method: &Function) -> Option<Vec<&'m str>> {
    let mut found: Vec<&str> = Vec::new();
    // An object that is looked through, or handed on, holds more than its fields.
    let is_itself = |value: Value| matches!(method.op(method.bare(value)), Op::Parameter(0));
    let is_used = method.values().any(|(value, op)| {
        !matches!(op, Op::Attribute { .. } | Op::Refine { .. } | Op::Phi(_))
            && method.operands_of(value).into_iter().any(|one| one != Value::NONE && is_itself(one))
    });
    if method.ops.len() > 64 || is_used {
        return None;
    }
    for op in &method.ops {
        match *op {
            Op::Attribute { of, name } if matches!(method.op(method.bare(of)), Op::Parameter(0)) => {
                found.push(home.symbols.text(name));
            }
            Op::Name(name) if is_builtin(home.symbols.text(name)) => {}
            Op::Name(_)
            | Op::Import(_)
            | Op::Function(_)
            | Op::Class(_)
            | Op::Caught(_)
            | Op::Await(_)
            | Op::Yield(_)
            | Op::StoreAttribute { .. }
            | Op::StoreItem { .. }
            | Op::StoreName { .. } => return None,
            _ => {}
        }
    }
    Some(found)
}
