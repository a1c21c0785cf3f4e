//! What lists, dictionaries and objects hold, as they are built, read and changed.

use std::sync::Arc;

use super::super::history::Shared;
use super::site::Local;
use super::{Dunder, Evaluator, fact_of};
use crate::facts::Kinds;
use crate::facts::fact::{Entity, Fact};
use crate::facts::lattice::{Key, KeyName, Konst, MAX_WIDTH, Root, Shape, ShapeId, TaintId};
use crate::names::ModuleId;
use crate::routes;
use crate::syntax::{BinaryOp, Collection, Function, FunctionId, List, Op, Passing, Symbol, Value};

impl<'p> Evaluator<'p> {
    /// The key that a value is when it is used as an index.
    pub(super) fn key_of(&mut self, facts: &[Fact], index: Value) -> Key {
        let fact = fact_of(facts, index);
        self.key_of_fact(fact)
    }

    /// The same of something that a function may be given: what it is, the caller says.
    pub(super) fn given_key(&mut self, fact: Fact) -> Key {
        let key = self.key_of_fact(fact);
        if key == Key::ANY
            && let Some(input) = fact.input
            && let (Root::Parameter(parameter), []) = self.lattice.input_parts(input)
        {
            return self.lattice.key(KeyName::Given(parameter));
        }
        key
    }

    /// The attribute that a value names: `getattr(of, name)`.
    pub(super) fn given_name(&mut self, fact: Fact) -> Key {
        let key = self.given_key(fact);
        match self.lattice.key_name(key).clone() {
            KeyName::Item(name) => self.lattice.key(KeyName::Attribute(name)),
            KeyName::Given(parameter) => self.lattice.key(KeyName::GivenName(parameter)),
            KeyName::GivenName(_) => key,
            _ => Key::ANY,
        }
    }

    pub(super) fn key_of_fact(&mut self, fact: Fact) -> Key {
        let name = match self.lattice.konst(fact.konst) {
            Some(Konst::Text(text)) => KeyName::Item(Arc::clone(text)),
            Some(Konst::Int(at)) => KeyName::Index(*at),
            Some(Konst::Bool(truth)) => KeyName::Index(i64::from(*truth)),
            Some(Konst::Ratio(..) | Konst::None) => KeyName::Any,
            None => self.key_of_pair(fact).unwrap_or(KeyName::Any),
        };
        self.lattice.key(name)
    }

    /// `("a", 1)` as a key: its parts with what no text holds between them.
    fn key_of_pair(&self, fact: Fact) -> Option<KeyName> {
        let len = self.whole_list(fact).filter(|&len| fact.constant && len <= 4)?;
        let shape = self.lattice.shape(fact.shape)?;
        let mut name = String::new();
        for at in 0..len {
            let is_at = |key: Key| *self.lattice.key_name(key) == KeyName::Index(i64::try_from(at).unwrap_or(-1));
            let (_, part) = shape.fields.iter().find(|(key, _)| is_at(*key))?;
            match self.lattice.konst(part.konst)? {
                Konst::Text(text) => name.push_str(text),
                Konst::Int(number) => name.push_str(&number.to_string()),
                _ => return None,
            }
            name.push('\0');
        }
        Some(KeyName::Item(Arc::from(name)))
    }

    pub(super) fn build(&mut self, function: &Function, facts: &[Fact], collection: Collection, items: List) -> Fact {
        let items = function.list(items).to_vec();
        let mut shape = Shape::default();
        let mut constant = true;
        let mut taint = TaintId::default();
        match collection {
            Collection::Dict => {
                for pair in items.chunks(2) {
                    let &[key, value] = pair else { continue };
                    let held = fact_of(facts, value);
                    constant &= held.constant && (key == Value::NONE || fact_of(facts, key).constant);
                    if key == Value::NONE {
                        // `{**other}`
                        let spread = self.lattice.shape(held.shape).cloned().unwrap_or_default();
                        taint = self.lattice.join_taint(taint, held.taint);
                        for (key, fact) in spread.fields {
                            shape.fields.retain(|(known, _)| *known != key);
                            shape.fields.push((key, fact));
                        }
                        shape.rest = self.join_options(shape.rest, spread.rest);
                        continue;
                    }
                    // Keys that somebody outside chooses are part of what the whole says.
                    let named = fact_of(facts, key);
                    let key = self.key_of(facts, key);
                    if key == Key::ANY {
                        let deep = self.lattice.deep(named);
                        taint = self.lattice.join_taint(taint, deep);
                        shape.rest = self.join_options(shape.rest, Some(held));
                    } else if shape.fields.len() > MAX_WIDTH {
                        // So many are not told apart any more.
                        shape.rest = self.join_options(shape.rest, Some(held));
                    } else {
                        shape.fields.retain(|(known, _)| *known != key);
                        shape.fields.push((key, held));
                    }
                }
                shape.len = Some(0);
            }
            Collection::List | Collection::Tuple => {
                let mut known = true;
                let mut at = 0;
                for &item in &items {
                    let held = fact_of(facts, item);
                    constant &= held.constant;
                    // `[*others, one]`, where all others are known.
                    if matches!(function.op(item), Op::Spread(_))
                        && known
                        && let Some(len) = self.whole_list(held).filter(|&len| len <= 8 && len + at < 25)
                    {
                        for (place, fact) in self.items_of(held).into_iter().enumerate() {
                            let key = self.lattice.key(KeyName::Index(i64::try_from(at + place).unwrap_or(i64::MAX)));
                            shape.fields.push((key, fact));
                        }
                        at += len;
                    } else if matches!(function.op(item), Op::Spread(_)) {
                        known = false;
                        let any = self.lattice.read(held, Key::ANY, self.models.through_objects);
                        shape.rest = self.join_options(shape.rest, Some(any));
                    } else if known && at < 25 && !self.in_comprehension(function, item) {
                        let key = self.lattice.key(KeyName::Index(i64::try_from(at).unwrap_or(i64::MAX)));
                        shape.fields.push((key, held));
                        at += 1;
                    } else {
                        known = false;
                        shape.rest = self.join_options(shape.rest, Some(held));
                    }
                }
                shape.len = known.then(|| u32::try_from(at).unwrap_or(u32::MAX));
            }
            Collection::Set => {
                for &item in &items {
                    let held = fact_of(facts, item);
                    constant &= held.constant;
                    shape.rest = self.join_options(shape.rest, Some(held));
                }
            }
        }
        let shape = self.lattice.intern_shape(shape);
        self.lattice.fact_with(Fact { constant, shape, ..Fact::default() }, taint)
    }

