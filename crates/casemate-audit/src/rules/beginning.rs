//! Where data begins: what is told to come from outside is seen where it comes in, or where it was put away.
//!
//! Labels reach a value on more ways than can be shown: through whatever an object holds, through methods that have
//! nothing but their name in common, through what a program keeps for everybody. On such ways much arrives that was never
//! there together, so they are for those who want to hear everything.

use std::cell::RefCell;
use std::sync::Arc;

use casemate_python::facts::{Entity, Hit, KeyName, Labels, ModuleFacts, Reach};
use casemate_python::names::{ModuleId, Program};
use casemate_python::routes::{is_request, library_bases, project_classes};
use casemate_python::syntax::{ClassId, Function, FunctionId, List, Module, Op, Symbol, Value};
use rustc_hash::FxHashSet;

use super::evidence::is_of_request;
use super::values::called;
use super::{Context, handed};
use crate::models::{by_name, label, words};

/// How often it is gone on in another function, or where something was put away.
const MAX_STEPS: u32 = 8;

/// How many values are looked at for one question; whatever has more ways to go is believed.
const MAX_VALUES: usize = 4000;

/// Whether the data of a hit begins where it can be shown to come in.
pub(super) fn is_shown(cx: &Context<'_>, hit: &Hit, labels: Labels) -> bool {
    let known = RefCell::default();
    Beginning { cx, hit, labels, known: &known }.is_shown(cx.facts.module, hit.function, hit.argument, MAX_STEPS)
}

/// The same of a value of this module that arrives nowhere in particular, where it is as harmless as a part of a path.
pub(super) fn comes_in(cx: &Context<'_>, function: FunctionId, value: Value, labels: Labels) -> bool {
    let kind = cx.knowledge.kind("path").unwrap_or_default();
    let reach = Reach { kind, module: cx.facts.module, function, call: value, argument: value };
    is_shown(cx, &Hit { function, call: value, argument: value, labels, reach }, labels)
}

/// A question about where labelled data begins.
#[derive(Clone, Copy)]
struct Beginning<'c, 'a> {
    cx: &'c Context<'a>,
    hit: &'c Hit,
    labels: Labels,
    /// The values that have been looked at: there is nothing to be seen at the other end of a circle.
    known: &'c RefCell<FxHashSet<(ModuleId, FunctionId, Value)>>,
}

/// A value with all that is known around it.
#[derive(Clone, Copy)]
struct Seen<'a> {
    facts: &'a ModuleFacts,
    source: &'a Module,
    id: FunctionId,
    body: &'a Function,
    value: Value,
}

impl<'a> Seen<'a> {
    fn with(self, value: Value) -> Self {
        Self { value: self.body.bare(value), ..self }
    }

    fn op(self) -> Op {
        self.body.op(self.value)
    }

    fn path(self) -> Option<&'a str> {
        self.facts.path(self.id, self.value)
    }
}

