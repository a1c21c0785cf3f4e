//! What the language itself and its library do with what they are given: hold it, call it, fetch from it.

use std::sync::Arc;

use super::super::history::Shared;
use super::methods::says_yes_or_no;
use super::site::Local;
use super::{Dunder, Evaluator, fact_of};
use crate::facts::fact::{Entity, Fact};
use crate::facts::lattice::{InputId, Key, KeyName, Konst, KonstId, Root, Shape, ShapeId, TaintId};
use crate::facts::{CallModel, Kinds};
use crate::names::{ModuleId, PathId};
use crate::routes;
use crate::syntax::{
    Argument, BinaryOp, ClassId, Collection, Function, FunctionId, FunctionKind, Module, Op, Passing, Symbol, Value,
};

/// Names of fields that are taken out of one text.
const MAX_FIELDS: usize = 24;

/// Functions whose results are made of what they are given, each in its own way.
#[derive(Clone, Copy)]
pub(super) enum Known {
    /// `getattr(of, "name")`
    Getattr,
    /// The attributes of an object as a dictionary.
    Attributes,
    /// `map(f, items)`
    Map,
    /// `starmap(f, pairs)`
    Starmap,
    /// `zip(a, b)`
    Zip,
    /// A function with some of its arguments.
    Partial,
    /// What [`Known::Partial`] made is called.
    Partialled,
    /// What comes out is what comes in.
    Same,
    /// All of them, one after the other.
    Gather,
    /// It calls its first argument with those that follow.
    Runs,
    /// An object whose attributes are the keywords.
    Namespace,
    /// `namedtuple("Point", "x y")`
    NamedTuple,
    /// What [`Known::NamedTuple`] made is called.
    Named,
    /// `itemgetter(1)`, `attrgetter("name")`, `methodcaller("strip")`
    Getter,
    /// What [`Known::Getter`] made is called.
    Gets,
    /// Text of an object.
    Text,
    /// A form from which the same can be read again.
    Written,
    /// A number that can be said of constants.
    Number,
    /// The sum of numbers.
    Sum,
    /// One of the items it is given.
    Taken,
    /// Another object with the same contents, unless the class of the object says otherwise.
    Copied,
    /// `filter(str.isdigit, text)`
    Filter,
    /// `getitem(items, 1)`
    Item,
    /// The fields of an object in their order.
    Astuple,
    /// `urlencode({"q": x})`
    Query,
    /// `parse_qs(text)`
    Parsed,
    /// The next of an object that says itself what comes next, or of what is given out one after the other.
    Next,
    /// A container of what an object gives out that says itself what that is.
    Iterated,
    /// Two numbers that can be said of constants.
    Divmod,
    /// `Template("Hello $name")`
    Template,
    /// `Thread(target=f, args=(a,))`
    Thread,
    /// `type("Name", (Base,), {…})`: a class like the first of those it is made from, with the attributes it is given.
    Type,
    /// `chain(first, second)`
    Chain,
    /// `reduce(f, items, start)`
    Reduce,
    /// `replace(point, x=1)`: the same object with other values in some places.
    Replaced,
    /// `Formatter().format("{0}", x)`
    Formatter,
}

/// Which of them a path is.
pub(super) fn known(path: &str) -> Option<Known> {
    Some(match path {
        "getattr" => Known::Getattr,
        "next" => Known::Next,
        "type" | "types.new_class" => Known::Type,
        "vars" | "dataclasses.asdict" | "attr.asdict" | "attrs.asdict" => Known::Attributes,
        "map" => Known::Map,
        "itertools.starmap" => Known::Starmap,
        "zip" | "itertools.zip_longest" | "itertools.product" => Known::Zip,
        "functools.partial" => Known::Partial,
        "functools.partial()" => Known::Partialled,
        "asyncio.run"
        | "asyncio.wait_for"
        | "asyncio.shield"
        | "asyncio.create_task"
        | "asyncio.ensure_future"
        | "asyncio.run_coroutine_threadsafe"
        | "celery.Celery().register_task"
        | "asgiref.sync.sync_to_async"
        | "asgiref.sync.async_to_sync" => Known::Same,
        "asyncio.gather" => Known::Gather,
        "asyncio.to_thread"
        | "contextvars.copy_context().run"
        | "contextvars.Context().run"
        | "anyio.run"
        | "anyio.to_thread.run_sync"
        | "trio.run"
        | "trio.to_thread.run_sync"
        | "starlette.concurrency.run_in_threadpool"
        | "fastapi.concurrency.run_in_threadpool" => Known::Runs,
        "types.SimpleNamespace" | "argparse.Namespace" => Known::Namespace,
        "collections.namedtuple" => Known::NamedTuple,
        "collections.namedtuple()" => Known::Named,
        "operator.itemgetter" | "operator.attrgetter" | "operator.methodcaller" => Known::Getter,
        "operator.itemgetter()" | "operator.attrgetter()" | "operator.methodcaller()" => Known::Gets,
        "str" | "repr" | "format" | "ascii" => Known::Text,
        "json.dumps" | "json.loads" => Known::Written,
        "filter" => Known::Filter,
        "operator.getitem" => Known::Item,
        "dataclasses.astuple" | "attr.astuple" | "attrs.astuple" => Known::Astuple,
        "any" | "all" | "len" | "int" | "abs" | "min" | "max" | "ord" | "isinstance" => Known::Number,
        "divmod" => Known::Divmod,
        "sum" => Known::Sum,
        "heapq.heappop" | "random.choice" | "secrets.choice" => Known::Taken,
        "copy.copy" | "copy.deepcopy" => Known::Copied,
        "urllib.parse.urlencode" => Known::Query,
        "urllib.parse.parse_qs" => Known::Parsed,
        "list" | "tuple" | "set" | "frozenset" | "sorted" | "iter" | "enumerate" => Known::Iterated,
        "string.Template" => Known::Template,
        "itertools.chain" => Known::Chain,
        "functools.reduce" => Known::Reduce,
        "dataclasses.replace" | "copy.replace" | "attr.evolve" | "attrs.evolve" => Known::Replaced,
        "string.Formatter().format" => Known::Formatter,
        "threading.Thread" | "threading.Timer" | "multiprocessing.Process" => Known::Thread,
        _ => return None,
    })
}

