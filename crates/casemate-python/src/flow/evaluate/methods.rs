//! What methods of objects give and change whose class is not known: of texts, lists, dictionaries and their like.

use std::sync::Arc;

use super::super::history::Shared;
use super::site::Site;
use super::{Evaluator, fact_of};
use crate::facts::Kinds;
use crate::facts::fact::{Entity, Fact};
use crate::facts::lattice::{Key, KeyName, Konst, KonstId, Root, Shape};
use crate::syntax::{Argument, Function, Op, Symbol, Value};

impl<'p> Evaluator<'p> {
    /// What a method of an object gives whose class is not known.
    pub(super) fn method(&mut self, method: Symbol, receiver: Fact, given: &[Fact]) -> Fact {
        let through = self.models.through_objects;
        let name = self.module.symbols.text(method);
        if name == "split"
            && let Some(parts) = self.split(receiver, given)
        {
            return parts;
        }
        if matches!(name, "get" | "get_nowait")
            && let Some(at) = self.queue_end(receiver)
        {
            let key = self.lattice.key(KeyName::Index(at));
            return Fact { constant: false, ..self.lattice.read(receiver, key, through) };
        }
        // One of them, nobody knows which.
        if matches!(name, "get" | "get_nowait") && given.is_empty() && self.queue_of(receiver).is_some() {
            return Fact { constant: false, ..self.lattice.read(receiver, Key::ANY, through) };
        }
        match name {
            "format" | "format_map" | "join" | "replace" | "ljust" | "rjust" | "zfill" => {
                // What is replaced is not in the answer any more.
                let kept = if name == "replace" { given.get(1..).unwrap_or_default() } else { given };
                let mut every: Vec<Fact> = kept.to_vec();
                every.push(receiver);
                let mut fact = self.text_of_all(&every);
                if name == "replace"
                    && let Some(clean) = self.taken_out_of_text(given)
                {
                    let taint = self.lattice.cleaned(fact.taint, clean);
                    fact = self.lattice.fact_with(fact, taint);
                }
                let konst = match name {
                    "join" => self.joined(receiver, given),
                    "replace" => self.replaced(receiver, given),
                    _ => Default::default(),
                };
                Fact { konst, ..fact }
            }
            "get" | "pop" | "setdefault" | "popleft" | "__getitem__" | "getlist" | "getall" => {
                let default = given.get(1).copied();
                if receiver.constant {
                    let named = given.first().map(|&first| self.key_of_fact(first));
                    if let Some(there) = named.and_then(|key| self.lattice.field(receiver, key)) {
                        return Fact { input: None, ..there };
                    }
                    // A constant table: only the default comes from elsewhere.
                    let default = default.map(|fact| Fact { input: None, ..fact });
                    return default.unwrap_or(Fact { constant: true, ..Fact::default() });
                }
                let len = self.lattice.shape(receiver.shape).and_then(|shape| shape.len);
                let (key, keyed) = match (given.first(), len) {
                    // `config.get(section, option)` has one more key.
                    (Some(&first), _) => {
                        let konst = self.lattice.konst(first.konst).cloned();
                        let key = match &konst {
                            Some(Konst::Text(text)) => self.lattice.key(KeyName::Item(Arc::clone(text))),
                            Some(Konst::Int(at)) => self.lattice.key(KeyName::Index(*at)),
                            _ if receiver.input.is_some() => self.given_key(first),
                            _ => Key::ANY,
                        };
                        (key, konst)
                    }
                    (None, Some(len)) if name == "pop" && len > 0 => {
                        (self.lattice.key(KeyName::Index(i64::from(len) - 1)), None)
                    }
                    (None, Some(_)) if name == "popleft" => (self.lattice.key(KeyName::Index(0)), None),
                    _ => (Key::ANY, None),
                };
                let mut fact = self.read_given(receiver, key);
                if let Some(Konst::Text(option)) = default.and_then(|fact| self.lattice.konst(fact.konst).cloned())
                    && self.lattice.shape(fact.shape).is_some()
                {
                    let key = self.lattice.key(KeyName::Item(option));
                    fact = self.lattice.read(fact, key, through);
                }
                fact.constant = false;
                // What is certainly there needs no default.
                let is_there = self.lattice.konst(fact.konst).is_some()
                    && self.lattice.shape(receiver.shape).is_some_and(|shape| shape.rest.is_none());
                if let Some(default) = default.filter(|_| !is_there) {
                    let plain = Fact { constant: false, konst: Default::default(), input: None, ..default };
                    let konst = fact.konst;
                    let is_empty = default.taint == Default::default()
                        && default.entity == Entity::Unknown
                        && self.lattice.holds_nothing(default);
                    let input = fact.input.filter(|_| is_empty);
                    fact = self.lattice.join(fact, plain);
                    // `handlers.get(name, [])` is empty or what the caller has there.
                    fact.input = fact.input.or(input);
                    fact.konst = if self.lattice.konst(konst) == self.lattice.konst(default.konst) {
                        konst
                    } else {
                        Default::default()
                    };
                }
                // `config.get(section, option, fallback=x)`
                if let Some(&other) = given.get(2).filter(|_| name == "get" && !is_there) {
                    let other = self.lattice.deep(other);
                    let taint = self.lattice.join_taint(fact.taint, other);
                    fact = self.lattice.fact_with(fact, taint);
                }
                if let Some(Konst::Text(key)) = keyed {
                    let labels = (self.models.by_name)(&key);
                    return self.with_labels(fact, labels);
                }
                fact
            }
            "items" => {
                let values = self.lattice.read(receiver, Key::ANY, through);
                let keys = self.lattice.taken_out(receiver.taint, Key::ANY, through);
                let keys = self.lattice.fact_with(Fact { constant: receiver.constant, ..Fact::default() }, keys);
                let (zero, one) = (self.lattice.key(KeyName::Index(0)), self.lattice.key(KeyName::Index(1)));
                let pair = Shape { fields: vec![(zero, keys), (one, values)], rest: None, len: Some(2) };
                let pair =
                    Fact { shape: self.lattice.intern_shape(pair), constant: receiver.constant, ..Fact::default() };
                let pair = self.lattice.labelled(pair);
                let shape = self.lattice.intern_shape(Shape { rest: Some(pair), ..Shape::default() });
                self.lattice.labelled(Fact { shape, constant: receiver.constant, ..Fact::default() })
            }
            "values" => {
                let values = self.lattice.read(receiver, Key::ANY, through);
                let shape = self.lattice.intern_shape(Shape { rest: Some(values), ..Shape::default() });
                self.lattice.labelled(Fact { shape, constant: receiver.constant, ..Fact::default() })
            }
            "keys" => {
                let fact = Fact { constant: receiver.constant, ..Fact::default() };
                self.lattice.fact_with(fact, receiver.taint)
            }
            "copy" | "to_dict" | "reversed" => Fact { input: None, ..receiver },
            "append" | "add" | "extend" | "update" | "insert" | "appendleft" | "put" => Fact::default(),
            "result" if matches!(receiver.entity, Entity::Path(path) if self.paths.text(path).ends_with("Future()")) => {
                Fact { constant: false, ..self.lattice.read(receiver, Key::ANY, through) }
            }
            "result" | "__next__" => Fact { constant: false, ..receiver },
            "_asdict" | "model_dump" | "dict" | "asdict" => self.attributes_as_items(receiver),
            name if says_yes_or_no(name) => self.answer(name, receiver, given),
            "encode" | "decode" | "strip" | "lstrip" | "rstrip" | "lower" | "upper" | "title" | "capitalize"
            | "casefold" | "swapcase" | "removeprefix" | "removesuffix" | "expandtabs" | "translate" | "center"
            | "hex" | "tobytes" | "get_secret_value" => {
                let taint = self.lattice.deep(receiver);
                let konst = self.cased(name, receiver);
                self.lattice.fact_with(Fact { constant: receiver.constant, konst, ..Fact::default() }, taint)
            }
            _ => {
                let key = self.attribute_key(method);
                let deep = self.lattice.deep(receiver);
                let taint = self.lattice.taken_out(deep, key, through);
                self.lattice.fact_with(Fact::default(), taint)
            }
        }
    }

