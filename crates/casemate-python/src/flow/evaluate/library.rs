//! What a call gives of which only a library knows the function: by its model, or by what such calls mostly do.

use std::sync::Arc;

use super::contents::is_queue;
use super::methods::says_yes_or_no;
use super::{Evaluator, fact_of};
use crate::facts::fact::{Entity, Fact};
use crate::facts::lattice::{Key, KeyName, Konst, TaintId};
use crate::names::{ModuleId, Program};
use crate::routes;
use crate::syntax::{Argument, ClassId, Function, FunctionId, FunctionKind, Op, Passing, Value};

impl<'p> Evaluator<'p> {
    /// The result of a call of a function that is not of the project.
    pub(super) fn library_call(
        &mut self,
        function: &'p Function,
        facts: &[Fact],
        callee: Value,
        arguments: &[Argument],
    ) -> Fact {
        let target = fact_of(facts, callee);
        let (receiver, method) = match function.op(function.bare(callee)) {
            Op::Attribute { of, name } => (Some(of), Some(name)),
            _ => (None, None),
        };
        let given: Vec<Fact> = arguments.iter().map(|argument| fact_of(facts, argument.value)).collect();
        let mut fact = Fact::default();
        if let Entity::Path(path) = target.entity {
            let text = self.paths.text(path).to_owned();
            if text == "super"
                && let Some(class) = self.class_around(function)
            {
                return Fact { entity: Entity::Super(self.id, class), ..self.receiver_of(function, facts) };
            }
            if let Some(made) = self.container_call(target.entity, &text, &given, arguments) {
                return made;
            }
            fact.entity = self.result_path(path);
            // `uuid.UUID(x)` is a number, whatever `x` was.
            if self.info(path).safe_type {
                return fact;
            }
            fact = self.sourced(fact);
            // `environ.get("PATH_INFO")`
            if let Some(of) = receiver
                && matches!(text.rsplit('.').next(), Some("get" | "pop"))
                && let Some(Konst::Text(key)) = given.first().and_then(|key| self.lattice.konst(key.konst)).cloned()
            {
                fact = self.part(fact_of(facts, of), &key, fact);
            }
        }
        if let (Some(of), Some(name)) = (receiver, method)
            && let Some((root, keys)) = self.way_from_name(function, facts, of)
            && matches!(
                self.module.symbols.text(name),
                "append" | "add" | "insert" | "extend" | "update" | "appendleft" | "put" | "setdefault" | "set"
            )
            && let Some(after) = self.container_effect(self.module.symbols.text(name), Fact::default(), &given)
            && function.kind != FunctionKind::Module
        {
            let held = self.lattice.with(Fact::default(), &keys, self.models.through_objects, after);
            let cell = self.global_cell(self.id, root);
            self.store(cell, held);
        }
        let model = self.model_of(function, facts, callee);
        let receiver_fact = receiver.map(|of| fact_of(facts, of));
        if let Some(model) = model {
            let with_receiver: Vec<Fact> = given.iter().copied().chain(receiver_fact).collect();
            let every = self.text_of_all(&with_receiver);
            let mut taint = fact.taint;
            let returned = self.lattice.kinds(model.returns, 0);
            taint = self.lattice.join_taint(taint, returned);
            if model.passes {
                taint = self.lattice.join_taint(taint, every.taint);
                fact.constant = every.constant;
            }
            for &(has, gives) in &model.transforms {
                let more = self.lattice.turned(every.taint, has, gives);
                taint = self.lattice.join_taint(taint, more);
            }
            taint = self.lattice.cleaned(taint, model.cleans);
            if matches!(target.entity, Entity::Path(path) if takes_back(self.paths.text(path))) {
                taint = self.lattice.taken_back(taint);
            }
            let known = model.passes || !model.returns.is_empty() || !model.transforms.is_empty() || model.cleans != 0;
            if !known && let (Some(method), Some(receiver_fact)) = (method, receiver_fact) {
                // Only its sinks are known; otherwise it is a method like any other.
                let inner = self.method(method, receiver_fact, &given);
                let taint = self.lattice.join_taint(inner.taint, fact.taint);
                let entity = if fact.entity == Entity::Unknown { inner.entity } else { fact.entity };
                return self.lattice.fact_with(Fact { entity, ..inner }, taint);
            }
            return self.lattice.fact_with(fact, taint);
        }
        // `self.shorten(text)`, where the class holds an object of a library under that name: it is called like a function.
        let calls_object = matches!(target.entity, Entity::Path(path) if self.paths.text(path).ends_with("()"))
            && receiver_fact.is_some_and(|of| matches!(of.entity, Entity::Instance(..) | Entity::Class(..)));
        if let (Some(method), Some(receiver_fact)) = (method, receiver_fact)
            && !calls_object
            && !matches!(target.entity, Entity::Path(path) if !self.paths.text(path).contains("()") && !matches!(receiver_fact.entity, Entity::Unknown) && receiver_fact.taint == TaintId::default())
        {
            let inner = self.method(method, receiver_fact, &given);
            let taint = self.lattice.join_taint(fact.taint, inner.taint);
            let entity = if fact.entity == Entity::Unknown { inner.entity } else { fact.entity };
            return self.lattice.fact_with(Fact { entity, ..inner }, taint);
        }
        // A plain function of a library or one that is not known: mostly it changes the form of what it is given.
        let name = match target.entity {
            Entity::Path(path) => self.paths.text(path).rsplit('.').next().unwrap_or("").to_owned(),
            _ => match function.op(function.bare(callee)) {
                Op::Name(symbol) => self.module.symbols.text(symbol).to_owned(),
                _ => String::new(),
            },
        };
        if super::is_builtin(&name)
            || says_yes_or_no(&name)
            || gives_something_else(&name)
            || !matches!(target.entity, Entity::Path(_) | Entity::Unknown)
        {
            return fact;
        }
        let every = self.text_of_all(&given);
        let passed = self.lattice.taken_out(every.taint, Key::ANY, self.models.through_objects);
        let taint = self.lattice.join_taint(fact.taint, passed);
        self.lattice.fact_with(fact, taint)
    }