impl<'p> Evaluator<'p> {
    /// The result of a call that the language itself or its library makes of what it is given; none for all others.
    pub(super) fn language_call(
        &mut self,
        function: &'p Function,
        facts: &[Fact],
        callee: Value,
        arguments: &[Argument],
        shared: &Shared,
    ) -> Option<Fact> {
        let target = fact_of(facts, callee);
        let what = match target.entity {
            Entity::Path(path) => self.info(path).language,
            _ => None,
        };
        let Some(what) = what else { return self.language_method(function, facts, callee, arguments, shared) };
        let through = self.models.through_objects;
        let plain = arguments.iter().all(|argument| argument.passing == Passing::Position);
        let given = by_position(facts, arguments);
        match what {
            Known::Getattr => {
                let &[of, name, ..] = given.as_slice() else { return None };
                let Some(Konst::Text(name)) = self.lattice.konst(name.konst).cloned() else {
                    // One of its attributes, nobody knows which.
                    if matches!(of.entity, Entity::Path(_)) {
                        return None;
                    }
                    let key = self.given_name(name);
                    if of.input.is_some() && key != Key::ANY {
                        let fact = self.lattice.read(of, key, through);
                        return Some(Fact { entity: Entity::Unknown, ..fact });
                    }
                    let fact = self.lattice.read(of, Key::SOME, through);
                    let fact = Fact { entity: Entity::Unknown, ..fact };
                    return (fact.taint != TaintId::default() || fact.shape != ShapeId::default()).then_some(fact);
                };
                let mut fact = match self.module.symbols.find(&name) {
                    Some(symbol) => self.attribute(facts, arguments.first()?.value, symbol, shared),
                    None => {
                        let key = self.lattice.key(KeyName::Attribute(Arc::clone(&name)));
                        let read = self.lattice.read(of, key, through);
                        match of.entity {
                            Entity::Path(path) => {
                                let text = format!("{}.{name}", self.paths.text(path));
                                let member = self.paths.intern(&text);
                                let entity = self.known_path(member);
                                self.sourced(Fact { entity, ..read })
                            }
                            _ => read,
                        }
                    }
                };
                if let Some(&default) = given.get(2) {
                    fact = self.lattice.join(fact, default);
                }
                Some(fact)
            }
            Known::Attributes => given.first().map(|&of| self.attributes_as_items(of)),
            Known::Map if plain => {
                let (&callee, items) = given.split_first()?;
                let items: Vec<Fact> = items.iter().map(|&one| self.lattice.read(one, Key::ANY, through)).collect();
                let result = self.called(callee, &items, &[], shared)?;
                Some(self.many(result))
            }
            Known::Starmap if plain => {
                let &[callee, pairs] = given.as_slice() else { return None };
                let pair = self.lattice.read(pairs, Key::ANY, through);
                let items = self.items_of(pair);
                let result = self.called(callee, &items, &[], shared)?;
                Some(self.many(result))
            }
            Known::Zip if !arguments.is_empty() => {
                // `zip(*pairs)`
                let given = self.unpacked(facts, arguments)?;
                let constant = given.iter().all(|one| one.constant);
                if matches!(target.entity, Entity::Path(path) if self.paths.text(path) == "zip")
                    && let Some(pairs) = self.zipped(&given)
                {
                    return Some(Fact { constant, ..pairs });
                }
                let items: Vec<Fact> = given
                    .iter()
                    .map(|&one| Fact { constant: one.constant, ..self.lattice.read(one, Key::ANY, through) })
                    .collect();
                let pair = Fact { constant, ..self.sequence(&items) };
                Some(Fact { constant, ..self.many(pair) })
            }
            Known::Partial => {
                let (&callee, first) = given.split_first()?;
                let args = self.sequence(first);
                let mut keywords = Shape { len: Some(0), ..Shape::default() };
                for (name, fact) in self.named_arguments(facts, arguments) {
                    let key = self.lattice.key(KeyName::Item(name));
                    keywords.fields.push((key, fact));
                }
                let keywords = Fact { shape: self.lattice.intern_shape(keywords), ..Fact::default() };
                let keywords = self.lattice.labelled(keywords);
                let fields = [("func", callee), ("args", args), ("keywords", keywords)]
                    .map(|(name, fact)| (self.lattice.key(KeyName::Attribute(Arc::from(name))), fact));
                let shape = self.lattice.intern_shape(Shape { fields: fields.to_vec(), ..Shape::default() });
                let Entity::Path(path) = target.entity else { return None };
                let entity = self.result_path(path);
                Some(self.lattice.labelled(Fact { entity, shape, ..Fact::default() }))
            }
            Known::Partialled => {
                let held = |this: &Self, name: &str| {
                    let key = this.lattice.find_key(&KeyName::Attribute(Arc::from(name)))?;
                    this.lattice.field(target, key)
                };
                let callee = held(self, "func")?;
                let args = held(self, "args")?;
                let keywords = held(self, "keywords")?;
                let mut all = self.items_of(args);
                all.extend(given);
                let mut named = self.named_arguments(facts, arguments);
                if let Some(shape) = self.lattice.shape(keywords.shape).cloned() {
                    for (key, fact) in shape.fields {
                        if let KeyName::Item(name) = self.lattice.key_name(key) {
                            named.push((Arc::clone(name), fact));
                        }
                    }
                }
                self.called(callee, &all, &named, shared)
            }
            Known::Same => given.first().copied(),
            Known::Gather if plain => Some(self.sequence(&given)),
            Known::Runs => {
                let (&callee, items) = given.split_first()?;
                let named = self.named_arguments(facts, arguments);
                self.called(callee, items, &named, shared)
            }
            Known::Namespace => {
                let mut shape = Shape::default();
                for (name, fact) in self.named_arguments(facts, arguments) {
                    let key = self.lattice.key(KeyName::Attribute(name));
                    shape.fields.push((key, fact));
                }
                // `**values` may hold anything.
                if shape.fields.len() != arguments.len() {
                    return None;
                }
                let shape = self.lattice.intern_shape(shape);
                Some(self.lattice.labelled(Fact { shape, ..Fact::default() }))
            }
            Known::NamedTuple => {
                let names = self.field_names(*given.get(1)?)?;
                self.made_with(target, names)
            }
            Known::Named => {
                let key = self.lattice.find_key(&KeyName::Attribute(Arc::from("_fields")))?;
                let names = self.lattice.field(target, key)?;
                let names = self.texts_of(names)?;
                let named = self.named_arguments(facts, arguments);
                if given.len() + named.len() != arguments.len() {
                    return None;
                }
                let mut shape = Shape { len: Some(u32::try_from(names.len()).ok()?), ..Shape::default() };
                for (at, name) in names.iter().enumerate() {
                    let by_name = || named.iter().find(|(known, _)| known == name).map(|(_, fact)| *fact);
                    let Some(fact) = given.get(at).copied().or_else(by_name) else { continue };
                    let attribute = self.lattice.key(KeyName::Attribute(Arc::clone(name)));
                    let index = self.lattice.key(KeyName::Index(i64::try_from(at).unwrap_or(0)));
                    shape.fields.extend([(attribute, fact), (index, fact)]);
                }
                let shape = self.lattice.intern_shape(shape);
                Some(self.lattice.labelled(Fact { shape, ..Fact::default() }))
            }
            Known::Getter => {
                let &[name] = given.as_slice() else { return None };
                let key = self.lattice.key(KeyName::Attribute(Arc::from("<key>")));
                self.made_with(target, (key, name))
            }
            Known::Gets => {
                let key = self.lattice.find_key(&KeyName::Attribute(Arc::from("<key>")))?;
                let key = self.lattice.field(target, key)?;
                let (&of, Entity::Path(path)) = (given.first()?, target.entity) else { return None };
                match self.paths.text(path) {
                    "operator.itemgetter()" => {
                        let key = self.key_of_fact(key);
                        Some(self.lattice.read(of, key, through))
                    }
                    "operator.attrgetter()" => {
                        let Some(Konst::Text(name)) = self.lattice.konst(key.konst).cloned() else { return None };
                        match self.module.symbols.find(&name) {
                            Some(symbol) => Some(self.attribute(facts, arguments.first()?.value, symbol, shared)),
                            None => {
                                let key = self.lattice.key(KeyName::Attribute(name));
                                Some(self.lattice.read(of, key, through))
                            }
                        }
                    }
                    _ => Some(self.text_of_all(&given)),
                }
            }
            Known::Text => {
                let &[of] = given.as_slice() else { return None };
                if let Some(text) = self.as_text(of, shared) {
                    return Some(text);
                }
                let Some(Konst::Int(number)) = self.lattice.konst(of.konst) else { return None };
                let text = number.to_string();
                let konst = self.lattice.intern_konst(Konst::Text(Arc::from(text)));
                Some(Fact { constant: true, konst, ..Fact::default() })
            }
            Known::Written => {
                let &of = given.first()?;
                self.lattice.shape(of.shape)?;
                Some(Fact { input: None, konst: KonstId::default(), entity: Entity::Unknown, ..of })
            }
            Known::Next => {
                let &of = given.first()?;
                let made = self.special(of, Dunder::Next, &[], shared);
                let made = made.or_else(|| self.next_of(function, callee, arguments, of));
                let through = self.models.through_objects;
                let made = made.or_else(|| {
                    self.lattice.shape(of.shape).is_some().then(|| self.lattice.read(of, Key::ANY, through))
                });
                // `next(found, other)`
                match given.get(1) {
                    Some(&other) if made.is_some() || other.taint != TaintId::default() => {
                        let made = made.unwrap_or_else(|| self.lattice.read(of, Key::ANY, through));
                        Some(self.lattice.join(made, Fact { input: None, ..other }))
                    }
                    _ => made,
                }
            }
            Known::Iterated => self.special(*given.first()?, Dunder::Iter, &[], shared),
            Known::Divmod => {
                let &[of, by] = given.as_slice() else { return None };
                let parts = [BinaryOp::FloorDiv, BinaryOp::Mod].map(|op| {
                    let konst = self.calculate(op, of, by);
                    Fact { constant: of.constant && by.constant, konst, ..Fact::default() }
                });
                Some(self.sequence(&parts))
            }
            Known::Template => {
                let &text = given.first()?;
                let key = self.lattice.key(KeyName::Attribute(Arc::from("template")));
                let made = self.made_with(target, (key, text))?;
                Some(self.lattice.labelled(made))
            }
            Known::Thread => {
                let named = self.named_arguments(facts, arguments);
                let by_name =
                    |wanted: &[&str]| named.iter().find(|(name, _)| wanted.contains(&&**name)).map(|(_, fact)| *fact);
                let callee = by_name(&["target", "function"]).or_else(|| given.get(1).copied())?;
                let args = by_name(&["args"]).map(|args| self.items_of(args)).unwrap_or_default();
                self.called(callee, &args, &[], shared)?;
                None
            }
            Known::Type => {
                let &[_, bases, ref held @ ..] = given.as_slice() else { return None };
                let bases = self.items_of(bases);
                let base = bases.into_iter().find(|base| matches!(base.entity, Entity::Class(..) | Entity::Path(_)));
                let Some(&held) = held.first().filter(|held| self.lattice.shape(held.shape).is_some()) else {
                    return base.map(|base| Fact { entity: base.entity, ..Fact::default() });
                };
                let made = self.items_as_names(held);
                Some(Fact { entity: base.map_or(Entity::Unknown, |base| base.entity), ..made })
            }
            Known::Chain if plain => self.chained(&given),
            Known::Reduce if plain => {
                let &[callee, items, ref start @ ..] = given.as_slice() else { return None };
                self.whole_list(items).filter(|&len| len <= 8)?;
                let mut each = self.items_of(items).into_iter();
                let mut made = start.first().copied().or_else(|| each.next())?;
                for item in each {
                    made = self.called(callee, &[made, item], &[], shared)?;
                }
                Some(made)
            }
            Known::Replaced => self.replaced_fields(*given.first()?, facts, arguments.get(1..)?),
            Known::Formatter => self.formatted(*given.first()?, facts, arguments.get(1..)?, shared),
            Known::Number
                if plain
                    && given.len() == 2
                    && matches!(target.entity, Entity::Path(path) if self.paths.text(path) == "isinstance") =>
            {
                let (of, Entity::Path(kind)) = (given[0], given[1].entity) else { return None };
                let is_text = match (self.lattice.konst(of.konst)?, self.paths.text(kind)) {
                    (Konst::Text(_), "str") => true,
                    (Konst::Text(_), "int" | "list" | "dict" | "float" | "bool" | "tuple" | "set") => false,
                    (Konst::Int(_), "int") => true,
                    (Konst::Int(_), "str" | "bytes" | "list" | "dict" | "tuple" | "set") => false,
                    _ => return None,
                };
                let konst = self.lattice.intern_konst(Konst::Bool(is_text));
                Some(Fact { constant: true, konst, ..Fact::default() })
            }
            Known::Sum => {
                let &[of] = given.as_slice() else { return None };
                let is_plain = arguments.len() == 1 && !matches!(of.entity, Entity::Instance(..));
                is_plain.then(|| self.sum(of))
            }
            Known::Taken => {
                let &of = given.first()?;
                self.lattice.shape(of.shape)?;
                Some(self.lattice.read(of, Key::ANY, through))
            }
            Known::Filter => {
                let &[test, of] = given.as_slice() else { return None };
                let Entity::Path(path) = test.entity else { return None };
                let leaves_plain = matches!(
                    self.paths.text(path),
                    "str.isdigit" | "str.isdecimal" | "str.isnumeric" | "str.isalnum" | "str.isalpha"
                );
                let deep = self.lattice.deep(of);
                let taint = self.lattice.cleaned(deep, Kinds::MAX);
                leaves_plain.then(|| self.lattice.fact_with(Fact::default(), taint))
            }
            Known::Item => {
                let &[of, index] = given.as_slice() else { return None };
                self.lattice.shape(of.shape)?;
                let key = self.key_of_fact(index);
                let key = self.index_from_the_end(of, key);
                Some(self.lattice.read(of, key, through))
            }
            Known::Astuple => {
                let &of = given.first()?;
                let Entity::Instance(module, class) = of.entity else { return None };
                let home = self.program.module(module)?;
                let fields = &home.class(class)?.fields;
                let names: Vec<Arc<str>> =
                    fields.iter().map(|field| Arc::from(home.symbols.text(field.name))).take(MAX_FIELDS).collect();
                let items: Vec<Fact> = names
                    .into_iter()
                    .map(|name| {
                        let key = self.lattice.key(KeyName::Attribute(name));
                        self.lattice.read(of, key, through)
                    })
                    .collect();
                Some(self.sequence(&items))
            }
            Known::Copied => {
                let Entity::Path(path) = target.entity else { return None };
                let name = if self.paths.text(path) == "copy.copy" { "__copy__" } else { "__deepcopy__" };
                self.special_named(*given.first()?, name, &[], shared)
            }
            Known::Query => {
                let &of = given.first()?;
                let of = self.pairs_as_items(of).unwrap_or(of);
                self.lattice.shape(of.shape)?;
                let model = self.models.calls.get("urllib.parse.urlencode");
                let clean = model.map_or(0, |model| model.cleans);
                let shape = self.each_field(of, &mut |this, fact| {
                    let deep = this.lattice.deep(fact);
                    let taint = this.lattice.cleaned(deep, clean);
                    this.lattice.fact_with(Fact { shape: ShapeId::default(), input: None, ..fact }, taint)
                });
                let made = Fact { shape, constant: of.constant, ..Fact::default() };
                let taint = self.lattice.cleaned(of.taint, clean);
                Some(self.lattice.fact_with(made, taint))
            }
            Known::Parsed => {
                let &of = given.first()?;
                self.lattice.shape(of.shape)?;
                let shape = self.each_field(of, &mut |this, fact| {
                    let taint = this.lattice.taken_back(fact.taint);
                    let fact = this.lattice.fact_with(fact, taint);
                    this.sequence(&[fact])
                });
                let taint = self.lattice.taken_back(of.taint);
                Some(self.lattice.fact_with(Fact { shape, constant: of.constant, ..Fact::default() }, taint))
            }
            // `min([(1, x), (2, y)])`
            Known::Number
                if given.len() == 1
                    && matches!(target.entity, Entity::Path(path) if matches!(self.paths.text(path), "min" | "max"))
                    && self.lattice.shape(given[0].shape).is_some() =>
            {
                let one = self.lattice.read(given[0], Key::ANY, through);
                let named = self.named_arguments(facts, arguments);
                let other = named.iter().find(|(name, _)| &**name == "default").map(|(_, other)| *other);
                Some(other.map_or(one, |other| self.lattice.join(one, Fact { input: None, ..other })))
            }
            Known::Number if plain => {
                let Entity::Path(path) = target.entity else { return None };
                let konst = self.number(function, self.paths.text(path), arguments, &given)?;
                let konst = self.lattice.intern_konst(konst);
                Some(Fact { constant: true, konst, ..Fact::default() })
            }
            _ => None,
        }
    }