impl<'a> Beginning<'_, 'a> {
    /// Whether one of the values that a value is made from comes in here.
    fn is_shown(self, module: ModuleId, id: FunctionId, value: Value, steps: u32) -> bool {
        let (Some(facts), Some((source, body))) = (self.cx.all_facts.get(module), self.cx.function(module, id)) else {
            return true;
        };
        let carries = |value: Value| self.is_carried(facts, id, value);
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            let mut known = self.known.borrow_mut();
            if known.len() > MAX_VALUES {
                return true;
            }
            if !known.insert((module, id, value)) {
                continue;
            }
            drop(known);
            let mut made_from = body.operands_of(value);
            made_from.retain(|&operand| operand != Value::NONE && carries(operand));
            if made_from.is_empty() && self.is_source(Seen { facts, source, id, body, value: body.bare(value) }, steps)
            {
                return true;
            }
            open.append(&mut made_from);
        }
        false
    }

    /// Whether a value that is put away is such data, seen where it comes in, or was handed to the function that puts it away.
    fn is_such(self, facts: &'a ModuleFacts, id: FunctionId, value: Value, steps: u32) -> bool {
        steps > 0
            && (self.is_carried(facts, id, value) && self.is_shown(facts.module, id, value, steps - 1)
                || self.is_handed(facts.module, id, value, steps - 1))
    }

    /// Whether a value is a parameter, and the module in which the data is met calls the function with such data, or another
    /// one hands it this very parameter.
    fn is_handed(self, module: ModuleId, id: FunctionId, value: Value, steps: u32) -> bool {
        let is_given_elsewhere = || {
            self.is_from_outside()
                && handed::stays_in_object(self.cx, self.hit, self.labels)
                && handed::is_handed(self.cx, (module, id), value, |facts, at, argument| {
                    self.is_carried(facts, at, argument) && self.is_shown(facts.module, at, argument, steps)
                })
        };
        let is_parameter =
            self.cx.function(module, id).is_some_and(|(_, body)| matches!(body.op(body.bare(value)), Op::Parameter(_)));
        let (own, facts) = (self.cx.module, self.cx.facts);
        is_parameter
            && own.function_ids().any(|(at, function)| {
                function.values().any(|(_, op)| match op {
                    Op::Call { callee, arguments } => {
                        let called = facts.fact(at, callee).entity;
                        (called == Entity::Function(module, id) || called == Entity::Method(module, id))
                            && function.call_arguments(arguments).iter().any(|argument| {
                                self.is_carried(facts, at, argument.value)
                                    && self.is_shown(facts.module, at, argument.value, steps)
                            })
                    }
                    _ => false,
                })
            })
            || is_given_elsewhere()
    }

    /// Whether a value carries the data as something that is not harmless there.
    fn is_carried(self, facts: &ModuleFacts, id: FunctionId, value: Value) -> bool {
        facts.fact(id, value).labels.meets(self.labels) && facts.clean(id, value) & (1 << self.hit.reach.kind) == 0
    }

    fn is_source(self, seen: Seen<'a>, steps: u32) -> bool {
        if let Some(given) = self.given_by(seen.path()) {
            return given;
        }
        if self.is_holder(seen.path()) || self.is_made_holder(seen) {
            return true;
        }
        // Members of archives are only where an archive is asked for them, or handed to somebody as what they are.
        let is_asked = matches!(
            seen.op(),
            Op::Call { .. }
                | Op::Element(_)
                | Op::Item { .. }
                | Op::Enter(_)
                | Op::Await(_)
                | Op::Spread(_)
                | Op::Parameter(_)
        );
        if self.labels == label::MEMBER && !is_asked {
            return false;
        }
        match seen.op() {
            Op::Parameter(index) => !self.is_from_outside() || !is_receiver(seen, index),
            Op::Import(_) => !self.is_from_outside(),
            Op::Name(name) => {
                !self.is_from_outside()
                    || self.is_named(seen, name, steps)
                    || !is_imported(seen, name) && (self.is_filled(seen, steps) || self.is_held(seen, steps))
            }
            Op::Attribute { of, name } => self.is_kept(seen, of, name, steps),
            Op::Subscript { of, index } => {
                let says = seen.source.constant_str(seen.body, seen.body.bare(index)).map(by_name);
                says.is_some_and(|says| says.meets(self.labels)) || self.is_held(seen.with(of), steps)
            }
            Op::Call { callee, arguments } => {
                let first = seen.body.call_arguments(arguments).first();
                let says = first.and_then(|first| seen.source.constant_str(seen.body, seen.body.bare(first.value)));
                let name = called(seen.source, seen.body, callee);
                [Some(name), says].into_iter().flatten().any(|name| by_name(name).meets(self.labels))
                    || self.is_answer(seen, callee, name, steps)
            }
            Op::Element(of) | Op::Item { of, .. } | Op::Enter(of) | Op::Await(of) | Op::Spread(of) => {
                self.is_source(seen.with(of), steps)
            }
            _ => true,
        }
    }

    /// Whether such data is read from an object of a library: whoever is given the request reads it there.
    fn is_holder(self, path: Option<&str>) -> bool {
        path.is_some_and(|path| {
            self.cx.knowledge.models.sources.iter().any(|(source, labels)| {
                labels.meets(self.labels) && source.strip_prefix(path).is_some_and(|part| part.starts_with('.'))
            })
        })
    }

    /// The same of an object of the project whose class is made from one of a library: the handler of a request itself.
    fn is_made_holder(self, seen: Seen<'a>) -> bool {
        match seen.facts.fact(seen.id, seen.value).entity {
            Entity::Instance(home, class) => library_bases(self.cx.program, home, class)
                .iter()
                .any(|base| self.is_holder(Some(&format!("{base}()")))),
            _ => false,
        }
    }

    /// Whether a call is given such an object.
    fn is_given_holder(self, call: Seen<'a>) -> bool {
        match call.op() {
            Op::Call { arguments, .. } => {
                let mut given = call.body.call_arguments(arguments).iter();
                given.any(|argument| self.is_holder(call.with(argument.value).path()))
            }
            _ => false,
        }
    }

    fn is_from_outside(self) -> bool {
        self.labels.meets(label::UNTRUSTED | label::MEMBER | label::REQUEST)
    }

    /// Whether reading something of a library gives such data, if it is known what it gives.
    fn given_by(self, path: Option<&str>) -> Option<bool> {
        let models = &self.cx.knowledge.models;
        let path = path?;
        let read = models.sources.get(path).copied();
        let answered = path.strip_suffix("()").unwrap_or(path);
        let answered = models.calls.get(answered).map(|call| call.returns).filter(|labels| !labels.is_empty());
        let given = read.or(answered)?;
        Some(given.meets(self.labels))
    }

    /// Whether what a call answers begins in there.
    fn is_answer(self, seen: Seen<'a>, callee: Value, name: &str, steps: u32) -> bool {
        let called = seen.with(callee);
        if let Some(given) = self.given_by(called.path()) {
            return given;
        }
        if called.path().is_some() {
            // What a container is asked for was put into it.
            return match called.op() {
                Op::Attribute { of, .. } if self.is_carried(seen.facts, seen.id, of) => {
                    self.is_shown(seen.facts.module, seen.id, of, steps)
                }
                _ => true,
            };
        }
        // `Box().add(data).all()`, and `keep(data)()` for a function that was made with it.
        let asked = match called.op() {
            Op::Attribute { of, .. } => Some(called.with(of)),
            Op::Call { .. } => Some(called),
            _ => None,
        };
        if asked.is_some_and(|asked| self.is_filled(asked, steps)) {
            return true;
        }
        match called.facts.fact(called.id, called.value).entity {
            Entity::Function(..) | Entity::Method(..) if self.is_given_holder(seen) => true,
            Entity::Function(home, inner) | Entity::Method(home, inner) => {
                let (Some(facts), Some((_, body))) = (self.cx.all_facts.get(home), self.cx.function(home, inner))
                else {
                    return true;
                };
                let mut handed_out = body.values().filter_map(|(_, op)| match op {
                    Op::Yield(value) | Op::Return(value) => Some(value),
                    _ => None,
                });
                steps > 0
                    && (handed_out.any(|value| {
                        self.is_carried(facts, inner, value) && self.is_shown(home, inner, value, steps - 1)
                            || facts.from_caller(inner, value) && self.is_given_part(seen)
                    }) || self.is_handed_a_function(seen, steps - 1))
            }
            // An object that is made here holds what it is given here.
            Entity::Class(..) => self.is_filled(seen, steps),
            Entity::Unknown => {
                let of = match called.op() {
                    Op::Attribute { of, .. } => Context::written(seen.source, seen.body, of),
                    _ => String::new(),
                };
                is_of_request(&of, name) || is_asking(&of, name)
            }
            _ => true,
        }
    }

    /// Whether a call is given an object into a known part of which such data was put: `first_of(Pair(data, 1))`.
    fn is_given_part(self, call: Seen<'a>) -> bool {
        let Op::Call { arguments, .. } = call.op() else { return false };
        let mut given = call.body.call_arguments(arguments).iter();
        given.any(|argument| call.facts.has_part_with(call.facts.fact(call.id, argument.value), self.labels))
    }

    /// Whether a call is given a function that hands out such data: `cached("key", lambda: data)`.
    fn is_handed_a_function(self, call: Seen<'a>, steps: u32) -> bool {
        let Op::Call { arguments, .. } = call.op() else { return false };
        call.body.call_arguments(arguments).iter().any(|argument| {
            let Entity::Function(home, inner) = call.facts.fact(call.id, argument.value).entity else { return false };
            let (Some(facts), Some((_, body))) = (self.cx.all_facts.get(home), self.cx.function(home, inner)) else {
                return false;
            };
            body.values().any(|(_, op)| match op {
                Op::Return(value) => self.is_carried(facts, inner, value) && self.is_shown(home, inner, value, steps),
                _ => false,
            })
        })
    }

    /// Whether such data was handed to an object that is asked for something: in this function, or anywhere in the module
    /// if it has a name there.
    fn is_filled(self, of: Seen<'a>, steps: u32) -> bool {
        if self.is_from_outside() && is_set_up(of, self.cx.program) {
            return false;
        }
        let is_given = |id: FunctionId, function: &Function, arguments: List| {
            let mut arguments = function.call_arguments(arguments).iter();
            arguments.any(|argument| self.is_such(of.facts, id, argument.value, steps))
        };
        // `Box().add(data).all()`
        if let Op::Call { callee, arguments } = of.op()
            && (is_given(of.id, of.body, arguments)
                || self.is_given_holder(of)
                || matches!(of.body.op(callee), Op::Attribute { of: inner, .. } if self.is_filled(of.with(inner), steps)))
        {
            return true;
        }
        let named =
            matches!(of.op(), Op::Name(_) | Op::Attribute { .. }).then(|| of.source.slice(of.body.span_of(of.value)));
        of.source.function_ids().filter(|(id, _)| named.is_some() || *id == of.id).any(|(id, function)| {
            function.values().any(|(_, op)| {
                let Op::Call { callee, arguments } = op else { return false };
                let Op::Attribute { of: asked, .. } = function.op(callee) else { return false };
                let asked = function.bare(asked);
                let is_same = id == of.id && asked == of.value
                    || named.is_some_and(|named| of.source.slice(function.span_of(asked)) == named);
                is_same && is_given(id, function, arguments)
            })
        })
    }

    /// Whether what an attribute holds was put there where it can be seen.
    fn is_kept(self, seen: Seen<'a>, of: Value, name: Symbol, steps: u32) -> bool {
        let Seen { facts, source, id, body, .. } = seen;
        let text = source.symbols.text(name);
        let meets = |value: Value| facts.fact(id, value).labels.meets(self.labels);
        if self.is_from_outside() && is_set_up(seen, self.cx.program) {
            return false;
        }
        if meets(of) || by_name(text).meets(self.labels) || is_of_request(&Context::written(source, body, of), text) {
            return true;
        }
        // What an object works out that is made with the request.
        if self.is_given_holder(seen.with(of)) {
            return true;
        }
        if facts.path(id, of).is_some_and(is_request) {
            return self.is_put_on(seen, of, text, steps);
        }
        // What was put into this very object.
        let held = KeyName::Attribute(Arc::from(text));
        if facts.part(facts.fact(id, of), &held).is_some_and(|part| part.labels.meets(self.labels)) {
            return true;
        }
        let owner = match facts.fact(id, of).entity {
            Entity::Instance(home, class) => Some((home, class)),
            _ => body.class.map(|class| (facts.module, class)),
        };
        if owner.is_some_and(|owner| self.is_worked_out(owner, text, steps)) {
            return true;
        }
        // What a column holds was stored, whoever asks for it now.
        if self.is_from_outside() && owner.is_some_and(|owner| self.is_column(owner, text)) {
            return false;
        }
        // What an object is that came as an argument or from a query, only its own function can say.
        let is_own = match body.op(body.bare(of)) {
            Op::Parameter(0) if body.class.is_some() => true,
            Op::Name(_) | Op::Import(_) | Op::Class(_) => true,
            _ => matches!(facts.fact(id, of).entity, Entity::Instance(..)),
        };
        let within = (!is_own).then_some(id);
        // The class stands elsewhere, and the object is made where its data arrives.
        let is_made_here = || {
            let name = self.cx.module.symbols.find(text);
            is_own && self.is_put(self.cx.facts, self.cx.module, owner, name, Some(self.hit.function), steps)
        };
        self.is_put(facts, source, owner, Some(name), within, steps) || is_made_here()
    }

    /// Whether such data is put on requests under the name of an attribute by what runs before the handler: a decorator,
    /// a middleware.
    fn is_put_on(self, seen: Seen<'a>, of: Value, name: &str, steps: u32) -> bool {
        let Some(path) = seen.facts.path(seen.id, of).filter(|path| is_request(path)) else { return false };
        self.cx.program.mentioning(&[name]).any(|(home, module)| {
            let (Some(facts), Some(wanted)) = (self.cx.all_facts.get(home), module.symbols.find(name)) else {
                return false;
            };
            module.function_ids().any(|(id, function)| {
                function.values().any(|(_, op)| match op {
                    Op::StoreAttribute { of, name, value } => {
                        name == wanted
                            && facts.path(id, of) == Some(path)
                            && !self.is_looked_up(
                                Seen { facts, source: module, id, body: function, value: function.bare(value) },
                                0,
                            )
                            && self.is_such(facts, id, value, steps)
                    }
                    _ => false,
                })
            })
        })
    }

    /// Whether a value is what something was asked for by such data, `request.event = Event.objects.get(slug=slug)`, or a
    /// part of it: it is what the program knows.
    fn is_looked_up(self, seen: Seen<'a>, depth: u32) -> bool {
        let again = |value: Value| self.is_looked_up(seen.with(value), depth + 1);
        if depth > 8 || self.given_by(seen.path()) == Some(true) || self.is_holder(seen.path()) {
            return false;
        }
        match seen.op() {
            Op::Phi(list) => seen.body.list(list).iter().any(|&one| one != Value::NONE && again(one)),
            // `request.shop`, which was put there the same way.
            Op::Attribute { of, name } if seen.with(of).path().is_some_and(is_request) => {
                !is_of_request("request", seen.source.symbols.text(name))
            }
            Op::Attribute { of, .. } | Op::Subscript { of, .. } | Op::Item { of, .. } => again(of),
            Op::Element(of) | Op::Await(of) => again(of),
            Op::Call { callee, .. } => {
                let name = called(seen.source, seen.body, callee);
                let mut asked = seen;
                while let Op::Call { callee, .. } = asked.op()
                    && let Op::Attribute { of, .. } = asked.with(callee).op()
                {
                    asked = asked.with(of);
                }
                let is_asked = asked.value == seen.value
                    || !self.is_carried(seen.facts, seen.id, asked.value)
                    || again(asked.value);
                is_asked && words(name).first().is_some_and(|word| LOOKS_UP.contains(&word.as_str()))
            }
            _ => false,
        }
    }

    /// Whether a property of a class hands out such data.
    fn is_worked_out(self, (home, class): (ModuleId, ClassId), name: &str, steps: u32) -> bool {
        let classes = project_classes(self.cx.program, home, class).into_iter();
        let found =
            classes.filter_map(|(home, class)| Some((home, self.cx.program.module(home)?.method(class, name)?)));
        steps > 0
            && found.take(1).any(|(home, method)| {
                let (Some(facts), Some((_, body))) = (self.cx.all_facts.get(home), self.cx.function(home, method))
                else {
                    return false;
                };
                body.values().any(|(_, op)| match op {
                    // What it hands out as it found it may be an object that somebody else made.
                    Op::Return(value)
                        if matches!(
                            body.op(body.bare(value)),
                            Op::Binary { .. } | Op::Format(_) | Op::Subscript { .. }
                        ) =>
                    {
                        self.is_carried(facts, method, value) && self.is_shown(home, method, value, steps - 1)
                    }
                    _ => false,
                })
            })
    }

    /// Whether a class declares an attribute as a column of a table: `name = models.CharField()`.
    fn is_column(self, (module, class): (ModuleId, ClassId), name: &str) -> bool {
        let Some(source) = self.cx.program.module(module) else { return false };
        let Some(body) = source.class(class).and_then(|class| source.function(class.body)) else { return false };
        source.slice(body.span).lines().any(|line| {
            let rest = line.trim_start().strip_prefix(name).map(str::trim_start);
            rest.is_some_and(|rest| rest.starts_with(['=', ':']))
                && ["Field(", "Column(", "column(", "ForeignKey(", "relationship("]
                    .iter()
                    .any(|made| line.contains(made))
        })
    }

    /// Whether a module itself puts such data under the name of an attribute of these objects: then it is known when it
    /// is there.
    fn is_put(
        self,
        facts: &'a ModuleFacts,
        module: &'a Module,
        owner: Option<(ModuleId, ClassId)>,
        wanted: Option<Symbol>,
        within: Option<FunctionId>,
        steps: u32,
    ) -> bool {
        module.function_ids().filter(|(id, _)| within.is_none_or(|within| within == *id)).any(|(id, function)| {
            let carries = |value: Value| self.is_such(facts, id, value, steps);
            function.values().any(|(_, op)| match op {
                Op::StoreAttribute { name, value, .. } => Some(name) == wanted && carries(value),
                // `setattr(g, "name", data)`
                Op::Call { callee, arguments } if called(module, function, callee) == "setattr" => {
                    let name = wanted.map(|wanted| module.symbols.text(wanted));
                    match function.call_arguments(arguments) {
                        [_, named, put, ..] => {
                            module.constant_str(function, function.bare(named.value)) == name && carries(put.value)
                        }
                        _ => false,
                    }
                }
                // The class is given it where one of its objects is made, by its name or by a method that makes them.
                Op::Call { callee, arguments } => {
                    let maker = match facts.fact(id, callee).entity {
                        Entity::Class(home, class) => Some((home, class)),
                        Entity::Function(home, made) | Entity::Method(home, made) => self
                            .cx
                            .function(home, made)
                            .filter(|(_, made)| makes(&made.name))
                            .and_then(|(_, made)| made.class)
                            .map(|class| (home, class)),
                        _ => None,
                    };
                    maker.is_some()
                        && maker == owner
                        && function.call_arguments(arguments).iter().any(|argument| carries(argument.value))
                }
                _ => false,
            })
        })
    }

    /// Whether what is read from a container by a key was put into it where it can be seen.
    fn is_held(self, of: Seen<'a>, steps: u32) -> bool {
        if !self.is_from_outside() {
            return true;
        }
        if let Some(given) = self.given_by(of.path()) {
            return given;
        }
        match of.op() {
            Op::Attribute { .. } | Op::Name(_) | Op::Import(_) => {
                let named = of.source.slice(of.body.span_of(of.value));
                of.source.function_ids().any(|(id, function)| {
                    function.values().any(|(_, op)| match op {
                        Op::StoreItem { of: held, value, .. } => {
                            of.source.slice(function.span_of(function.bare(held))) == named
                                && self.is_such(of.facts, id, value, steps)
                        }
                        _ => false,
                    })
                })
            }
            _ => true,
        }
    }

    /// Whether a name of a scope around was given such data where it can be seen.
    fn is_named(self, seen: Seen<'a>, name: Symbol, steps: u32) -> bool {
        let facts = seen.facts;
        let carries = |id: FunctionId, value: Value| self.is_such(facts, id, value, steps);
        let mut is_given = false;
        let mut around = Some(seen.id);
        while let Some((id, scope)) = around.and_then(|id| Some((id, seen.source.function(id)?))) {
            let parameter = scope.parameters.iter().position(|parameter| parameter.name == name);
            if id != seen.id && parameter.is_some() {
                return true;
            }
            let mut assigned = scope.assigned.iter().filter(|(assigned, _)| *assigned == name).peekable();
            is_given |= assigned.peek().is_some();
            if assigned.any(|&(_, value)| !matches!(scope.op(value), Op::Import(_)) && carries(id, value)) {
                return true;
            }
            around = scope.parent;
        }
        let is_stored = seen.source.function_ids().any(|(id, function)| {
            function
                .values()
                .any(|(_, op)| matches!(op, Op::StoreName { name: to, value } if to == name && carries(id, value)))
        });
        is_stored || !is_given
    }
}