    /// `"a,b".split(",")`
    fn split(&mut self, of: Fact, given: &[Fact]) -> Option<Fact> {
        let Konst::Text(text) = self.lattice.konst(of.konst)? else { return None };
        let parts: Vec<Arc<str>> = match given {
            [] => text.split_whitespace().map(Arc::from).take(9).collect(),
            &[by] => match self.lattice.konst(by.konst)? {
                Konst::Text(by) if !by.is_empty() => text.split(&**by).map(Arc::from).take(9).collect(),
                _ => return None,
            },
            _ => return None,
        };
        if parts.len() > 8 {
            return None;
        }
        let parts: Vec<Fact> = parts
            .into_iter()
            .map(|part| {
                let konst = self.lattice.intern_konst(Konst::Text(part));
                Fact { constant: true, konst, ..Fact::default() }
            })
            .collect();
        Some(Fact { constant: true, ..self.sequence(&parts) })
    }

    /// `"".join(["a", "b"])`
    fn joined(&mut self, by: Fact, given: &[Fact]) -> KonstId {
        let (Some(Konst::Text(by)), &[parts]) = (self.lattice.konst(by.konst).cloned(), given) else {
            return Default::default();
        };
        let has_all = self.lattice.shape(parts.shape).is_some_and(|shape| {
            shape.rest.is_none() && shape.len.is_some_and(|len| len <= 8 && len as usize == shape.fields.len())
        });
        match self.texts_of(parts) {
            // SECURITY: what is joined again and again would double each time.
            Some(texts) if has_all && texts.iter().map(|text| text.len()).sum::<usize>() <= 512 => {
                self.lattice.intern_konst(Konst::Text(Arc::from(texts.join(&*by))))
            }
            _ => Default::default(),
        }
    }