    /// The function and the arguments that a call of what `partial` made comes to.
    pub(super) fn partial_call(
        &mut self,
        facts: &[Fact],
        callee: Value,
        arguments: &[Argument],
    ) -> Option<(Fact, Vec<Fact>)> {
        let target = fact_of(facts, callee);
        let Entity::Path(path) = target.entity else { return None };
        if !matches!(self.info(path).language, Some(Known::Partialled)) {
            return None;
        }
        let held = |this: &Self, name: &str| {
            let key = this.lattice.find_key(&KeyName::Attribute(Arc::from(name)))?;
            this.lattice.field(target, key)
        };
        let callee = held(self, "func")?;
        let mut all = held(self, "args").map(|args| self.items_of(args))?;
        all.extend(by_position(facts, arguments));
        Some((callee, all))
    }

    /// What a method does that calls what it is given or hands on an object.
    fn language_method(
        &mut self,
        function: &'p Function,
        facts: &[Fact],
        callee: Value,
        arguments: &[Argument],
        shared: &Shared,
    ) -> Option<Fact> {
        let Op::Attribute { of, name } = function.op(function.bare(callee)) else { return None };
        let object = fact_of(facts, of);
        let first = arguments.first().map(|argument| fact_of(facts, argument.value));
        match self.module.symbols.text(name) {
            "submit" | "apply_async" | "spawn" if is_function(first?) => {
                let items = by_position(facts, arguments.get(1..)?);
                let named = self.named_arguments(facts, arguments);
                self.called(first?, &items, &named, shared)
            }
            "run_in_executor" => {
                let callee = arguments.get(1).map(|argument| fact_of(facts, argument.value))?;
                let items: Vec<Fact> =
                    arguments.iter().skip(2).map(|argument| fact_of(facts, argument.value)).collect();
                is_function(callee).then(|| self.called(callee, &items, &[], shared))?
            }
            "map" | "imap" | "imap_unordered" if is_function(first?) => {
                let through = self.models.through_objects;
                let items: Vec<Fact> = arguments
                    .iter()
                    .skip(1)
                    .map(|argument| self.lattice.read(fact_of(facts, argument.value), Key::ANY, through))
                    .collect();
                let result = self.called(first?, &items, &[], shared)?;
                Some(self.many(result))
            }
            "create_task" | "ensure_future" | "run_until_complete" => first,
            "as_manager" | "from_queryset" => self.manager_of_rows(object, first),
            "all" | "filter" | "exclude" | "order_by" | "annotate" | "alias" | "distinct" | "using" | "reverse"
            | "defer" | "only" | "select_related" | "prefetch_related" | "select_for_update" | "none" | "extra"
            | "union" | "complex_filter"
                if matches!(object.entity, Entity::Instance(..)) =>
            {
                let entity = self.rows_of(object, shared)?;
                let made = self.library_call(function, facts, callee, arguments);
                Some(Fact { entity, ..made })
            }
            "load" => self.loaded_by_schema(object, callee_path(fact_of(facts, callee)), first?, shared),
            // `stack.enter_context(lock)` is `with lock as …`.
            "enter_context" | "enter_async_context" => {
                let manager = arguments.first()?.value;
                Some(self.enter(facts, manager, shared))
            }
            // What is sent into a generator may come out of it.
            "send" if arguments.len() == 1 && self.lattice.shape(object.shape).is_some() => {
                let given_out = self.lattice.read(object, Key::ANY, self.models.through_objects);
                Some(self.text_of_all(&[given_out, first?]))
            }
            "substitute" | "safe_substitute" => self.substituted(object, facts, arguments),
            "join" => {
                let items = self.special(first?, Dunder::Iter, &[], shared)?;
                Some(self.text_of_all(&[object, items]))
            }
            "_replace" => self.replaced_fields(object, facts, arguments),
            "format" | "format_map" => self.formatted(object, facts, arguments, shared),
            "model_validate" | "model_construct" | "parse_obj" | "validate_python" => {
                let Entity::Class(module, class) = object.entity else { return None };
                Some(self.items_as_attributes((module, class), first?, shared))
            }
            _ => None,
        }
    }