/// Whether a name of a scope around is that of something imported: whose it is, nobody can say.
fn is_imported(seen: Seen<'_>, name: Symbol) -> bool {
    let mut around = Some(seen.id);
    while let Some(scope) = around.and_then(|id| seen.source.function(id)) {
        let mut given = scope.assigned.iter().filter(|(assigned, _)| *assigned == name).peekable();
        if given.peek().is_some() {
            return given.all(|&(_, value)| matches!(scope.op(value), Op::Import(_)));
        }
        around = scope.parent;
    }
    false
}

/// Words for what a program is set up with.
const SET_UP: &[&str] = &["config", "configuration", "conf", "settings", "defaults", "options", "preferences"];

/// Whether a value is the one thing a program is set up with, or the class that keeps it: whoever runs the program says what
/// is in there, whichever form it came in by.
fn is_set_up(seen: Seen<'_>, program: &Program) -> bool {
    let is_said = |name: &str| words(name).iter().any(|word| SET_UP.contains(&word.as_str()));
    let keeper = |value: Value| match seen.facts.fact(seen.id, value).entity {
        Entity::Class(home, class) => program.module(home)?.class(class).map(|class| class.name.as_str()),
        Entity::Module(_) => Some(""),
        _ => None,
    };
    match seen.op() {
        Op::Attribute { of, name } => {
            keeper(of).is_some_and(|of| is_said(of) || is_said(seen.source.symbols.text(name)))
        }
        Op::Name(_) | Op::Import(_) => keeper(seen.value).is_some_and(is_said),
        _ => false,
    }
}