    /// The sink kinds that cannot do without what `replace("<", "&lt;")` takes out.
    fn taken_out_of_text(&self, given: &[Fact]) -> Option<Kinds> {
        let [taken, put] = given else { return None };
        let (Konst::Text(taken), Konst::Text(put)) = (self.lattice.konst(taken.konst)?, self.lattice.konst(put.konst)?)
        else {
            return None;
        };
        let clean = self.models.without_text(taken);
        (clean != 0 && !put.contains(&**taken)).then_some(clean)
    }

    fn replaced(&mut self, of: Fact, given: &[Fact]) -> KonstId {
        let texts: Option<Vec<Arc<str>>> = std::iter::once(&of)
            .chain(given.iter().take(2))
            .map(|fact| match self.lattice.konst(fact.konst) {
                Some(Konst::Text(text)) => Some(Arc::clone(text)),
                _ => None,
            })
            .collect();
        match texts.as_deref() {
            Some([text, from, to]) if text.len() <= 512 && !from.is_empty() && to.len() <= 64 => {
                let text = text.replace(&**from, to);
                self.lattice.intern_konst(Konst::Text(Arc::from(text)))
            }
            _ => Default::default(),
        }
    }

    fn cased(&mut self, method: &str, of: Fact) -> KonstId {
        let Some(Konst::Text(text)) = self.lattice.konst(of.konst) else { return Default::default() };
        let text = match method {
            "lower" | "casefold" => text.to_lowercase(),
            "upper" => text.to_uppercase(),
            "strip" => text.trim().to_owned(),
            "encode" | "decode" => text.to_string(),
            _ => return Default::default(),
        };
        self.lattice.intern_konst(Konst::Text(Arc::from(text)))
    }

    /// What an object is after one of its methods was called; none if the call says nothing about it.
    #[expect(clippy::too_many_arguments, reason = "one call")]
    pub(super) fn method_effect(
        &mut self,
        function: &'p Function,
        facts: &[Fact],
        callee: Value,
        arguments: &[Argument],
        name: Symbol,
        object: Fact,
        given: &[Fact],
        shared: &Shared,
    ) -> Option<Fact> {
        let (targets, receiver) = self.project_callees(function, facts, callee, shared);
        if let [target] = targets.as_slice()
            && !matches!(fact_of(facts, callee).entity, Entity::Class(..))
        {
            let local = self.local(target.0, target.1, shared)?;
            let mut site = Site::new(function, facts, arguments, *target, receiver, (&local, shared));
            let mut after = object;
            for &(input, stored) in &local.changes {
                let (root, keys) = self.lattice.input_parts(input);
                if root == Root::Parameter(0) {
                    let keys = keys.to_vec();
                    let keys = self.keys_given(&mut site, &keys);
                    let stored = self.filled_at(stored, &mut site);
                    after = self.lattice.with(after, &keys, self.models.through_objects, stored);
                }
            }
            return (after != object).then_some(after);
        }
        if let Some(model) = self.model_of(function, facts, callee)
            && model.fills_receiver
        {
            let every = self.text_of_all(given);
            let taint = self.lattice.join_taint(object.taint, every.taint);
            return Some(self.lattice.fact_with(Fact { constant: false, ..object }, taint));
        }
        let method = self.module.symbols.text(name);
        let after = self.container_effect(method, object, given)?;
        let after = if method == "update" { self.with_keywords(after, facts, arguments) } else { after };
        if method == "update" {
            self.note_update(object, given.first().copied(), facts, arguments);
        }
        // What a container that came in is given, the caller has afterwards.
        if matches!(method, "append" | "add" | "insert" | "appendleft" | "put" | "push")
            && let Some(last) = given.last()
        {
            self.note_change(object, Key::ANY, *last);
            self.note_change_of_class(function, facts, callee, object, *last);
        }
        Some(after)
    }