    /// What a function gives that something else calls with these arguments.
    pub(super) fn called(
        &mut self,
        callee: Fact,
        given: &[Fact],
        named: &[(Arc<str>, Fact)],
        shared: &Shared,
    ) -> Option<Fact> {
        let (module, id, skipped) = match callee.entity {
            Entity::Function(module, id) => (module, id, 0),
            Entity::Method(module, id) => (module, id, 1),
            Entity::Path(path) if self.info(path).safe_type => return Some(Fact::default()),
            Entity::Path(path) => return Some(self.called_library(path, given)),
            _ => return None,
        };
        let local = self.local(module, id, shared)?;
        let home = self.program.module(module)?;
        let function = home.function(id)?;
        let handed = Handed { local: &local, home, function, skipped, callee, given, named, shared };
        let mut passed = |this: &mut Self, input: InputId| this.given_to_called(&handed, input, 0);
        let fact = self.filled(local.returns, &mut passed);
        for &(cell, stored) in &local.stores {
            let stored = self.filled(stored, &mut passed);
            self.store(cell, stored);
        }
        Some(Fact { constant: false, ..fact })
    }

    /// What is given for an input of a function that something else calls.
    fn given_to_called(&mut self, call: &Handed<'_>, input: InputId, depth: u32) -> Option<Fact> {
        let (root, keys) = self.lattice.input_parts(input);
        let keys = keys.to_vec();
        if let Some((&Key::ANSWER, before)) = keys.split_last() {
            if depth > 2 {
                return None;
            }
            let asked = self.lattice.input(root, before.to_vec());
            let passed = self.given_to_called(call, asked, depth + 1)?;
            let object = before.split_last().and_then(|(_, outer)| {
                let outer = self.lattice.input(root, outer.to_vec());
                self.given_to_called(call, outer, depth + 1)
            });
            let fill: &mut dyn FnMut(&mut Self, Fact) -> Fact =
                &mut |this, fact| this.filled(fact, &mut |this, input| this.given_to_called(call, input, depth + 1));
            return Some(self.answer_of(passed, object, asked, (call.local, call.shared), fill));
        }
        let Some(index) = Self::parameter_of(root) else {
            // What a closure has taken along.
            let Root::Captured(symbol) = root else { return None };
            let key = self.closure_key(call.home.symbols.text(Symbol(symbol)));
            let held = self.lattice.field(call.callee, key)?;
            return Some(self.walk(held, &keys));
        };
        let by_position = index.checked_sub(call.skipped).and_then(|at| call.given.get(at)).copied();
        let fact = by_position.or_else(|| {
            let name = call.home.symbols.text(call.function.parameters.get(index)?.name);
            call.named.iter().find(|(known, _)| **known == *name).map(|(_, fact)| *fact)
        })?;
        Some(self.walk(fact, &keys))
    }

    /// What is passed by position, with lists that are spread out where all of their items are known.
    fn unpacked(&mut self, facts: &[Fact], arguments: &[Argument]) -> Option<Vec<Fact>> {
        let mut given = Vec::new();
        for argument in arguments {
            let fact = fact_of(facts, argument.value);
            match argument.passing {
                Passing::Position => given.push(fact),
                Passing::Star => {
                    self.whole_list(fact).filter(|&len| len <= 8)?;
                    given.extend(self.items_of(fact));
                }
                Passing::Keyword(_) => {}
                Passing::DoubleStar => return None,
            }
        }
        (!given.is_empty()).then_some(given)
    }

    /// The contents of a value with each of them made into something else.
    fn each_field(&mut self, of: Fact, make: &mut dyn FnMut(&mut Self, Fact) -> Fact) -> ShapeId {
        let mut shape = self.lattice.shape(of.shape).cloned().unwrap_or_default();
        for (_, fact) in &mut shape.fields {
            *fact = make(self, *fact);
        }
        shape.rest = shape.rest.map(|fact| make(self, fact));
        self.lattice.intern_shape(shape)
    }

    /// `chain(a, b)`: the items of one after those of the other.
    fn chained(&mut self, given: &[Fact]) -> Option<Fact> {
        let is_plain = |this: &Self, one: &Fact| this.whole_list(*one).is_some() && one.taint == TaintId::default();
        if given.is_empty() || !given.iter().all(|one| is_plain(self, one)) {
            return None;
        }
        let items: Vec<Fact> = given.iter().flat_map(|&one| self.items_of(one)).collect();
        // Of a longer list only the first ones would be left.
        let all = given.iter().filter_map(|&one| self.whole_list(one)).sum::<usize>() == items.len();
        let constant = given.iter().all(|one| one.constant);
        all.then(|| Fact { constant, ..self.sequence(&items) })
    }

    /// The keys of a dictionary as the names of attributes.
    fn items_as_names(&mut self, of: Fact) -> Fact {
        let mut shape = self.lattice.shape(of.shape).cloned().unwrap_or_default();
        for (key, _) in &mut shape.fields {
            if let KeyName::Item(name) = self.lattice.key_name(*key).clone() {
                *key = self.lattice.key(KeyName::Attribute(name));
            }
        }
        shape.len = None;
        let shape = self.lattice.intern_shape(shape);
        self.lattice.labelled(Fact { shape, taint: of.taint, ..Fact::default() })
    }

    /// `sum(numbers)`: a number, whatever they are.
    fn sum(&mut self, of: Fact) -> Fact {
        let items = self.whole_list(of).map(|_| self.items_of(of)).unwrap_or_default();
        let numbers: Option<Vec<i64>> = items
            .iter()
            .map(|fact| match self.lattice.konst(fact.konst) {
                Some(Konst::Int(number)) => Some(*number),
                _ => None,
            })
            .collect();
        let all = numbers.filter(|numbers| Some(numbers.len()) == self.whole_list(of));
        match all.and_then(|numbers| numbers.into_iter().try_fold(0_i64, i64::checked_add)) {
            Some(total) => {
                Fact { constant: true, konst: self.lattice.intern_konst(Konst::Int(total)), ..Fact::default() }
            }
            None => Fact { constant: of.constant, ..Fact::default() },
        }
    }

    /// What a function of a library gives that was handed on before it is called: `partial(requests.get, timeout=4)(url)`.
    fn called_library(&mut self, path: PathId, given: &[Fact]) -> Fact {
        let entity = self.result_path(path);
        let models = self.models;
        let model = models.calls.get(self.paths.text(path));
        let name = self.paths.text(path).rsplit('.').next().unwrap_or_default();
        // `len` and its like are asked about what they are given.
        let says_little = model.is_none() && (super::is_builtin(name) || says_yes_or_no(name));
        let every = if says_little { Fact::default() } else { self.text_of_all(given) };
        let gives = |model: &CallModel| !model.passes && (!model.returns.is_empty() || model.cleans != 0);
        let passed = if model.is_some_and(gives) { Fact::default() } else { every };
        let mut fact = self.sourced(Fact { entity, ..passed });
        if let Some(model) = model {
            let returned = self.lattice.kinds(model.returns, 0);
            let taint = self.lattice.join_taint(fact.taint, returned);
            let taint = self.lattice.cleaned(taint, model.cleans);
            fact = self.lattice.fact_with(fact, taint);
        }
        fact
    }

    /// What a method of an object gives that the language itself calls.
    pub(super) fn special(&mut self, of: Fact, which: Dunder, given: &[Fact], shared: &Shared) -> Option<Fact> {
        self.special_by(of, self.dunder(which), given, shared)
    }

    /// The same of a method with this name.
    pub(super) fn special_named(&mut self, of: Fact, name: &str, given: &[Fact], shared: &Shared) -> Option<Fact> {
        if !matches!(of.entity, Entity::Instance(..)) {
            return None;
        }
        let key = self.lattice.key(KeyName::Attribute(Arc::from(name)));
        self.special_by(of, key, given, shared)
    }

    /// What an operator gives that an object of the project has a method for; the object is what the method makes of it.
    pub(super) fn operator(&mut self, of: Fact, name: &str, given: &[Fact], shared: &Shared) -> Option<Fact> {
        let Entity::Instance(module, class) = of.entity else { return None };
        let key = self.lattice.key(KeyName::Attribute(Arc::from(name)));
        let Entity::Method(module, id) = self.class_member(module, class, key, true, 0, shared).entity else {
            return None;
        };
        let local = self.local(module, id, shared)?;
        let mut after = of;
        self.each_set(of, &local, given, &mut |this, keys, stored| {
            after = this.lattice.with(after, keys, this.models.through_objects, stored);
            this.changed_by_call(of, keys, stored);
        });
        let fact = self.filled(local.returns, &mut |this, input| this.given_to_special(after, given, input));
        Some(Fact { constant: false, ..fact })
    }