    /// `list(x)`, `dict(a=x)`, `copy(x)`: what is given, in another container.
    fn container_call(&mut self, class: Entity, path: &str, given: &[Fact], arguments: &[Argument]) -> Option<Fact> {
        match path {
            "dict" | "collections.OrderedDict" | "collections.defaultdict" if !arguments.is_empty() => {
                let mut fact = Fact { shape: self.empty_container(), ..Fact::default() };
                for (argument, &one) in arguments.iter().zip(given) {
                    match argument.passing {
                        Passing::Keyword(name) => {
                            let key = self.lattice.key(KeyName::Item(Arc::from(self.module.symbols.text(name))));
                            fact = self.lattice.with(fact, &[key], self.models.through_objects, one);
                        }
                        _ => {
                            let one = self.pairs_as_items(one).unwrap_or(one);
                            fact = self.lattice.join(fact, Fact { input: None, entity: Entity::Unknown, ..one });
                        }
                    }
                }
                Some(Fact { constant: given.iter().all(|one| one.constant), ..fact })
            }
            "list" | "tuple" | "set" | "frozenset" | "reversed" | "sorted" | "copy.copy" | "copy.deepcopy" | "iter"
            | "collections.deque" => match given {
                [] => Some(Fact { shape: self.empty_container(), ..Fact::default() }),
                [only, ..] if let Some(letters) = self.letters(*only).filter(|_| arguments.len() == 1) => Some(letters),
                [only, ..] => {
                    let only = Fact { input: None, konst: Default::default(), ..*only };
                    Some(match path {
                        "sorted" | "set" | "frozenset" => self.in_any_order(only),
                        "reversed" => self.backwards(only).unwrap_or_else(|| self.in_any_order(only)),
                        _ => only,
                    })
                }
            },
            path if is_queue(path) => {
                let Entity::Path(entity) = class else { return None };
                Some(Fact { entity: self.result_path(entity), shape: self.empty_container(), ..Fact::default() })
            }
            "dict" | "collections.OrderedDict" if given.is_empty() => {
                Some(Fact { shape: self.empty_container(), ..Fact::default() })
            }
            _ => None,
        }
    }

    /// `list("abc")`
    fn letters(&mut self, of: Fact) -> Option<Fact> {
        let Konst::Text(text) = self.lattice.konst(of.konst)? else { return None };
        let letters: Vec<Arc<str>> = text.chars().map(|letter| Arc::from(letter.to_string())).take(9).collect();
        if letters.is_empty() || letters.len() > 8 {
            return None;
        }
        let letters: Vec<Fact> = letters
            .into_iter()
            .map(|letter| Fact {
                constant: true,
                konst: self.lattice.intern_konst(Konst::Text(letter)),
                ..Fact::default()
            })
            .collect();
        Some(Fact { constant: true, ..self.sequence(&letters) })
    }