    /// `self.options.update(more)`: the caller has afterwards what was put into a dictionary of what came in.
    fn note_update(&mut self, object: Fact, more: Option<Fact>, facts: &[Fact], arguments: &[Argument]) {
        if object.input.is_none() {
            return;
        }
        for (name, fact) in self.named_arguments(facts, arguments) {
            let key = self.lattice.key(KeyName::Item(name));
            self.note_change(object, key, fact);
        }
        match more {
            Some(more) if more.input.is_some() || self.lattice.shape(more.shape).is_some() => {
                self.note_change(object, Key::EACH, more);
            }
            _ => {}
        }
    }

    /// `cls.kept.append(x)` of a class that came in: what it holds is known, and the caller has it afterwards.
    fn note_change_of_class(&mut self, function: &Function, facts: &[Fact], callee: Value, object: Fact, put: Fact) {
        let Op::Attribute { of: held, .. } = function.op(function.bare(callee)) else { return };
        let Op::Attribute { of: owner, name } = function.op(function.bare(held)) else { return };
        let owner = fact_of(facts, owner);
        if let (None, Some(input), Entity::Class(..)) = (object.input, owner.input, owner.entity) {
            let key = self.attribute_key(name);
            let held = self.lattice.within(input, key);
            self.note_change(Fact { input: Some(held), ..object }, Key::ANY, put);
        }
    }

    /// What a value is after it was passed to a call that is a statement of its own.
    pub(super) fn argument_effect(
        &mut self,
        function: &'p Function,
        facts: &[Fact],
        callee: Value,
        arguments: &[Argument],
        of: Value,
        shared: &Shared,
    ) -> Fact {
        if let Some(after) = self.changed_by_language(function, facts, callee, arguments, of) {
            return after;
        }
        let mut after = fact_of(facts, of);
        let (targets, receiver) = self.project_callees(function, facts, callee, shared);
        if let [target] = targets.as_slice()
            && let Some(local) = self.local(target.0, target.1, shared)
        {
            let mut site = Site::new(function, facts, arguments, *target, receiver, (&local, shared));
            for &(input, stored) in &local.changes {
                let (root, keys) = self.lattice.input_parts(input);
                let keys = keys.to_vec();
                let keys = self.keys_given(&mut site, &keys);
                let passed = self.given_whole(&mut site, root);
                if passed.and_then(|(_, value)| value).is_some_and(|value| function.bare(value) == function.bare(of)) {
                    let stored = self.filled_at(stored, &mut site);
                    after = self.lattice.with(after, &keys, self.models.through_objects, stored);
                }
            }
        }
        let clean = self.returned(function, facts, callee, arguments, of, shared)
            | self.promised_by_answer(function, facts, callee, arguments, of, true, shared);
        if clean == 0 {
            return after;
        }
        let taint = self.lattice.cleaned(after.taint, clean);
        self.lattice.fact_with(after, taint)
    }
}

pub(super) fn says_yes_or_no(name: &str) -> bool {
    matches!(
        name,
        "startswith"
            | "endswith"
            | "count"
            | "find"
            | "rfind"
            | "index"
            | "rindex"
            | "exists"
            | "bit_length"
            | "ratio"
            | "quick_ratio"
            | "__len__"
            | "close"
    ) || name.starts_with("is_")
        || name.starts_with("has_")
        || matches!(
            name,
            "isdigit"
                | "isalpha"
                | "isalnum"
                | "isdecimal"
                | "isnumeric"
                | "isidentifier"
                | "isspace"
                | "isupper"
                | "islower"
                | "isfile"
                | "isdir"
                | "isabs"
                | "islink"
                | "isinstance"
                | "issubclass"
        )
}