    /// What a method of an object of the project answers that is called somewhere else.
    pub(super) fn asked_method(
        &mut self,
        of: Fact,
        (module, id): (ModuleId, FunctionId),
        given: &[Fact],
        shared: &Shared,
    ) -> Option<Fact> {
        let local = self.local(module, id, shared)?;
        let fact = self.filled(local.returns, &mut |this, input| this.given_to_special(of, given, input));
        let given = if self.answers_with_what_is_given(&local) { given } else { &[] };
        let fact = self.of_this_object((module, id), of, given, None, fact);
        Some(Fact { constant: false, ..fact })
    }

    pub(super) fn given_to_special(&mut self, of: Fact, given: &[Fact], input: InputId) -> Option<Fact> {
        let (root, keys) = self.lattice.input_parts(input);
        let keys = keys.to_vec();
        let fact = match Self::parameter_of(root)? {
            0 => of,
            at => *given.get(at - 1)?,
        };
        // Under which key, what it is given says.
        let keys: Vec<Key> = keys
            .into_iter()
            .map(|key| match self.lattice.key_name(key) {
                KeyName::Given(at) => match given.get(usize::from(*at).wrapping_sub(1)) {
                    Some(&name) => self.key_of_fact(name),
                    None => key,
                },
                KeyName::GivenName(at) => match given.get(usize::from(*at).wrapping_sub(1)) {
                    Some(&name) => self.given_name(name),
                    None => key,
                },
                _ => key,
            })
            .collect();
        Some(self.walk(fact, &keys))
    }

    fn special_by(&mut self, of: Fact, key: Key, given: &[Fact], shared: &Shared) -> Option<Fact> {
        let Entity::Instance(module, class) = of.entity else { return None };
        let Entity::Method(module, id) = self.class_member(module, class, key, true, 0, shared).entity else {
            return None;
        };
        let local = self.local(module, id, shared)?;
        let fact = self.filled(local.returns, &mut |this, input| this.given_to_special(of, given, input));
        Some(Fact { constant: false, ..fact })
    }

    /// The text of an object of the project that says itself what it reads like.
    pub(super) fn as_text(&mut self, of: Fact, shared: &Shared) -> Option<Fact> {
        self.special(of, Dunder::Str, &[], shared).or_else(|| self.special(of, Dunder::Repr, &[], shared))
    }

    /// What a method answers about a constant text.
    pub(super) fn answer(&mut self, method: &str, of: Fact, given: &[Fact]) -> Fact {
        let text_of = |fact: Fact| match self.lattice.konst(fact.konst) {
            Some(Konst::Text(text)) => Some(text),
            _ => None,
        };
        let Some(text) = text_of(of) else { return Fact::default() };
        let part = given.first().and_then(|&fact| text_of(fact));
        let konst = match (method, part) {
            ("startswith", Some(part)) => Konst::Bool(text.starts_with(&**part)),
            ("endswith", Some(part)) => Konst::Bool(text.ends_with(&**part)),
            ("isupper", None) if text.is_ascii() => Konst::Bool(
                text.bytes().any(|c| c.is_ascii_uppercase()) && !text.bytes().any(|c| c.is_ascii_lowercase()),
            ),
            ("islower", None) if text.is_ascii() => Konst::Bool(
                text.bytes().any(|c| c.is_ascii_lowercase()) && !text.bytes().any(|c| c.is_ascii_uppercase()),
            ),
            ("isdigit" | "isdecimal" | "isnumeric", None) if text.is_ascii() => {
                Konst::Bool(!text.is_empty() && text.bytes().all(|c| c.is_ascii_digit()))
            }
            ("isalpha", None) if text.is_ascii() => {
                Konst::Bool(!text.is_empty() && text.bytes().all(|c| c.is_ascii_alphabetic()))
            }
            _ => return Fact::default(),
        };
        let konst = self.lattice.intern_konst(konst);
        Fact { constant: true, konst, ..Fact::default() }
    }

    /// The number that a function of the language makes of constants.
    fn number(&self, function: &Function, name: &str, arguments: &[Argument], given: &[Fact]) -> Option<Konst> {
        let konst = |at: usize| given.get(at).and_then(|fact| self.lattice.konst(fact.konst));
        let ints = || -> Option<Vec<i64>> {
            given
                .iter()
                .map(|fact| match self.lattice.konst(fact.konst) {
                    Some(Konst::Int(number)) => Some(*number),
                    _ => None,
                })
                .collect()
        };
        // `any([0, 1])` of constants that are all known.
        if let ("any" | "all", &[of]) = (name, given) {
            let shape = self.lattice.shape(of.shape).filter(|_| self.whole_list(of).is_some())?;
            let truths: Option<Vec<bool>> =
                shape.fields.iter().map(|(_, fact)| self.lattice.konst(fact.konst).map(Konst::truth)).collect();
            let truths = truths?;
            let is_so = if name == "any" { truths.contains(&true) } else { !truths.contains(&false) };
            return Some(Konst::Bool(is_so));
        }
        let number = match (name, given.len()) {
            ("len", 1) => match konst(0) {
                Some(Konst::Text(text)) if text.is_ascii() => i64::try_from(text.len()).ok()?,
                Some(_) => return None,
                // What is built once and cannot change.
                None => match function.op(function.bare(arguments.first()?.value)) {
                    Op::Build { collection: Collection::Tuple, items }
                        if !function
                            .list(items)
                            .iter()
                            .any(|&item| matches!(function.op(item), Op::Spread(_) | Op::Element(_))) =>
                    {
                        i64::from(items.len)
                    }
                    _ => i64::try_from(self.whole_list(*given.first()?)?).ok()?,
                },
            },
            ("int", 1) => match konst(0)? {
                Konst::Int(number) => *number,
                Konst::Text(text) => text.trim().parse().ok()?,
                _ => return None,
            },
            ("ord", 1) => match konst(0)? {
                Konst::Text(text) if text.chars().count() == 1 => i64::from(u32::from(text.chars().next()?)),
                _ => return None,
            },
            ("abs", 1) => ints()?.first()?.checked_abs()?,
            ("min", 2..) => ints()?.into_iter().min()?,
            ("max", 2..) => ints()?.into_iter().max()?,
            _ => return None,
        };
        Some(Konst::Int(number))
    }

    /// `dict([(key, value), …])`: pairs as a dictionary; none if these are no pairs.
    pub(super) fn pairs_as_items(&mut self, of: Fact) -> Option<Fact> {
        let shape = self.lattice.shape(of.shape).cloned()?;
        let keyed = |this: &Self, key: Key| !matches!(this.lattice.key_name(key), KeyName::Index(_));
        if shape.fields.is_empty() && shape.rest.is_none() || shape.fields.iter().any(|(key, _)| keyed(self, *key)) {
            return None;
        }
        let through = self.models.through_objects;
        let (zero, one) = (self.lattice.key(KeyName::Index(0)), self.lattice.key(KeyName::Index(1)));
        let pairs: Vec<Fact> = shape.fields.iter().map(|(_, pair)| *pair).chain(shape.rest).collect();
        let mut items = Shape { len: Some(0), ..Shape::default() };
        let mut taint = of.taint;
        for pair in pairs {
            if self.lattice.shape(pair.shape).and_then(|shape| shape.len) != Some(2) {
                return None;
            }
            let name = self.lattice.read(pair, zero, through);
            let value = self.lattice.read(pair, one, through);
            match self.lattice.konst(name.konst).cloned() {
                Some(Konst::Text(name)) => {
                    let key = self.lattice.key(KeyName::Item(name));
                    items.fields.retain(|(known, _)| *known != key);
                    items.fields.push((key, value));
                }
                _ => {
                    let named = self.lattice.deep(name);
                    taint = self.lattice.join_taint(taint, named);
                    items.rest = self.join_options(items.rest, Some(value));
                }
            }
        }
        let shape = self.lattice.intern_shape(items);
        Some(self.lattice.fact_with(Fact { shape, constant: of.constant, ..Fact::default() }, taint))
    }

    /// `zip(a, b)` of lists whose items are all known.
    fn zipped(&mut self, given: &[Fact]) -> Option<Fact> {
        let len = given.iter().map(|&one| self.whole_list(one)).min()??;
        if given.iter().any(|&one| self.whole_list(one).is_none()) || len > 8 {
            return None;
        }
        let columns: Vec<Vec<Fact>> = given.iter().map(|&one| self.items_of(one)).collect();
        let rows: Vec<Fact> = (0..len)
            .map(|at| {
                let row: Vec<Fact> = columns.iter().filter_map(|column| column.get(at).copied()).collect();
                let constant = row.iter().all(|one| one.constant);
                Fact { constant, ..self.sequence(&row) }
            })
            .collect();
        Some(self.sequence(&rows))
    }

    /// How many items a list has, if each of them is known by its place.
    pub(super) fn whole_list(&self, of: Fact) -> Option<usize> {
        let shape = self.lattice.shape(of.shape)?;
        let len = shape.len? as usize;
        let by_place = shape.fields.iter().all(|(key, _)| matches!(self.lattice.key_name(*key), KeyName::Index(at) if usize::try_from(*at).is_ok_and(|at| at < len)));
        (len > 0 && shape.rest.is_none() && by_place && shape.fields.len() == len).then_some(len)
    }