    /// An object of a class that is a dictionary, list or text of the language: what it is given is what it holds.
    pub(super) fn made_as_container(
        &mut self,
        (module, class): (ModuleId, ClassId),
        object: Fact,
        facts: &[Fact],
        arguments: &[Argument],
    ) -> Option<Fact> {
        let program = self.program;
        let mut bases: Vec<String> = Vec::new();
        for (module, class) in routes::project_classes(program, module, class) {
            let Some(definition) = program.module(module).and_then(|home| home.class(class)) else { continue };
            for &base in &definition.bases {
                match self.base_entity(module, definition.parent, base) {
                    Entity::Path(path) => bases.push(self.paths.text(path).to_owned()),
                    // In other modules nobody says what names of the language are.
                    Entity::Unknown => bases.extend(builtin_named(program, module, definition.parent, base)),
                    _ => {}
                }
            }
        }
        let base = bases.into_iter().find_map(|base| match &*base {
            "dict" | "collections.OrderedDict" | "collections.UserDict" | "collections.defaultdict" => Some("dict"),
            "list" | "collections.UserList" | "collections.deque" | "tuple" | "set" | "frozenset" => Some("list"),
            "str" | "collections.UserString" | "bytes" => Some("str"),
            _ => None,
        })?;
        let given: Vec<Fact> = arguments.iter().map(|argument| fact_of(facts, argument.value)).collect();
        if base == "str" {
            let every = self.text_of_all(&given);
            return Some(self.lattice.fact_with(Fact { constant: false, ..object }, every.taint));
        }
        let held = match given.is_empty() {
            true => Fact { shape: self.empty_container(), ..Fact::default() },
            false => self.container_call(Entity::Unknown, base, &given, arguments)?,
        };
        Some(self.lattice.fact_with(Fact { shape: held.shape, constant: false, ..object }, held.taint))
    }

    /// The class in whose method a function stands.
    fn class_around(&self, function: &Function) -> Option<ClassId> {
        function.class.or_else(|| {
            let mut parent = function.parent;
            for _ in 0..8 {
                let around = self.module.function(parent?)?;
                if around.class.is_some() {
                    return around.class;
                }
                parent = around.parent;
            }
            None
        })
    }

    /// The object a method is called on, as the method itself sees it.
    fn receiver_of(&self, function: &Function, facts: &[Fact]) -> Fact {
        let first = function.values().find(|(_, op)| matches!(op, Op::Parameter(0)));
        first.map_or(Fact::default(), |(value, _)| fact_of(facts, value))
    }
}

/// The name of the language that a base class is.
fn builtin_named(program: &Program, module: ModuleId, scope: FunctionId, base: Value) -> Option<String> {
    let home = program.module(module)?;
    match home.function(scope)?.op(base) {
        Op::Name(name) => Some(home.symbols.text(name).to_owned()).filter(|name| super::is_builtin(name)),
        _ => None,
    }
}

/// Whether a function takes back what made a text harmless for some reader.
fn takes_back(path: &str) -> bool {
    matches!(path, "html.unescape" | "xml.sax.saxutils.unescape" | "urllib.parse.unquote" | "urllib.parse.unquote_plus")
}

/// Whether a function by its name looks something up or does something, rather than change the form of what it is given.
fn gives_something_else(name: &str) -> bool {
    let first = name.trim_start_matches('_').split('_').next().unwrap_or(name);
    matches!(
        first,
        "find"
            | "get"
            | "load"
            | "fetch"
            | "query"
            | "lookup"
            | "select"
            | "search"
            | "count"
            | "check"
            | "verify"
            | "validate"
            | "authenticate"
            | "create"
            | "save"
            | "insert"
            | "update"
            | "delete"
            | "remove"
            | "add"
            | "send"
            | "is"
            | "has"
            | "can"
            | "should"
            | "exists"
            | "log"
            | "notify"
            | "open"
            | "connect"
            | "register"
            | "require"
            | "ensure"
            | "assert"
            | "store"
            | "write"
            | "run"
            | "exec"
            | "execute"
            | "allowed"
    )
}