    /// Whether an item of a display stands for many, because it is made from the element of something.
    fn in_comprehension(&self, function: &Function, item: Value) -> bool {
        let mut left = vec![item];
        for _ in 0..32 {
            let Some(value) = left.pop() else { return false };
            match function.op(value) {
                Op::Element(_) => return true,
                Op::Parameter(_) | Op::Constant(_) | Op::Name(_) | Op::Phi(_) => {}
                _ => left.extend(function.operands_of(value).into_iter().filter(|one| *one != Value::NONE)),
            }
        }
        false
    }

    pub(super) fn join_options(&mut self, a: Option<Fact>, b: Option<Fact>) -> Option<Fact> {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.lattice.join(a, b)),
            (a, b) => a.or(b),
        }
    }

    /// An element of an iterable: of a dictionary a key, of anything else an item.
    pub(super) fn element(&mut self, function: &Function, facts: &[Fact], of: Value, shared: &Shared) -> Fact {
        let mut whole = fact_of(facts, of);
        if let Some(made) = self.special(whole, Dunder::Iter, &[], shared) {
            whole = made;
        }
        // `__iter__` that returns the object itself.
        if let Some(made) = self.special(whole, Dunder::Next, &[], shared) {
            return made;
        }
        let fact = self.lattice.read(whole, Key::ANY, self.models.through_objects);
        let is_dict = matches!(function.op(function.bare(of)), Op::Build { collection: Collection::Dict, .. })
            || self.lattice.shape(whole.shape).is_some_and(|shape| {
                shape.fields.iter().any(|(key, _)| matches!(self.lattice.key_name(*key), KeyName::Item(_)))
            });
        if is_dict {
            return self.lattice.fact_with(Fact { constant: whole.constant, ..Fact::default() }, whole.taint);
        }
        self.part(whole, "", Fact { constant: whole.constant, ..fact })
    }

    /// What the models know of a part of an object of a library: `socket.socket().accept()[0]`, `message.walk()[]`.
    pub(super) fn part(&mut self, whole: Fact, which: &str, fact: Fact) -> Fact {
        let Entity::Path(path) = whole.entity else { return fact };
        let text = format!("{}[{which}]", self.paths.text(path));
        if !self.models.aliases.contains_key(&text) && !self.models.sources.contains_key(&text) {
            return fact;
        }
        let path = self.paths.intern(&text);
        let entity = self.known_path(path);
        self.sourced(Fact { entity, ..fact })
    }

    pub(super) fn subscript(
        &mut self,
        function: &Function,
        facts: &[Fact],
        of: Value,
        index: Value,
        shared: &Shared,
    ) -> Fact {
        let whole = fact_of(facts, of);
        // A slice of text is text, of a list a list.
        if let Op::Slice(parts) = function.op(index) {
            if let Some(part) = self.slice(function, facts, whole, parts) {
                return part;
            }
            let taint = self.lattice.deep(whole);
            let fact = Fact { constant: whole.constant, ..Fact::default() };
            return self.lattice.fact_with(fact, taint);
        }
        if let (Some(Konst::Text(text)), Some(Konst::Int(at))) =
            (self.lattice.konst(whole.konst), self.lattice.konst(fact_of(facts, index).konst))
        {
            let letter = usize::try_from(*at).ok().and_then(|at| text.chars().nth(at));
            let Some(letter) = letter else { return Fact { constant: true, ..Fact::default() } };
            let konst = self.lattice.intern_konst(Konst::Text(Arc::from(letter.to_string())));
            return Fact { constant: true, konst, ..Fact::default() };
        }
        if let Some(found) = self.special(whole, Dunder::GetItem, &[fact_of(facts, index)], shared) {
            return found;
        }
        // `__builtins__["eval"]`
        if let Op::Name(name) = function.op(function.bare(of))
            && self.module.symbols.text(name) == "__builtins__"
            && let Some(Konst::Text(name)) = self.lattice.konst(fact_of(facts, index).konst)
        {
            let path = self.paths.intern(&format!("builtins.{name}"));
            return Fact { entity: self.known_path(path), ..Fact::default() };
        }
        // `globals()["name"]`
        if let Op::Call { callee, .. } = function.op(of)
            && let Op::Name(name) = function.op(callee)
            && matches!(self.module.symbols.text(name), "globals" | "locals")
            && let Some(Konst::Text(name)) = self.lattice.konst(fact_of(facts, index).konst).cloned()
            && let Some(symbol) = self.module.symbols.find(&name)
        {
            let held: Vec<Fact> = function
                .assigned
                .iter()
                .filter(|(known, _)| *known == symbol)
                .map(|&(_, value)| fact_of(facts, value))
                .collect();
            return if held.is_empty() { self.name(function, symbol, shared) } else { self.join_all(held.into_iter()) };
        }
        // `[*others, one][-1]`
        if let Some(last) = self.item_from_the_end(function, facts, of, index) {
            return Fact { input: None, ..last };
        }
        let mut key = self.key_of(facts, index);
        // What came in empty holds what the caller has put into it.
        let is_open = self.lattice.holds_nothing(whole);
        if key == Key::ANY && whole.input.is_some() && is_open {
            key = self.given_key(fact_of(facts, index));
        }
        // A method of a list that came in reads from the end that the caller knows.
        if whole.input.is_none() || self.lattice.shape(whole.shape).is_some() {
            key = self.index_from_the_end(whole, key);
        }
        let given = if key == Key::ANY && whole.input.is_some() { self.given_key(fact_of(facts, index)) } else { key };
        let mut fact = self.read_given(whole, given);
        // `found["year"]`, where the pattern lets nothing harmful into the group.
        if fact.taint != TaintId::default()
            && matches!(function.op(function.bare(of)), Op::Call { .. })
            && (self.is_plain_group(function, facts, of, Some(fact_of(facts, index)))
                || self.has_plain_names(function, facts, of, fact_of(facts, index)))
        {
            let taint = self.lattice.cleaned(fact.taint, Kinds::MAX);
            return self.lattice.fact_with(Fact { input: None, ..fact }, taint);
        }
        // Whatever the key, a constant table gives out constants.
        fact.constant = whole.constant;
        if let Entity::Path(path) = whole.entity {
            let text = format!("{}[]", self.paths.text(path));
            let path = self.paths.intern(&text);
            fact.entity = match self.known_path(path) {
                // One that a pack has another name for is something, too.
                Entity::Path(known)
                    if known == path && self.info(known).source.is_empty() && self.info(known).call.is_none() =>
                {
                    fact.entity
                }
                other => other,
            };
            if fact.entity == Entity::Path(path) {
                fact = self.sourced(fact);
            }
            if let KeyName::Item(name) = self.lattice.key_name(key).clone() {
                let cell = self.library_cell(&format!("{}[{name}]", text.trim_end_matches("[]")));
                let held = self.cell(cell, shared);
                fact = self.lattice.join(fact, held);
                fact = self.part(whole, &name, fact);
            }
        }
        // A dictionary of the project may say itself what it gives out for what it does not hold.
        if matches!(whole.entity, Entity::Instance(..))
            && self.lattice.field(whole, key).is_none()
            && let Some(made) = self.special_named(whole, "__missing__", &[fact_of(facts, index)], shared)
        {
            fact = self.lattice.join(fact, made);
        }
        // `Depends[…]` and generics keep the class they are about.
        if matches!(whole.entity, Entity::Class(..)) {
            fact.entity = whole.entity;
        }
        if let KeyName::Item(name) = self.lattice.key_name(key).clone()
            && !whole.constant
        {
            let labels = (self.models.by_name)(&name);
            return self.with_labels(fact, labels);
        }
        fact
    }

    /// An index from the end, where the end is known.
    pub(super) fn index_from_the_end(&mut self, whole: Fact, key: Key) -> Key {
        match *self.lattice.key_name(key) {
            KeyName::Index(at) if at < 0 => match self.lattice.shape(whole.shape).and_then(|shape| shape.len) {
                Some(len) => self.lattice.key(KeyName::Index(i64::from(len) + at)),
                None => Key::ANY,
            },
            _ => key,
        }
    }

    /// An item that stands after all that nobody knows the number of, counted from the end.
    fn item_from_the_end(&self, function: &Function, facts: &[Fact], of: Value, index: Value) -> Option<Fact> {
        let Some(&Konst::Int(at)) = self.lattice.konst(fact_of(facts, index).konst) else { return None };
        let from_end = usize::try_from(at.checked_neg()?).ok().filter(|&at| at > 0)?;
        let Op::Build { collection: Collection::List | Collection::Tuple, items } = function.op(function.bare(of))
        else {
            return None;
        };
        let items = function.list(items);
        let after = items.get(items.len().checked_sub(from_end)?..)?;
        let is_one =
            |item: &Value| !matches!(function.op(*item), Op::Spread(_)) && !self.in_comprehension(function, *item);
        let is_spread = items.iter().any(|item| matches!(function.op(*item), Op::Spread(_)));
        (is_spread && after.iter().all(is_one)).then(|| after.first().map(|&item| fact_of(facts, item))).flatten()
    }

    /// What lies under a key that the caller may have to say; all that is known to be there, until then.
    pub(super) fn read_given(&mut self, whole: Fact, key: Key) -> Fact {
        let through = self.models.through_objects;
        let is_open = self.lattice.holds_nothing(whole);
        if !matches!(self.lattice.key_name(key), KeyName::Given(_)) || is_open {
            return self.lattice.read(whole, key, through);
        }
        let held = Fact { taint: TaintId::default(), input: None, ..whole };
        let held = self.lattice.read(held, Key::ANY, through);
        let own = self.lattice.taken_out(whole.taint, key, through);
        let taint = self.lattice.join_taint(held.taint, own);
        self.lattice.fact_with(held, taint)
    }

    /// The part of a text or list that constants cut out.
    fn slice(&mut self, function: &Function, facts: &[Fact], whole: Fact, parts: List) -> Option<Fact> {
        let &[lower, upper, step] = function.list(parts) else { return None };
        let bound = |this: &Self, part: Value| match this.lattice.konst(fact_of(facts, part).konst) {
            _ if part == Value::NONE => Some(None),
            Some(Konst::None) => Some(None),
            Some(Konst::Int(at)) => Some(Some(*at)),
            _ => None,
        };
        let (lower, upper) = (bound(self, lower)?, bound(self, upper)?);
        match bound(self, step)? {
            None | Some(1) => {}
            Some(-1) if lower.is_none() && upper.is_none() => return self.backwards(whole),
            _ => return None,
        }
        let range = |len: usize| {
            let place = |at: i64| {
                let at = if at < 0 { at.saturating_add_unsigned(len as u64) } else { at };
                usize::try_from(at.max(0)).unwrap_or(0).min(len)
            };
            let (from, to) = (lower.map_or(0, place), upper.map_or(len, place));
            (from, to.max(from))
        };
        if let Some(Konst::Text(text)) = self.lattice.konst(whole.konst).cloned() {
            if !text.is_ascii() {
                return None;
            }
            let (from, to) = range(text.len());
            let konst = self.lattice.intern_konst(Konst::Text(Arc::from(text.get(from..to)?)));
            return Some(Fact { constant: true, konst, ..Fact::default() });
        }
        let shape = self.lattice.shape(whole.shape).cloned()?;
        let (from, to) = range(shape.len? as usize);
        let only_items = shape.fields.iter().all(|(key, _)| matches!(self.lattice.key_name(*key), KeyName::Index(_)));
        if !only_items || shape.rest.is_some() {
            return None;
        }
        let mut part = Shape { len: u32::try_from(to - from).ok(), ..Shape::default() };
        for (key, fact) in shape.fields {
            let KeyName::Index(at) = *self.lattice.key_name(key) else { continue };
            let Some(at) = usize::try_from(at).ok().filter(|at| (from..to).contains(at)) else { continue };
            let key = self.lattice.key(KeyName::Index(i64::try_from(at - from).unwrap_or(0)));
            part.fields.push((key, fact));
        }
        let shape = self.lattice.intern_shape(part);
        Some(self.lattice.fact_with(Fact { shape, constant: whole.constant, ..Fact::default() }, whole.taint))
    }

    /// A list from its end to its beginning.
    pub(super) fn backwards(&mut self, of: Fact) -> Option<Fact> {
        let len = i64::try_from(self.whole_list(of)?).ok()?;
        let mut shape = self.lattice.shape(of.shape).cloned()?;
        for (key, _) in &mut shape.fields {
            if let KeyName::Index(at) = *self.lattice.key_name(*key) {
                *key = self.lattice.key(KeyName::Index(len - 1 - at));
            }
        }
        let shape = self.lattice.intern_shape(shape);
        Some(self.lattice.labelled(Fact { shape, input: None, konst: Default::default(), ..of }))
    }

    /// A list whose items may stand anywhere in it.
    pub(super) fn in_any_order(&mut self, of: Fact) -> Fact {
        let Some(mut shape) = self.lattice.shape(of.shape).cloned() else { return of };
        self.forget_places(&mut shape);
        let shape = self.lattice.intern_shape(shape);
        self.lattice.labelled(Fact { shape, ..of })
    }

    /// Two containers as one.
    pub(super) fn put_together(&mut self, op: BinaryOp, left: Fact, right: Fact) -> Fact {
        let one = self.lattice.shape(left.shape).cloned();
        let other = self.lattice.shape(right.shape).cloned();
        let taint = self.lattice.join_taint(left.taint, right.taint);
        let constant = left.constant && right.constant;
        let shape = match (one, other) {
            (Some(mut one), Some(other)) if op == BinaryOp::Add => match (one.len, other.len) {
                (Some(len), Some(more)) => {
                    for (key, fact) in other.fields {
                        if let KeyName::Index(at) = *self.lattice.key_name(key) {
                            let key = self.lattice.key(KeyName::Index(at + i64::from(len)));
                            one.fields.push((key, fact));
                        }
                    }
                    one.rest = self.join_options(one.rest, other.rest);
                    one.len = Some(len.saturating_add(more));
                    one
                }
                _ => {
                    let rest = self.all_of(&one);
                    let more = self.all_of(&other);
                    Shape { rest: self.join_options(rest, more), ..Shape::default() }
                }
            },
            (Some(mut one), Some(other)) => {
                for (key, fact) in other.fields {
                    one.fields.retain(|(known, _)| *known != key);
                    one.fields.push((key, fact));
                }
                one.rest = self.join_options(one.rest, other.rest);
                one
            }
            (one, other) => {
                let shape = one.or(other).unwrap_or_default();
                let rest = self.all_of(&shape);
                Shape { rest, ..Shape::default() }
            }
        };
        let shape = self.lattice.intern_shape(shape);
        self.lattice.fact_with(Fact { constant, shape, ..Fact::default() }, taint)
    }

    fn all_of(&mut self, shape: &Shape) -> Option<Fact> {
        let mut all = shape.rest;
        for (_, fact) in &shape.fields {
            all = self.join_options(all, Some(*fact));
        }
        all
    }

    /// What `with of as …` binds.
    pub(super) fn enter(&mut self, facts: &[Fact], of: Value, shared: &Shared) -> Fact {
        let fact = fact_of(facts, of);
        match fact.entity {
            // `with engine.connect() as connection`: what is entered is mostly the object itself.
            Entity::Path(path) => {
                let text = format!("{}.__enter__()", self.paths.text(path));
                if self.models.aliases.contains_key(&text) {
                    let entered = self.paths.intern(&text);
                    return Fact { entity: self.known_path(entered), ..fact };
                }
                fact
            }
            Entity::Instance(module, class) => {
                let later = self.lattice.key(KeyName::Attribute(Arc::from("__aenter__")));
                let entered = [self.dunder(Dunder::Enter), later]
                    .map(|key| self.class_member(module, class, key, true, 0, shared).entity);
                match entered.into_iter().find(|entity| *entity != Entity::Unknown).unwrap_or_default() {
                    Entity::Method(module, method) => self.local(module, method, shared).map_or(fact, |local| {
                        self.filled(local.returns, &mut |this, input| this.given_to_special(fact, &[], input))
                    }),
                    _ => fact,
                }
            }
            // A generator made a context manager gives what it yields.
            _ if self
                .lattice
                .shape(fact.shape)
                .is_some_and(|shape| shape.fields.is_empty() && shape.rest.is_some())
                || self.whole_list(fact).is_some() =>
            {
                self.lattice.read(fact, Key::ANY, self.models.through_objects)
            }
            _ => fact,
        }
    }

    // --- changes

    pub(super) fn store_attribute(&mut self, of: Fact, key: Key, name: Symbol, stored: Fact) {
        self.note_change(of, key, stored);
        match of.entity {
            Entity::Instance(module, class) | Entity::Class(module, class) => {
                let key = self.attribute_key(name);
                self.store_field(module, class.0, key, stored);
            }
            Entity::Path(path) => {
                let text = format!("{}.{}", self.paths.text(path), self.module.symbols.text(name));
                let cell = self.library_cell(&text);
                self.store(cell, stored);
            }
            _ => {}
        }
    }

    pub(super) fn store_field(&mut self, module: ModuleId, class: u32, key: Key, stored: Fact) {
        // That somebody assigns a constant says that the class's own value is not the only one.
        let stored = Fact { constant: false, konst: Default::default(), ..stored };
        let cell = self.field_cell(module, class, key);
        self.store(cell, stored);
    }

    /// What a name of the module holds is changed in place by a function.
    pub(super) fn store_in_name(&mut self, function: &Function, of: Value, key: Key, stored: Fact) {
        if let Op::Name(name) = function.op(function.bare(of))
            && function.kind != crate::syntax::FunctionKind::Module
        {
            let held = self.lattice.with(Fact::default(), &[key], self.models.through_objects, stored);
            let cell = self.global_cell(self.id, name);
            self.store(cell, held);
        }
    }

    /// What a class holds, others find again: `Table.rows[name] = value`.
    pub(super) fn store_in_class(&mut self, function: &Function, facts: &[Fact], of: Value, key: Key, stored: Fact) {
        let Op::Attribute { of: owner, name } = function.op(function.bare(of)) else { return };
        let (module, class) = match fact_of(facts, owner).entity {
            Entity::Class(module, class) => (module, class),
            _ => return,
        };
        let held = self.lattice.with(Fact::default(), &[key], self.models.through_objects, stored);
        let name = self.attribute_key(name);
        self.store_field(module, class.0, name, held);
        // Of a class that came in, the caller is told as of any object.
        if fact_of(facts, owner).input.is_none() {
            let cell = self.field_cell(module, class.0, name);
            self.keep_open(cell, held);
        }
    }

    pub(super) fn store_item(&mut self, of: Fact, key: Key, stored: Fact) {
        if let (Entity::Path(path), KeyName::Item(name)) = (of.entity, self.lattice.key_name(key).clone())
            // Of a class of a library there are many objects.
            && (!self.paths.text(path).ends_with("()") || routes::is_request(self.paths.text(path)))
        {
            let text = format!("{}[{name}]", self.paths.text(path));
            let cell = self.library_cell(&text);
            self.store(cell, stored);
        }
    }

    /// What a value is after a store into it, or after a call of one of its methods or with it.
    pub(super) fn after(
        &mut self,
        function: &'p Function,
        facts: &[Fact],
        of: Value,
        by: Value,
        shared: &Shared,
    ) -> Fact {
        let before = fact_of(facts, of);
        let through = self.models.through_objects;
        match function.op(by) {
            Op::StoreAttribute { of: target, name, value } => {
                let Some(mut keys) = self.way(function, facts, of, target) else { return before };
                if keys.is_empty()
                    && let Some(after) = self.set_by_property(before, name, fact_of(facts, value), shared)
                {
                    return after;
                }
                keys.push(self.attribute_key(name));
                self.lattice.with(before, &keys, through, fact_of(facts, value))
            }
            Op::StoreItem { of: target, index, value } => {
                let Some(mut keys) = self.way(function, facts, of, target) else { return before };
                let key = self.key_of(facts, index);
                if keys.is_empty()
                    && let Some(after) =
                        self.set_by_object(before, key, [index, value].map(|one| fact_of(facts, one)), shared)
                {
                    return after;
                }
                keys.push(key);
                let stored = self.named_by_key(key, fact_of(facts, value));
                let after = self.lattice.with(before, &keys, through, stored);
                // A key of somebody's choice is in the whole.
                if key == Key::ANY && keys.len() == 1 {
                    let named = self.lattice.deep(fact_of(facts, index));
                    let taint = self.lattice.join_taint(after.taint, named);
                    return self.lattice.fact_with(after, taint);
                }
                after
            }
            Op::Call { callee, arguments } => {
                if let Some(after) = self.after_update_of_attributes(function, facts, of, by) {
                    return after;
                }
                let arguments = function.call_arguments(arguments);
                if let Op::Attribute { of: receiver, name } = function.op(callee)
                    && let Some(keys) = self.way(function, facts, of, receiver)
                {
                    let inner = if keys.is_empty() { before } else { fact_of(facts, receiver) };
                    let given: Vec<Fact> = arguments
                        .iter()
                        .filter(|argument| !matches!(argument.passing, Passing::DoubleStar))
                        .map(|argument| fact_of(facts, argument.value))
                        .collect();
                    let changed = self.method_effect(function, facts, callee, arguments, name, inner, &given, shared);
                    return match changed {
                        Some(changed) => self.lattice.with(before, &keys, through, changed),
                        None => before,
                    };
                }
                self.argument_effect(function, facts, callee, arguments, of, shared)
            }
            _ => before,
        }
    }

    /// What an object of the project is after something was assigned to what its class has a setter for.
    fn set_by_property(&mut self, of: Fact, name: Symbol, value: Fact, shared: &Shared) -> Option<Fact> {
        let setter = self.setter_of(of, name)?;
        let local = self.local(setter.0, setter.1, shared)?;
        Some(self.changed_by_setter(of, &local, &[value]))
    }

    /// The method that a class of the project has under `@name.setter`.
    pub(super) fn setter_of(&self, of: Fact, name: Symbol) -> Option<(ModuleId, FunctionId)> {
        let Entity::Instance(module, class) = of.entity else { return None };
        let text = self.module.symbols.text(name);
        routes::project_classes(self.program, module, class).into_iter().find_map(|(module, class)| {
            let home = self.program.module(module)?;
            let own = home.symbols.find(text)?;
            home.class(class)?.methods.iter().filter(|(known, _)| *known == own).find_map(|&(_, id)| {
                let method = home.function(id)?;
                let around = home.function(method.parent?)?;
                let sets = method.decorators.iter().any(|&decorator| {
                    matches!(around.op(decorator), Op::Attribute { name, .. } if home.symbols.text(name) == "setter")
                });
                sets.then_some((module, id))
            })
        })
    }

    /// What a setter keeps, as if it had been called.
    pub(super) fn set_in_calls(&mut self, of: Fact, setter: (ModuleId, FunctionId), value: Fact, shared: &Shared) {
        let Some(local) = self.local(setter.0, setter.1, shared) else { return };
        self.each_set(of, &local, &[value], &mut |this, keys, stored| this.changed_by_call(of, keys, stored));
    }

    fn changed_by_setter(&mut self, of: Fact, local: &Local, given: &[Fact]) -> Fact {
        let mut after = of;
        self.each_set(of, local, given, &mut |this, keys, stored| {
            after = this.lattice.with(after, keys, this.models.through_objects, stored);
        });
        after
    }

    /// Tells of each part of its object what a method puts there that is given this.
    pub(super) fn each_set(
        &mut self,
        of: Fact,
        local: &Local,
        given: &[Fact],
        set: &mut dyn FnMut(&mut Self, &[Key], Fact),
    ) {
        for &(input, stored) in &local.changes {
            let (root, keys) = self.lattice.input_parts(input);
            if root != Root::Parameter(0) {
                continue;
            }
            let keys: Vec<Key> = keys.to_vec();
            let stored = self.filled(stored, &mut |this, input| this.given_to_special(of, given, input));
            set(self, &keys, stored);
        }
    }

    /// What an object is after `vars(of).update(name=value)` or `of.__dict__.update(values)`.
    fn after_update_of_attributes(
        &mut self,
        function: &Function,
        facts: &[Fact],
        of: Value,
        by: Value,
    ) -> Option<Fact> {
        let Op::Call { callee, arguments } = function.op(by) else { return None };
        let Op::Attribute { of: receiver, name } = function.op(callee) else { return None };
        let owner = match function.op(function.bare(receiver)) {
            Op::Attribute { of, name } if self.module.symbols.text(name) == "__dict__" => of,
            Op::Call { callee, arguments } => match (fact_of(facts, callee).entity, function.call_arguments(arguments))
            {
                (Entity::Path(path), [only]) if self.paths.text(path) == "vars" => only.value,
                _ => return None,
            },
            _ => return None,
        };
        if self.module.symbols.text(name) != "update" || function.bare(owner) != function.bare(of) {
            return None;
        }
        let mut after = fact_of(facts, of);
        for argument in function.call_arguments(arguments) {
            let given = fact_of(facts, argument.value);
            let mut put = Vec::new();
            match argument.passing {
                Passing::Keyword(name) => put.push((self.attribute_key(name), given)),
                _ => {
                    let shape = self.lattice.shape(given.shape).cloned().unwrap_or_default();
                    for (key, fact) in shape.fields {
                        if let KeyName::Item(name) = self.lattice.key_name(key).clone() {
                            put.push((self.lattice.key(KeyName::Attribute(name)), fact));
                        }
                    }
                    if self.lattice.shape(given.shape).is_none() {
                        // Under which names, the caller says.
                        put.push((Key::ALL, given));
                    } else if let Some(rest) = shape.rest {
                        put.push((Key::SOME, rest));
                    }
                }
            }
            for (key, fact) in put {
                self.note_change(after, key, fact);
                after = self.lattice.with(after, &[key], self.models.through_objects, fact);
            }
        }
        Some(after)
    }

    /// What an object of the project is after its `__setitem__` was called.
    fn set_by_object(&mut self, of: Fact, at: Key, given: [Fact; 2], shared: &Shared) -> Option<Fact> {
        let Entity::Instance(module, class) = of.entity else { return None };
        let name = self.lattice.key(KeyName::Attribute(Arc::from("__setitem__")));
        let Entity::Method(module, id) = self.class_member(module, class, name, true, 0, shared).entity else {
            return None;
        };
        let local = self.local(module, id, shared)?;
        let mut after = of;
        for &(input, stored) in &local.changes {
            let (root, keys) = self.lattice.input_parts(input);
            if root != Root::Parameter(0) {
                continue;
            }
            let keys: Vec<Key> = keys
                .iter()
                .map(|&key| if *self.lattice.key_name(key) == KeyName::Given(1) { at } else { key })
                .collect();
            let stored = self.filled(stored, &mut |this, input| {
                let (root, keys) = this.lattice.input_parts(input);
                let keys = keys.to_vec();
                let fact = match Self::parameter_of(root)? {
                    0 => of,
                    place => *given.get(place - 1)?,
                };
                Some(this.walk(fact, &keys))
            });
            after = self.lattice.with(after, &keys, self.models.through_objects, stored);
        }
        Some(after)
    }

    /// The keys that lead from a value to what is stored into.
    fn way(&mut self, function: &Function, facts: &[Fact], from: Value, to: Value) -> Option<Vec<Key>> {
        let mut keys = Vec::new();
        let mut current = to;
        let from = function.bare(from);
        for _ in 0..4 {
            if function.bare(current) == from {
                keys.reverse();
                return Some(keys);
            }
            match function.op(function.bare(current)) {
                Op::Attribute { of, name } => {
                    keys.push(self.attribute_key(name));
                    current = of;
                }
                Op::Subscript { of, index } => {
                    keys.push(self.key_of(facts, index));
                    current = of;
                }
                // `groups.setdefault(name, []).append(x)`
                Op::Call { callee, arguments } => {
                    let Op::Attribute { of, name } = function.op(function.bare(callee)) else { return None };
                    if self.module.symbols.text(name) != "setdefault" {
                        return None;
                    }
                    let first = function.call_arguments(arguments).first()?.value;
                    keys.push(self.key_of(facts, first));
                    current = of;
                }
                _ => return None,
            }
        }
        None
    }

    /// The name in which a container lies that is changed, and the keys that lead to it: `handlers.setdefault(name, [])`.
    pub(super) fn way_from_name(
        &mut self,
        function: &Function,
        facts: &[Fact],
        to: Value,
    ) -> Option<(Symbol, Vec<Key>)> {
        let mut root = function.bare(to);
        for _ in 0..3 {
            root = match function.op(root) {
                Op::Subscript { of, .. } => function.bare(of),
                Op::Call { callee, .. } => match function.op(function.bare(callee)) {
                    Op::Attribute { of, .. } => function.bare(of),
                    _ => return None,
                },
                _ => break,
            };
        }
        let Op::Name(name) = function.op(root) else { return None };
        Some((name, self.way(function, facts, root, to)?))
    }

    /// What a container is after one of its methods has changed it.
    pub(super) fn container_effect(&mut self, method: &str, of: Fact, given: &[Fact]) -> Option<Fact> {
        let first = given.first().copied().unwrap_or_default();
        let known = self.lattice.shape(of.shape).cloned();
        let fresh = known.is_none();
        let mut shape = known.unwrap_or_default();
        match method {
            "append" | "put" | "put_nowait" | "push" | "send" => self.put_last(&mut shape, first),
            // `variable.set(value)` of a context variable.
            "set" | "set_result" if given.len() == 1 => shape = Shape { rest: Some(first), ..Shape::default() },
            "appendleft" if self.whole_list(of).is_some_and(|len| len < 24) => {
                self.move_items(&mut shape, 0, 1);
                let key = self.lattice.key(KeyName::Index(0));
                shape.fields.push((key, first));
                shape.len = shape.len.map(|len| len + 1);
            }
            "add" | "appendleft" | "addAll" => {
                shape.rest = self.join_options(shape.rest, Some(first));
                self.forget_places(&mut shape);
            }
            "insert" => {
                let second = given.get(1).copied().unwrap_or_default();
                match (self.index(first), shape.len) {
                    (Some(at), Some(len)) if at <= i64::from(len) => {
                        self.move_items(&mut shape, at, 1);
                        let key = self.lattice.key(KeyName::Index(at));
                        shape.fields.push((key, second));
                        shape.len = Some(len + 1);
                    }
                    _ => {
                        shape.rest = self.join_options(shape.rest, Some(second));
                        self.forget_places(&mut shape);
                    }
                }
            }
            "extend" | "update" | "extendleft" | "read_dict" => {
                let more = self.lattice.shape(first.shape).cloned();
                let taint = self.lattice.join_taint(of.taint, first.taint);
                match more {
                    Some(more)
                        if matches!(method, "update" | "read_dict") || shape.len.is_some() && more.len.is_some() =>
                    {
                        let offset = if matches!(method, "update" | "read_dict") {
                            0
                        } else {
                            i64::from(shape.len.unwrap_or(0))
                        };
                        // `extendleft` puts the last of them first.
                        let turned = (method == "extendleft").then(|| i64::from(more.len.unwrap_or(0)));
                        if let Some(len) = turned {
                            self.move_items(&mut shape, 0, len);
                        }
                        for (key, fact) in more.fields {
                            let key = match (self.lattice.key_name(key).clone(), turned) {
                                (KeyName::Index(at), Some(len)) => self.lattice.key(KeyName::Index(len - 1 - at)),
                                (KeyName::Index(at), None) => self.lattice.key(KeyName::Index(at + offset)),
                                _ => key,
                            };
                            shape.fields.retain(|(known, _)| *known != key);
                            shape.fields.push((key, fact));
                        }
                        shape.rest = self.join_options(shape.rest, more.rest);
                        shape.len = shape.len.zip(more.len).map(|(a, b)| a.saturating_add(b));
                    }
                    Some(more) => {
                        let all = self.all_of(&more);
                        shape.rest = self.join_options(shape.rest, all);
                        self.forget_places(&mut shape);
                    }
                    None => shape.len = None,
                }
                let shape = self.lattice.intern_shape(shape);
                return Some(self.lattice.fact_with(Fact { shape, constant: false, ..of }, taint));
            }
            "get" | "get_nowait" if !fresh && self.queue_of(of).is_some() => {
                let len = shape.len.unwrap_or(0);
                match self.queue_end(of) {
                    Some(at) => {
                        let key = self.lattice.key(KeyName::Index(at));
                        shape.fields.retain(|(known, _)| *known != key);
                        self.move_items(&mut shape, at + 1, -1);
                        shape.len = Some(len.saturating_sub(1));
                    }
                    None => self.forget_places(&mut shape),
                }
            }
            "pop" | "popleft" if !fresh => {
                let at = match (given.first(), shape.len) {
                    (None, Some(len)) if method == "pop" => Some(i64::from(len) - 1),
                    (None, Some(_)) => Some(0),
                    (Some(&fact), _) => match self.lattice.konst(fact.konst) {
                        Some(Konst::Text(name)) => {
                            let key = self.lattice.find_key(&KeyName::Item(Arc::clone(name)));
                            shape.fields.retain(|(known, _)| Some(*known) != key);
                            let shape = self.lattice.intern_shape(shape);
                            return Some(self.lattice.labelled(Fact { shape, ..of }));
                        }
                        Some(Konst::Int(at)) => Some(*at),
                        _ => None,
                    },
                    _ => None,
                };
                match (at, shape.len) {
                    (Some(at), Some(len)) if (0..i64::from(len)).contains(&at) => {
                        let key = self.lattice.key(KeyName::Index(at));
                        shape.fields.retain(|(known, _)| *known != key);
                        self.move_items(&mut shape, at + 1, -1);
                        shape.len = Some(len - 1);
                    }
                    _ => self.forget_places(&mut shape),
                }
            }
            "remove" if self.place_of(of, first).is_some() => {
                let at = self.place_of(of, first).unwrap_or_default();
                let key = self.lattice.key(KeyName::Index(at));
                shape.fields.retain(|(known, _)| *known != key);
                self.move_items(&mut shape, at + 1, -1);
                shape.len = shape.len.map(|len| len.saturating_sub(1));
            }
            "reverse" if self.whole_list(of).is_some() => return self.backwards(of),
            "remove" | "discard" | "reverse" | "sort" | "rotate" if !fresh => self.forget_places(&mut shape),
            "clear" => shape = Shape { len: Some(0), ..Shape::default() },
            "setdefault" | "set" | "__setitem__" if given.len() >= 2 => {
                let value = given.last().copied().unwrap_or_default();
                // What is there stays there.
                if let ("setdefault", &[name, _]) = (method, given)
                    && let key = self.key_of_fact(name)
                    && key != Key::ANY
                    && self.lattice.field(of, key).is_some_and(|there| there.constant)
                {
                    return None;
                }
                // `config.set(section, option, value)` has one more key.
                let keys: Vec<Key> = given[..given.len() - 1].iter().map(|&key| self.key_of_fact(key)).collect();
                let through = self.models.through_objects;
                return Some(self.lattice.with(of, &keys, through, value));
            }
            _ => return None,
        }
        let shape = self.lattice.intern_shape(shape);
        Some(self.lattice.labelled(Fact { shape, constant: of.constant && given.iter().all(|one| one.constant), ..of }))
    }

    fn put_last(&mut self, shape: &mut Shape, fact: Fact) {
        match shape.len {
            Some(len) if len < 24 => {
                let key = self.lattice.key(KeyName::Index(i64::from(len)));
                shape.fields.push((key, fact));
                shape.len = Some(len + 1);
            }
            _ => {
                shape.rest = self.join_options(shape.rest, Some(fact));
                shape.len = None;
            }
        }
    }

    /// Where a constant stands in a list of which all items before it are other constants.
    fn place_of(&self, of: Fact, wanted: Fact) -> Option<i64> {
        let len = self.whole_list(of)?;
        // Of several constants and one thing that is none, the one that is taken out can only be that.
        if self.lattice.konst(wanted.konst).is_none() {
            let items: Vec<(i64, Fact)> = (0..i64::try_from(len).ok()?)
                .filter_map(|at| Some((at, self.lattice.field(of, self.lattice.find_key(&KeyName::Index(at))?)?)))
                .collect();
            let mut others = items.iter().filter(|(_, held)| self.lattice.konst(held.konst).is_none());
            return match (others.next(), others.next()) {
                (Some(&(at, held)), None) if held.taint == wanted.taint && wanted.taint != TaintId::default() => {
                    Some(at)
                }
                _ => None,
            };
        }
        for at in 0..i64::try_from(len).ok()? {
            let held = self.lattice.field(of, self.lattice.find_key(&KeyName::Index(at))?)?;
            if held.konst == wanted.konst {
                return Some(at);
            }
            self.lattice.konst(held.konst)?;
        }
        None
    }

    /// Which kind of queue an object is.
    pub(super) fn queue_of(&self, of: Fact) -> Option<&str> {
        let Entity::Path(path) = of.entity else { return None };
        let path = self.paths.text(path).strip_suffix("()")?;
        is_queue(path).then_some(path)
    }

    /// The place of what a queue hands out next.
    pub(super) fn queue_end(&self, of: Fact) -> Option<i64> {
        let path = self.queue_of(of)?;
        let len = i64::try_from(self.whole_list(of)?).ok()?;
        if path.ends_with("PriorityQueue") {
            return None;
        }
        Some(if path.ends_with("LifoQueue") { len - 1 } else { 0 })
    }

    fn index(&self, fact: Fact) -> Option<i64> {
        match self.lattice.konst(fact.konst) {
            Some(Konst::Int(at)) if *at >= 0 => Some(*at),
            _ => None,
        }
    }

    fn move_items(&mut self, shape: &mut Shape, from: i64, by: i64) {
        for at in 0..shape.fields.len() {
            if let KeyName::Index(index) = *self.lattice.key_name(shape.fields[at].0)
                && index >= from
            {
                shape.fields[at].0 = self.lattice.key(KeyName::Index(index + by));
            }
        }
    }

    /// All items may be anywhere from now on.
    fn forget_places(&mut self, shape: &mut Shape) {
        let mut rest = shape.rest;
        let fields = std::mem::take(&mut shape.fields);
        for (key, fact) in fields {
            if matches!(self.lattice.key_name(key), KeyName::Index(_)) {
                rest = self.join_options(rest, Some(fact));
            } else {
                shape.fields.push((key, fact));
            }
        }
        shape.rest = rest;
        shape.len = None;
    }

    /// An empty container.
    pub(super) fn empty_container(&mut self) -> ShapeId {
        self.lattice.intern_shape(Shape { len: Some(0), ..Shape::default() })
    }
}

/// Whether a class of the library is a queue.
pub(super) fn is_queue(path: &str) -> bool {
    matches!(
        path,
        "queue.Queue"
            | "queue.SimpleQueue"
            | "queue.LifoQueue"
            | "queue.PriorityQueue"
            | "multiprocessing.Queue"
            | "asyncio.Queue"
            | "asyncio.LifoQueue"
    )
}