    /// The attributes of an object, as the keys of a dictionary.
    pub(super) fn attributes_as_items(&mut self, of: Fact) -> Fact {
        let Some(mut shape) = self.lattice.shape(of.shape).cloned() else {
            return Fact { input: None, entity: Entity::Unknown, ..of };
        };
        for (key, _) in &mut shape.fields {
            if let KeyName::Attribute(name) = self.lattice.key_name(*key).clone() {
                *key = self.lattice.key(KeyName::Item(name));
            }
        }
        shape.fields.sort_unstable_by_key(|(key, _)| *key);
        shape.fields.dedup_by_key(|(key, _)| *key);
        let shape = self.lattice.intern_shape(shape);
        self.lattice.labelled(Fact { shape, input: None, entity: Entity::Unknown, ..of })
    }

    /// An object of a class, made from a dictionary.
    fn items_as_attributes(&mut self, class: (ModuleId, ClassId), of: Fact, shared: &Shared) -> Fact {
        let entity = Entity::Instance(class.0, class.1);
        let mut shape = self.lattice.shape(of.shape).cloned().unwrap_or_default();
        for (key, fact) in &mut shape.fields {
            if let KeyName::Item(name) = self.lattice.key_name(*key).clone() {
                if self.is_field_safe(class, &name, shared) {
                    *fact = Fact::default();
                }
                *key = self.lattice.key(KeyName::Attribute(name));
            }
        }
        shape.len = None;
        let shape = self.lattice.intern_shape(shape);
        self.lattice.labelled(Fact { entity, shape, input: None, constant: false, konst: KonstId::default(), ..of })
    }

    /// What a call of a library makes that keeps one thing it was given.
    fn made_with(&mut self, target: Fact, kept: (Key, Fact)) -> Option<Fact> {
        let Entity::Path(path) = target.entity else { return None };
        let shape = self.lattice.intern_shape(Shape { fields: vec![kept], ..Shape::default() });
        let entity = self.result_path(path);
        Some(Fact { entity, shape, ..Fact::default() })
    }

    /// `"{0} {name}".format(a, name=b)`: only what the text asks for is in what comes out; numbers harm nobody.
    fn formatted(&mut self, of: Fact, facts: &[Fact], arguments: &[Argument], shared: &Shared) -> Option<Fact> {
        let Some(Konst::Text(text)) = self.lattice.konst(of.konst).cloned() else { return None };
        if of.entity != Entity::Unknown {
            return None;
        }
        let given = by_position(facts, arguments);
        let named = self.named_arguments(facts, arguments);
        if given.len() + named.len() != arguments.len() {
            return None;
        }
        let mut used: Vec<Fact> = Vec::new();
        for (next, field) in format_fields(&text)?.into_iter().enumerate() {
            let fact = match field.name {
                "" => *given.get(next)?,
                name => match name.parse::<usize>() {
                    Ok(at) => *given.get(at)?,
                    Err(_) => {
                        named.iter().find(|(known, _)| **known == *name).map(|(_, fact)| *fact).or_else(|| {
                            let key = self.lattice.find_key(&KeyName::Item(Arc::from(name)))?;
                            self.lattice.field(*given.first()?, key)
                        })?
                    }
                },
            };
            let fact = self.part_of_field(fact, field.path);
            if !field.is_number {
                let said = self.special(fact, Dunder::Format, &[], shared);
                used.push(said.or_else(|| self.as_text(fact, shared)).unwrap_or(fact));
            }
        }
        Some(self.text_of_all(&used))
    }

    /// `{person.name[0]}` asks for a part of what it is given.
    fn part_of_field(&mut self, of: Fact, path: &str) -> Fact {
        let mut fact = of;
        let mut left = path;
        for _ in 0..4 {
            let (name, rest) = if let Some(inside) = left.strip_prefix('[') {
                let Some((name, rest)) = inside.split_once(']') else { return fact };
                match name.parse() {
                    Ok(at) => (KeyName::Index(at), rest),
                    Err(_) => (KeyName::Item(Arc::from(name)), rest),
                }
            } else if let Some(inside) = left.strip_prefix('.') {
                let (name, rest) = inside.split_at(inside.find(['.', '[']).unwrap_or(inside.len()));
                (KeyName::Attribute(Arc::from(name)), rest)
            } else {
                return fact;
            };
            let key = self.lattice.key(name);
            fact = self.lattice.read(fact, key, self.models.through_objects);
            left = rest;
        }
        fact
    }

    /// `Template("$name").substitute(name=a)`: the same.
    fn substituted(&mut self, of: Fact, facts: &[Fact], arguments: &[Argument]) -> Option<Fact> {
        let key = self.lattice.find_key(&KeyName::Attribute(Arc::from("template")))?;
        let template = self.lattice.field(of, key)?;
        let Some(Konst::Text(text)) = self.lattice.konst(template.konst).cloned() else { return None };
        let given = by_position(facts, arguments);
        let named = self.named_arguments(facts, arguments);
        if given.len() + named.len() != arguments.len() || given.len() > 1 {
            return None;
        }
        let mut used: Vec<Fact> = Vec::new();
        for name in template_fields(&text)? {
            let by_name = named.iter().find(|(known, _)| **known == *name).map(|(_, fact)| *fact);
            let fact = match (by_name, given.first()) {
                (Some(fact), _) => fact,
                (None, Some(&mapping)) => {
                    let key = self.lattice.find_key(&KeyName::Item(Arc::from(name)))?;
                    self.lattice.field(mapping, key)?
                }
                (None, None) => continue,
            };
            used.push(fact);
        }
        Some(self.text_of_all(&used))
    }

    /// `point._replace(x=1)`: the same with other values in some places.
    fn replaced_fields(&mut self, of: Fact, facts: &[Fact], arguments: &[Argument]) -> Option<Fact> {
        let named = self.named_arguments(facts, arguments);
        let mut shape = self.lattice.shape(of.shape).cloned().unwrap_or_default();
        if named.len() != arguments.len()
            || (of.shape == Default::default() && !matches!(of.entity, Entity::Instance(..)))
        {
            return None;
        }
        let fields = match of.entity {
            Entity::Instance(module, class) => self
                .program
                .module(module)
                .and_then(|home| Some((home, home.class(class)?)))
                .map(|(home, class)| {
                    class.fields.iter().map(|field| home.symbols.text(field.name)).collect::<Vec<&str>>()
                })
                .unwrap_or_default(),
            _ => Vec::new(),
        };
        for (name, fact) in named {
            let attribute = self.lattice.key(KeyName::Attribute(Arc::clone(&name)));
            shape.fields.retain(|(key, _)| *key != attribute);
            shape.fields.push((attribute, fact));
            match fields.iter().position(|field| **field == *name) {
                Some(at) => {
                    let place = self.lattice.key(KeyName::Index(i64::try_from(at).unwrap_or(0)));
                    shape.fields.retain(|(key, _)| *key != place);
                    shape.fields.push((place, fact));
                }
                // Which place it has is not known: any of them may hold it.
                None => {
                    for (key, held) in &mut shape.fields {
                        if matches!(self.lattice.key_name(*key), KeyName::Index(_)) {
                            *held = self.lattice.join(*held, fact);
                        }
                    }
                }
            }
        }
        let shape = self.lattice.intern_shape(shape);
        Some(self.lattice.labelled(Fact { shape, input: None, constant: false, ..of }))
    }

    /// What `next(of)` gives of what is given out in an order that is known; it asks for the first time, the second time…
    fn next_of(&mut self, function: &Function, callee: Value, arguments: &[Argument], of: Fact) -> Option<Fact> {
        let len = self.whole_list(of)?;
        let asked = arguments.first()?.value;
        let of_same = |value: Value| match function.op(value) {
            Op::Call { callee: other, arguments } => {
                let is_same =
                    matches!((function.op(other), function.op(callee)), (Op::Name(one), Op::Name(two)) if one == two);
                is_same
                    && function
                        .call_arguments(arguments)
                        .first()
                        .is_some_and(|first| function.bare(first.value) == function.bare(asked))
            }
            _ => false,
        };
        let same: Vec<Value> = function.values().map(|(value, _)| value).filter(|value| of_same(*value)).collect();
        let before = same.iter().position(|&value| {
            matches!(function.op(value), Op::Call { arguments: list, .. } if std::ptr::eq(function.call_arguments(list), arguments))
        })?;
        // Where several branches ask in turn, or a loop does, nobody can say which this is.
        let home = function.block_of(*same.get(before)?);
        if same.iter().any(|&value| function.block_of(value) != home) {
            return None;
        }
        let back = function.edges.iter().any(|(from, to)| from >= to);
        if back || before >= len {
            return None;
        }
        let key = self.lattice.key(KeyName::Index(i64::try_from(before).ok()?));
        Some(self.lattice.read(of, key, self.models.through_objects))
    }