/// The beginnings of names of methods that find something by what they are given.
const LOOKS_UP: &[&str] = &["get", "first", "last", "one", "find", "load", "fetch", "lookup", "scalar"];

/// Whether a parameter is the object that a method belongs to.
fn is_receiver(seen: Seen<'_>, index: u32) -> bool {
    index == 0
        && seen.body.class.is_some()
        && seen
            .body
            .parameters
            .first()
            .is_some_and(|first| matches!(seen.source.symbols.text(first.name), "self" | "cls"))
}

/// Methods by which what a request or a connection brought is asked for, by their names.
fn is_asking(base: &str, name: &str) -> bool {
    matches!(
        name,
        "get_json"
            | "get_data"
            | "get_argument"
            | "get_arguments"
            | "get_query_argument"
            | "get_query_arguments"
            | "get_body_argument"
            | "get_body_arguments"
            | "get_cookie"
            | "get_secure_cookie"
            | "get_header"
            | "get_param"
            | "get_media"
            | "recv"
            | "recvfrom"
            | "receive"
            | "receive_text"
            | "receive_bytes"
            | "receive_json"
    ) || words(base)
        .last()
        .is_some_and(|word| matches!(word.as_str(), "request" | "req" | "websocket" | "socket" | "sock"))
}

/// Whether a method makes objects of its class, by its name.
fn makes(name: &str) -> bool {
    words(name).first().is_some_and(|word| {
        matches!(
            word.as_str(),
            "from"
                | "make"
                | "create"
                | "build"
                | "parse"
                | "of"
                | "new"
                | "load"
                | "open"
                | "connect"
                | "init"
                | "setup"
                | "set"
                | "with"
        )
    })
}