    /// `"%s %d" % values`: the same.
    pub(super) fn percent(&mut self, of: Fact, values: Fact, shared: &Shared) -> Option<Fact> {
        let Some(Konst::Text(text)) = self.lattice.konst(of.konst).cloned() else { return None };
        let fields = percent_fields(&text)?;
        let mut used: Vec<Fact> = Vec::new();
        let places = self.whole_list(values);
        for (at, field) in fields.iter().enumerate() {
            let fact = match (field.name, places) {
                ("", Some(len)) if len == fields.len() => {
                    let key = self.lattice.find_key(&KeyName::Index(i64::try_from(at).ok()?))?;
                    self.lattice.field(values, key)?
                }
                // Whatever it is, a number or an error comes out.
                ("", None) if fields.len() == 1 && (field.is_number || self.lattice.shape(values.shape).is_none()) => {
                    values
                }
                ("", _) => return None,
                (name, _) => {
                    let key = self.lattice.find_key(&KeyName::Item(Arc::from(name)))?;
                    self.lattice.field(values, key)?
                }
            };
            if !field.is_number {
                used.push(self.as_text(fact, shared).unwrap_or(fact));
            }
        }
        // A plain value in place of a list may be one.
        if places.is_none() && fields.iter().all(|field| !field.is_number && field.name.is_empty()) {
            return None;
        }
        used.push(Fact { input: None, ..of });
        Some(self.text_of_all(&used))
    }

    /// The keywords of a call by their names.
    pub(super) fn named_arguments(&self, facts: &[Fact], arguments: &[Argument]) -> Vec<(Arc<str>, Fact)> {
        arguments
            .iter()
            .filter_map(|argument| match argument.passing {
                Passing::Keyword(name) => {
                    Some((Arc::from(self.module.symbols.text(name)), fact_of(facts, argument.value)))
                }
                _ => None,
            })
            .collect()
    }

    /// `update(a=x)`: what a dictionary is afterwards.
    pub(super) fn with_keywords(&mut self, of: Fact, facts: &[Fact], arguments: &[Argument]) -> Fact {
        let through = self.models.through_objects;
        self.named_arguments(facts, arguments).into_iter().fold(of, |of, (name, fact)| {
            let key = self.lattice.key(KeyName::Item(name));
            self.lattice.with(of, &[key], through, fact)
        })
    }

    /// Any number of such values.
    pub(super) fn many(&mut self, one: Fact) -> Fact {
        let shape = self.lattice.intern_shape(Shape { rest: Some(one), ..Shape::default() });
        self.lattice.labelled(Fact { shape, ..Fact::default() })
    }

    /// These values, one after the other.
    pub(super) fn sequence(&mut self, items: &[Fact]) -> Fact {
        let mut shape = Shape { len: u32::try_from(items.len()).ok(), ..Shape::default() };
        for (at, &fact) in items.iter().enumerate() {
            let key = self.lattice.key(KeyName::Index(i64::try_from(at).unwrap_or(0)));
            shape.fields.push((key, fact));
        }
        let shape = self.lattice.intern_shape(shape);
        self.lattice.labelled(Fact { shape, ..Fact::default() })
    }

    /// The values of a sequence whose places are known, as far as they are.
    pub(super) fn items_of(&mut self, of: Fact) -> Vec<Fact> {
        let through = self.models.through_objects;
        let len = self.lattice.shape(of.shape).and_then(|shape| shape.len).unwrap_or(0);
        (0..i64::from(len).min(8))
            .map(|at| {
                let key = self.lattice.key(KeyName::Index(at));
                self.lattice.read(of, key, through)
            })
            .collect()
    }

    /// The same where all of them are texts that are known.
    pub(super) fn texts_of(&mut self, of: Fact) -> Option<Vec<Arc<str>>> {
        let items = self.items_of(of).into_iter();
        let texts = items.map(|fact| match self.lattice.konst(fact.konst) {
            Some(Konst::Text(text)) => Some(Arc::clone(text)),
            _ => None,
        });
        texts.collect()
    }

    /// `"x y"` or `["x", "y"]` as what a made class keeps under `_fields`.
    fn field_names(&mut self, of: Fact) -> Option<(Key, Fact)> {
        let names: Vec<Arc<str>> = match self.lattice.konst(of.konst) {
            Some(Konst::Text(text)) => {
                text.split([',', ' ']).filter(|name| !name.is_empty()).map(Arc::from).take(MAX_FIELDS).collect()
            }
            _ => {
                let len = self.lattice.shape(of.shape)?.len?;
                if len > 8 {
                    return None;
                }
                self.texts_of(of)?
            }
        };
        if names.is_empty() || names.len() > 8 {
            return None;
        }
        let names: Vec<Fact> = names
            .into_iter()
            .map(|name| {
                let konst = self.lattice.intern_konst(Konst::Text(name));
                Fact { constant: true, konst, ..Fact::default() }
            })
            .collect();
        let names = self.sequence(&names);
        Some((self.lattice.key(KeyName::Attribute(Arc::from("_fields"))), names))
    }

    /// What is kept under a constant key of an object of a library and is read by a method: `session.get("name")`.
    pub(super) fn kept_in_library(
        &mut self,
        function: &Function,
        facts: &[Fact],
        callee: Value,
        arguments: &[Argument],
        shared: &Shared,
    ) -> Option<Fact> {
        let Op::Attribute { of, name } = function.op(function.bare(callee)) else { return None };
        if !matches!(self.module.symbols.text(name), "get" | "pop" | "setdefault" | "__getitem__") {
            return None;
        }
        let Entity::Path(path) = fact_of(facts, of).entity else { return None };
        let first = fact_of(facts, arguments.first()?.value);
        let Some(Konst::Text(key)) = self.lattice.konst(first.konst).cloned() else { return None };
        // Of a class of a library there are many objects, of `session` or `os.environ` one.
        let path = self.paths.text(path);
        if path.ends_with("()") && !routes::is_request(path) {
            return None;
        }
        let path = path.to_owned();
        let item = self.library_cell(&format!("{path}[{key}]"));
        let mut held = self.cell(item, shared);
        // `g.get("name")` reads what `g.name` was set to.
        if self.is_name_stored(&key, shared) {
            let attribute = self.library_cell(&format!("{path}.{key}"));
            let more = self.cell(attribute, shared);
            held = self.lattice.join(held, more);
        }
        (held != Fact::default()).then_some(held)
    }

    /// What an object is after `setattr(of, "name", value)`, `heappush(of, value)` or `print(value, file=of)`.
    pub(super) fn changed_by_language(
        &mut self,
        function: &Function,
        facts: &[Fact],
        callee: Value,
        arguments: &[Argument],
        of: Value,
    ) -> Option<Fact> {
        let Entity::Path(path) = fact_of(facts, callee).entity else { return None };
        let what = match self.paths.text(path) {
            "setattr" => 0,
            "heapq.heappush" | "heapq.heappushpop" | "bisect.insort" => 1,
            "print" => 2,
            "json.dump" | "pickle.dump" | "yaml.dump" => 3,
            "operator.setitem" => 4,
            _ => return None,
        };
        let before = fact_of(facts, of);
        let is_of = |argument: &Argument| function.bare(argument.value) == function.bare(of);
        let at = |at: usize| arguments.get(at).map(|argument| fact_of(facts, argument.value));
        match what {
            0 if is_of(arguments.first()?) => {
                let stored = at(2)?;
                let Some(Konst::Text(name)) = self.lattice.konst(at(1)?.konst).cloned() else {
                    self.note_change(before, Key::SOME, stored);
                    return Some(self.lattice.with(before, &[Key::SOME], self.models.through_objects, stored));
                };
                let key = self.lattice.key(KeyName::Attribute(name));
                self.note_change(before, key, stored);
                if let Entity::Instance(module, class) = before.entity {
                    self.store_field(module, class.0, key, stored);
                }
                Some(self.lattice.with(before, &[key], self.models.through_objects, stored))
            }
            1 if is_of(arguments.first()?) => {
                let stored = at(1)?;
                self.container_effect("add", before, &[stored])
            }
            4 if is_of(arguments.first()?) => {
                let (key, stored) = (self.key_of_fact(at(1)?), at(2)?);
                self.note_change(before, key, stored);
                Some(self.lattice.with(before, &[key], self.models.through_objects, stored))
            }
            2 => {
                let file = arguments.iter().find(|argument| {
                    matches!(argument.passing, Passing::Keyword(name) if self.module.symbols.text(name) == "file")
                })?;
                if !is_of(file) {
                    return None;
                }
                Some(self.filled_with(before, &by_position(facts, arguments)))
            }
            3 if is_of(arguments.get(1)?) => {
                let stored = at(0)?;
                Some(self.filled_with(before, &[stored]))
            }
            _ => None,
        }
    }

    /// An object that took in what was written to it.
    fn filled_with(&mut self, of: Fact, given: &[Fact]) -> Fact {
        let every = self.text_of_all(given);
        let taint = self.lattice.join_taint(of.taint, every.taint);
        self.lattice.fact_with(Fact { constant: false, konst: KonstId::default(), ..of }, taint)
    }

    /// The key under which a closure keeps what a name of the function around held.
    pub(super) fn closure_key(&mut self, name: &str) -> Key {
        self.lattice.key(KeyName::Attribute(Arc::from(format!("<{name}>"))))
    }

    /// A container with what functions within this one put into it under its name.
    pub(super) fn filled_by_closures(
        &mut self,
        id: FunctionId,
        function: &Function,
        value: Value,
        made: Fact,
        shared: &Shared,
    ) -> Fact {
        if self.lattice.shape(made.shape).is_none_or(|shape| shape.len.is_none()) {
            return made;
        }
        let Some(&(symbol, _)) = function.assigned.iter().find(|(_, held)| *held == value) else { return made };
        let is_asked_within = self.module.functions.iter().any(|inner| {
            inner.parent == Some(id) && inner.ops.iter().any(|op| matches!(op, Op::Name(name) if *name == symbol))
        });
        if !is_asked_within {
            return made;
        }
        let cell = self.global_cell(self.id, symbol);
        let held = self.cell(cell, shared);
        if held.shape == Default::default() {
            return made;
        }
        let constant = made.constant && held.constant;
        Fact { constant, input: None, ..self.lattice.join(made, held) }
    }

    /// Whether a name is one of a function, or of one around it, rather than of the module.
    fn is_of_function(&self, function: &Function, symbol: Symbol) -> bool {
        let mut scope = Some(function);
        while let Some(one) = scope.filter(|one| one.parent.is_some()) {
            if one.kind != FunctionKind::ClassBody && one.assigned.iter().any(|(name, _)| *name == symbol) {
                return true;
            }
            scope = one.parent.and_then(|parent| self.module.function(parent));
        }
        false
    }

    /// A function that is handed out takes along what it has captured.
    pub(super) fn with_captured(
        &mut self,
        function: &Function,
        facts: &[Fact],
        returned: Fact,
        shared: &Shared,
    ) -> Fact {
        let Entity::Function(module, id) = returned.entity else { return returned };
        let inner = (module == self.id).then(|| self.module.function(id)).flatten();
        let Some(inner) = inner else { return returned };
        if inner.parent != Some(self.current) {
            return returned;
        }
        let mut names: Vec<Symbol> = Vec::new();
        for symbol in names_within(self.module, id, inner) {
            if names.len() < 16 && !names.contains(&symbol) && self.is_of_function(function, symbol) {
                names.push(symbol);
            }
        }
        let mut shape = Shape::default();
        for symbol in names {
            let held = held_by_closure(function, symbol, id);
            // What a function further out holds, this one has captured itself.
            let fact = match held.is_empty() {
                true => self.name(function, symbol, shared),
                false => self.join_all(held.into_iter().map(|value| fact_of(facts, value))),
            };
            if fact != Fact::default() && !fact.constant {
                let key = self.closure_key(self.module.symbols.text(symbol));
                shape.fields.push((key, fact));
            }
        }
        if shape.fields.is_empty() {
            return returned;
        }
        let shape = self.lattice.intern_shape(shape);
        Fact { shape, ..returned }
    }
}

/// The names that a function asks for, and those that functions within it ask for and it has not itself.
fn names_within(module: &Module, id: FunctionId, function: &Function) -> Vec<Symbol> {
    // Functions are numbered as they begin: those within one come right after it.
    let after = module.functions.iter().skip(id.0 as usize + 1);
    let within = after.take_while(|one| function.span.contains(one.span));
    let asked = std::iter::once(function).chain(within).flat_map(|one| &one.ops);
    asked
        .filter_map(|op| match op {
            Op::Name(symbol) => Some(*symbol),
            _ => None,
        })
        .filter(|symbol| !function.assigned.iter().any(|(name, _)| name == symbol))
        .collect()
}

/// What a name of a function may hold when a function within it asks for it: not what was replaced before anybody could
/// have called that one.
pub(super) fn held_by_closure(around: &Function, symbol: Symbol, inner: FunctionId) -> Vec<Value> {
    let all: Vec<Value> = around.assigned.iter().filter(|(name, _)| *name == symbol).map(|&(_, value)| value).collect();
    if all.len() < 2 {
        return all;
    }
    let made = around.values().find(|(_, op)| matches!(op, Op::Function(id) if *id == inner)).map(|(value, _)| value);
    let (Some(made), false) = (made, around.edges.iter().any(|(from, to)| from >= to)) else { return all };
    let home = around.block_of(made);
    let first_use = around
        .values()
        .filter(|(value, op)| {
            value.0 > made.0 && !matches!(op, Op::StoreName { .. }) && around.operands_of(*value).contains(&made)
        })
        .map(|(value, _)| value.0)
        .min()
        .unwrap_or(u32::MAX);
    let replaces = |value: Value| {
        around.block_of(value) == home
            && value.0 < first_use
            // What has another name was there before, nobody knows how long.
            && matches!(around.op(value), Op::Constant(_) | Op::Call { .. } | Op::Format(_) | Op::Binary { .. } | Op::Build { .. })
            && around.assigned.iter().filter(|(_, other)| *other == value).count() == 1
    };
    match all.iter().rposition(|&value| replaces(value)) {
        Some(at) => all.get(at..).map(<[Value]>::to_vec).unwrap_or(all),
        None => all,
    }
}

fn callee_path(callee: Fact) -> Option<PathId> {
    match callee.entity {
        Entity::Path(path) => Some(path),
        _ => None,
    }
}

/// What is passed by position.
fn by_position(facts: &[Fact], arguments: &[Argument]) -> Vec<Fact> {
    let by_position = arguments.iter().filter(|argument| argument.passing == Passing::Position);
    by_position.map(|argument| fact_of(facts, argument.value)).collect()
}

fn is_function(fact: Fact) -> bool {
    matches!(fact.entity, Entity::Function(..) | Entity::Method(..))
}

/// A call that something else makes of a function it was given.
struct Handed<'a> {
    local: &'a Local,
    home: &'a Module,
    function: &'a Function,
    /// 1 for methods, whose object is bound already.
    skipped: usize,
    callee: Fact,
    given: &'a [Fact],
    named: &'a [(Arc<str>, Fact)],
    shared: &'a Shared<'a>,
}

/// A place in a text that something is put into.
struct Field<'t> {
    /// By name or number; empty for the next one.
    name: &'t str,
    /// The part of it that is asked for: `.name[0]`.
    path: &'t str,
    /// Whether only a number fits.
    is_number: bool,
}

/// The fields of a text for `format`; none if it asks for parts of what it is given, or is none.
fn format_fields(text: &str) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    let mut left = text;
    while let Some(at) = left.find(['{', '}']) {
        let doubled = left.get(at..at + 2).is_some_and(|two| matches!(two, "{{" | "}}"));
        if doubled {
            left = left.get(at + 2..)?;
            continue;
        }
        let (inside, rest) = left.get(at..)?.strip_prefix('{')?.split_once('}')?;
        let (name, form) = inside.split_once(':').unwrap_or((inside, ""));
        let (name, turned) = name.split_once('!').unwrap_or((name, ""));
        if inside.contains('{') || fields.len() >= MAX_FIELDS {
            return None;
        }
        let (name, path) = name.split_at(name.find(['.', '[']).unwrap_or(name.len()));
        let is_number =
            turned.is_empty() && form.ends_with(['d', 'x', 'X', 'o', 'b', 'e', 'E', 'f', 'F', 'g', 'G', 'n', '%']);
        fields.push(Field { name, path, is_number });
        left = rest;
    }
    Some(fields)
}

/// The names that a text of `string.Template` asks for.
fn template_fields(text: &str) -> Option<Vec<&str>> {
    let mut fields = Vec::new();
    let mut left = text;
    while let Some(at) = left.find('$') {
        left = left.get(at + 1..)?;
        if let Some(rest) = left.strip_prefix('$') {
            left = rest;
            continue;
        }
        let inside = left.strip_prefix('{').unwrap_or(left);
        let end = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inside.len());
        let name = inside.get(..end)?;
        if name.is_empty() || fields.len() >= MAX_FIELDS {
            return None;
        }
        fields.push(name);
        left = inside.get(end..)?;
    }
    Some(fields)
}

/// The same for `%`.
fn percent_fields(text: &str) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    let mut left = text;
    while let Some(at) = left.find('%') {
        left = left.get(at + 1..)?;
        if let Some(rest) = left.strip_prefix('%') {
            left = rest;
            continue;
        }
        let name = match left.strip_prefix('(') {
            Some(inside) => {
                let (name, rest) = inside.split_once(')')?;
                left = rest;
                name
            }
            None => "",
        };
        left = left.trim_start_matches(['#', '-', '+', ' ', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        let kind = left.chars().next().filter(char::is_ascii_alphabetic)?;
        left = left.get(1..)?;
        if fields.len() >= MAX_FIELDS {
            return None;
        }
        let is_number = matches!(kind, 'd' | 'i' | 'u' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G');
        fields.push(Field { name, path: "", is_number });
    }
    (!fields.is_empty()).then_some(fields)
}
