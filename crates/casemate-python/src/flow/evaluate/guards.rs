//! What a test shows of a value: for which sinks it is harmless where the test came out so.

use std::sync::Arc;

use super::super::history::Shared;
use super::{Evaluator, ImportTo, all, fact_of};
use crate::facts::fact::{Entity, Fact, Labels};
use crate::facts::lattice::{Atom, KeyName, Konst, Origin};
use crate::facts::{GuardModel, Holds, Kinds};
use crate::names::{Definition, ModuleId};
use crate::syntax::{BinaryOp, Collection, CompareOp, Constant, Function, FunctionId, List, Op, Symbol, Value};

impl<'p> Evaluator<'p> {
    /// The sink kinds for which a test that came out as `held` shows that `of` is harmless.
    #[expect(clippy::too_many_arguments, reason = "one question about one test")]
    pub(super) fn clears(
        &mut self,
        function: &'p Function,
        facts: &[Fact],
        of: Value,
        test: Value,
        held: bool,
        depth: u32,
        shared: &Shared,
    ) -> Kinds {
        if depth > 8 || !self.step() {
            return 0;
        }
        let same = |value: Value| tested(function, value) == tested(function, of);
        // What is empty harms nobody.
        if !held && function.bare(test) == function.bare(of) {
            return Kinds::MAX;
        }
        match function.op(test) {
            Op::Not(inner) => self.clears(function, facts, of, inner, !held, depth + 1, shared),
            Op::And(list) if held => self.any_clears(function, facts, of, list, held, depth, shared),
            Op::Or(list) if !held => self.any_clears(function, facts, of, list, held, depth, shared),
            // One of them came out so, and nobody knows which.
            Op::And(list) | Op::Or(list) => function.list(list).iter().fold(Kinds::MAX, |mask, &test| {
                if mask == 0 { 0 } else { mask & self.clears(function, facts, of, test, held, depth + 1, shared) }
            }),
            Op::Compare { op: CompareOp::In, left, right } if held => {
                self.membership(function, facts, of, [left, right], shared)
            }
            Op::Compare { op: CompareOp::NotIn, left, right } if !held => {
                self.membership(function, facts, of, [left, right], shared)
            }
            // `if "<" in text: abort(400)`
            Op::Compare { op: CompareOp::In | CompareOp::NotIn, left, right } if same(right) => {
                match self.lattice.konst(fact_of(facts, left).konst) {
                    Some(Konst::Text(text)) => self.models.without_text(text),
                    _ => 0,
                }
            }
            Op::Compare { op: CompareOp::Eq, left, right } if held => self.equality(function, facts, of, left, right),
            Op::Compare { op: CompareOp::NotEq, left, right } if !held => {
                self.equality(function, facts, of, left, right)
            }
            Op::Compare { op: CompareOp::Is | CompareOp::Eq, left, right } if !held && is_empty(function, right) => {
                self.clears(function, facts, of, left, true, depth + 1, shared)
            }
            Op::Compare { op: CompareOp::IsNot | CompareOp::NotEq, left, right }
                if held && is_empty(function, right) =>
            {
                self.clears(function, facts, of, left, true, depth + 1, shared)
            }
            Op::Refine { of: inner, .. } | Op::Await(inner) => {
                self.clears(function, facts, of, inner, held, depth + 1, shared)
            }
            Op::Call { callee, arguments } => {
                let arguments = function.call_arguments(arguments);
                let path = match fact_of(facts, callee).entity {
                    Entity::Path(path) => self.paths.text(path).to_owned(),
                    _ => String::new(),
                };
                // `if len(routes.allowed(path)):`
                if let ("len" | "bool", [only]) = (path.as_str(), arguments) {
                    return self.clears(function, facts, of, only.value, held, depth + 1, shared);
                }
                let method = match function.op(callee) {
                    Op::Attribute { of, name } => Some((of, name)),
                    _ => None,
                };
                let models = self.models;
                let by_name = method.and_then(|(_, name)| models.method_guards.get(self.module.symbols.text(name)));
                let mut mask = 0;
                for guard in models.guards.get(&path).into_iter().chain(by_name).flatten() {
                    if guard.holds == Holds::Equal {
                        continue;
                    }
                    mask |= self.guard(function, facts, callee, arguments, guard, of, held);
                }
                mask |= self.own_guard(function, facts, callee, arguments, of, held, shared);
                mask |= self.promised_by_answer(function, facts, callee, arguments, of, held, shared);
                mask |= all(self.every_character(function, facts, &path, arguments, of, held));
                // `any(name == known for known in KNOWN)`: for one of them the test came out so.
                if matches!((path.as_str(), held), ("any", true) | ("all", false))
                    && let [only] = arguments
                    && let Op::Build { items, .. } = function.op(function.bare(only.value))
                    && let &[test] = function.list(items)
                {
                    mask |= self.clears(function, facts, of, test, held, depth + 1, shared);
                }
                if !held {
                    return mask;
                }
                let passed = |at: usize| arguments.get(at).is_some_and(|argument| same(argument.value));
                mask | all(match path.as_str() {
                    "isinstance" => {
                        // What came as text is no object of the program.
                        let is_known = matches!(fact_of(facts, of).entity, Entity::Instance(..));
                        passed(0)
                            && arguments
                                .get(1)
                                .is_some_and(|kind| self.safe_kind(function, facts, kind.value, !is_known))
                    }
                    "re.fullmatch" | "re.match" => {
                        passed(1)
                            && arguments.first().is_some_and(|pattern| {
                                self.narrow_pattern(function, pattern.value, path == "re.fullmatch")
                            })
                    }
                    _ => match method {
                        Some((receiver, name)) => match self.module.symbols.text(name) {
                            "isdigit" | "isdecimal" | "isnumeric" | "isalnum" | "isalpha" | "isidentifier" => {
                                same(receiver)
                            }
                            name @ ("fullmatch" | "match") if passed(0) => match function.op(function.bare(receiver)) {
                                Op::Name(symbol) if self.compiled_pattern(symbol, name == "fullmatch") => true,
                                Op::Name(_) | Op::Import(_) => self
                                    .pattern_elsewhere(function, receiver)
                                    .is_some_and(|text| narrow(text, name == "fullmatch")),
                                Op::Call { arguments, .. } => {
                                    function.call_arguments(arguments).first().is_some_and(|pattern| {
                                        self.narrow_pattern(function, pattern.value, name == "fullmatch")
                                    })
                                }
                                _ => false,
                            },
                            _ => false,
                        },
                        None => false,
                    },
                })
            }
            // `if set(name) - ALLOWED:`
            Op::Binary { op: BinaryOp::Sub, left, right } if !held => {
                all(self.is_set_of(function, facts, left, of) && self.plain_characters(function, facts, right, 0))
            }
            Op::Compare { op: CompareOp::LessOrEqual | CompareOp::Less, left, right } if held => {
                all(self.is_set_of(function, facts, left, of) && self.plain_characters(function, facts, right, 0))
            }
            // `if urlsplit(url).netloc:`
            Op::Attribute { .. } if !held => self.derived(function, facts, of, test),
            _ => 0,
        }
    }

    /// `all(c.isalnum() for c in name)`, `any(c not in ALLOWED for c in name)`, `set(name).issubset(ALLOWED)`.
    fn every_character(
        &self,
        function: &Function,
        facts: &[Fact],
        path: &str,
        arguments: &[crate::syntax::Argument],
        of: Value,
        held: bool,
    ) -> bool {
        let wanted = match path {
            "all" => true,
            "any" => false,
            _ => return false,
        };
        let Some(first) = arguments.first() else { return false };
        let Op::Build { items, .. } = function.op(function.bare(first.value)) else { return false };
        let &[test] = function.list(items) else { return false };
        held == wanted && self.plain_test(function, facts, test, of, wanted, 0)
    }

    /// Whether a test that came out so shows of an element of a text that it is a harmless character.
    fn plain_test(&self, function: &Function, facts: &[Fact], test: Value, of: Value, held: bool, depth: u32) -> bool {
        let is_element = |value: Value| matches!(function.op(function.bare(value)), Op::Element(whole) if tested(function, whole) == tested(function, of));
        if depth > 4 {
            return false;
        }
        match function.op(function.bare(test)) {
            Op::Not(inner) => self.plain_test(function, facts, inner, of, !held, depth + 1),
            Op::And(list) | Op::Or(list) => {
                let any = matches!(function.op(function.bare(test)), Op::And(_)) == held;
                let mut each = function
                    .list(list)
                    .iter()
                    .map(|&inner| self.plain_test(function, facts, inner, of, held, depth + 1));
                if any { each.any(|plain| plain) } else { each.all(|plain| plain) }
            }
            Op::Compare { op: CompareOp::In, left, right } if held => {
                is_element(left) && self.plain_characters(function, facts, right, 0)
            }
            Op::Compare { op: CompareOp::NotIn, left, right } if !held => {
                is_element(left) && self.plain_characters(function, facts, right, 0)
            }
            Op::Call { callee, .. } if held => match function.op(function.bare(callee)) {
                Op::Attribute { of, name } => {
                    is_element(of)
                        && matches!(
                            self.module.symbols.text(name),
                            "isalnum" | "isalpha" | "isdigit" | "isdecimal" | "isnumeric" | "isidentifier"
                        )
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// `set(text)`
    fn is_set_of(&self, function: &Function, facts: &[Fact], value: Value, of: Value) -> bool {
        let Op::Call { callee, arguments } = function.op(function.bare(value)) else { return false };
        let is_set = matches!(fact_of(facts, callee).entity, Entity::Path(path) if matches!(self.paths.text(path), "set" | "frozenset"));
        let about = |value: Value| tested(function, value) == tested(function, of);
        is_set
            && matches!(function.call_arguments(arguments), [only] if about(only.value) || self.is_split(function, only.value).is_some_and(about))
    }

    /// The text that is cut at a sign: `text` of `text.split(",")`.
    fn is_split(&self, function: &Function, value: Value) -> Option<Value> {
        let Op::Call { callee, arguments } = function.op(function.bare(value)) else { return None };
        let Op::Attribute { of, name } = function.op(function.bare(callee)) else { return None };
        let by = function.call_arguments(arguments).first().map(|by| function.op(function.bare(by.value)));
        let is_harmless = match by {
            None => true,
            Some(Op::Constant(Constant::Str(text))) => {
                self.module.string(text).chars().all(|c| matches!(c, ',' | ' ' | ':' | '|' | '-' | '_' | '.'))
            }
            Some(_) => false,
        };
        (is_harmless && self.module.symbols.text(name) == "split").then_some(of)
    }

    /// Letters, digits and what joins them in names, or words of them: none means anything to an interpreter.
    fn plain_characters(&self, function: &Function, facts: &[Fact], value: Value, depth: u32) -> bool {
        let value = function.bare(value);
        if depth > 4 {
            return false;
        }
        let is_plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
        if let Some(Konst::Text(text)) = self.lattice.konst(fact_of(facts, value).konst) {
            return is_plain(text);
        }
        match function.op(value) {
            Op::Binary { op: BinaryOp::Add | BinaryOp::BitOr, left, right } => {
                self.plain_characters(function, facts, left, depth + 1)
                    && self.plain_characters(function, facts, right, depth + 1)
            }
            Op::Call { arguments, .. } => match function.call_arguments(arguments) {
                [only] => self.plain_characters(function, facts, only.value, depth + 1),
                _ => false,
            },
            Op::Build { collection: Collection::List | Collection::Tuple | Collection::Set, items } => {
                let items = function.list(items);
                let is_plain = |item: &Value| matches!(function.op(function.bare(*item)), Op::Constant(Constant::Str(text)) if is_plain(self.module.string(text)));
                !items.is_empty() && items.iter().all(is_plain)
            }
            Op::Name(name) => self.module_value(name).is_some_and(|(body, held)| {
                let facts = Arc::clone(&self.values[0]);
                depth == 0 && self.plain_characters(body, &facts, held, depth + 1)
            }),
            _ => matches!(fact_of(facts, value).entity, Entity::Path(path) if matches!(
                self.paths.text(path),
                "string.ascii_letters" | "string.ascii_lowercase" | "string.ascii_uppercase" | "string.digits" | "string.hexdigits"
            )),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one question about one test")]
    fn any_clears(
        &mut self,
        function: &'p Function,
        facts: &[Fact],
        of: Value,
        list: List,
        held: bool,
        depth: u32,
        shared: &Shared,
    ) -> Kinds {
        let tests = function.list(list);
        tests.iter().fold(0, |mask, &test| mask | self.clears(function, facts, of, test, held, depth + 1, shared))
    }

    /// `x in (…)`: one of several constants, or of several things the program itself knows.
    fn membership(
        &mut self,
        function: &Function,
        facts: &[Fact],
        of: Value,
        [left, right]: [Value; 2],
        shared: &Shared,
    ) -> Kinds {
        let among = fact_of(facts, right);
        // An object of the project says itself what is in it.
        if let Entity::Instance(module, class) = among.entity {
            let key = self.lattice.key(KeyName::Attribute(Arc::from("__contains__")));
            if let Entity::Method(module, id) = self.class_member(module, class, key, true, 0, shared).entity {
                let checks = self.ask_summary(module, id, shared).map(|summary| summary.checks.clone());
                return checks
                    .unwrap_or_default()
                    .iter()
                    .filter(|check| check.parameter == 1 && matches!(check.holds, Holds::Yes | Holds::Returns))
                    .filter(|_| tested(function, left) == tested(function, of))
                    .fold(0, |mask, check| mask | check.clears);
            }
        }
        // `name in Colour.__members__`
        if let Op::Attribute { of: class, name } = function.op(function.bare(right))
            && self.module.symbols.text(name) == "__members__"
            && let Entity::Class(module, class) = fact_of(facts, class).entity
            && self.is_enumeration(module, class, 0)
            && tested(function, left) == tested(function, of)
        {
            return Kinds::MAX;
        }
        let mask = self.compared(function, facts, of, right);
        if mask != 0 {
            return mask;
        }
        if is_text(function, right) {
            // What is part of a text of letters and digits is made of them.
            let is_plain =
                tested(function, left) == tested(function, of) && self.plain_characters(function, facts, right, 0);
            return all(is_plain);
        }
        if let Entity::Path(path) = among.entity
            && let Some(&mask) = self.models.members.get(self.paths.text(path))
            && tested(function, left) == tested(function, of)
        {
            return mask;
        }
        let own = match function.op(function.bare(right)) {
            _ if among.constant => Kinds::MAX,
            Op::Parameter(_) => 0,
            _ => self.own(among),
        };
        if own == 0 {
            return 0;
        }
        if tested(function, left) == tested(function, of) {
            return own & if among.constant { Kinds::MAX } else { self.models.listed };
        }
        own & self.derived(function, facts, of, left)
    }

    /// What it shows of a value that something worked out from it was compared: `commonpath([BASE, path]) == BASE`,
    /// `BASE in path.parents`.
    fn compared(&mut self, function: &Function, facts: &[Fact], of: Value, worked_out: Value) -> Kinds {
        let value = function.bare(worked_out);
        let (named, callee, arguments) = match function.op(value) {
            Op::Call { callee, arguments } => (callee, callee, function.call_arguments(arguments)),
            Op::Attribute { .. } => (value, value, &[][..]),
            _ => return 0,
        };
        // `Path(commonpath([BASE, path])) == BASE`
        if let (Entity::Path(path), [inner]) = (fact_of(facts, named).entity, arguments)
            && matches!(self.paths.text(path), "pathlib.Path" | "pathlib.PurePath" | "str" | "os.fspath")
        {
            return self.compared(function, facts, of, inner.value);
        }
        let models = self.models;
        let by_path = match fact_of(facts, named).entity {
            Entity::Path(path) => models.guards.get(self.paths.text(path)),
            _ => None,
        };
        let by_name = match function.op(named) {
            Op::Attribute { name, .. } => models.method_guards.get(self.module.symbols.text(name)),
            _ => None,
        };
        by_path
            .into_iter()
            .chain(by_name)
            .flatten()
            .filter(|guard| guard.holds == Holds::Equal)
            .fold(0, |mask, guard| mask | self.guard(function, facts, callee, arguments, guard, of, true))
    }

    /// The sink kinds for which a value counts as of the program's own making.
    fn own(&mut self, fact: Fact) -> Kinds {
        if !matches!(fact.entity, Entity::Unknown | Entity::Path(_)) {
            return 0;
        }
        let deep = self.lattice.deep(fact);
        let (peers, callers) = (self.models.peers, self.models.callers);
        let is_of = |atom: &Atom, of: Labels| matches!(atom.origin, Origin::Kind(kind) if of.meets(Labels::kind(kind)));
        let is_peer = |atom: &Atom| is_of(atom, peers);
        match deep {
            // Whoever uses a library tells it what is allowed.
            _ if self.lattice.atoms(deep).iter().all(|atom| is_of(atom, callers)) => Kinds::MAX,
            // SECURITY: a browser cannot be made to send another host; whoever asks the server directly can.
            _ if self.lattice.atoms(deep).iter().all(is_peer) => self.models.peered,
            _ => 0,
        }
    }

    fn equality(&mut self, function: &Function, facts: &[Fact], of: Value, left: Value, right: Value) -> Kinds {
        for (one, other) in [(left, right), (right, left)] {
            let mask = self.compared(function, facts, of, one);
            if mask != 0 {
                return mask;
            }
            let fixed = fact_of(facts, other);
            let known = fixed.constant && !is_none(function, other);
            if known && tested(function, one) == tested(function, of) {
                return Kinds::MAX;
            }
            let own = match () {
                () if known => Kinds::MAX,
                () if is_none(function, other) => 0,
                () => self.own(fixed),
            };
            if own != 0 {
                let mask = own & self.derived(function, facts, of, one);
                if mask != 0 {
                    return mask;
                }
            }
        }
        0
    }

    /// What it shows of a value that something read from it is one of a few: `urlparse(url).hostname in ALLOWED`.
    fn derived(&mut self, function: &Function, facts: &[Fact], of: Value, read: Value) -> Kinds {
        let mut current = function.bare(read);
        let subject = tested(function, of);
        for _ in 0..6 {
            if let Entity::Path(path) = fact_of(facts, current).entity
                && let Some(&mask) = self.models.derived_guards.get(self.paths.text(path))
                && self.comes_from(function, current, subject, 0)
            {
                return mask;
            }
            current = match function.op(current) {
                Op::Attribute { of, .. } | Op::Subscript { of, .. } | Op::Item { of, .. } => function.bare(of),
                Op::Call { callee, .. } => match function.op(function.bare(callee)) {
                    Op::Attribute { of, .. } => function.bare(of),
                    _ => return 0,
                },
                _ => return 0,
            };
        }
        0
    }

    fn comes_from(&self, function: &Function, value: Value, subject: Value, depth: u32) -> bool {
        if tested(function, value) == subject {
            return true;
        }
        depth < 6
            && function
                .operands_of(value)
                .into_iter()
                .filter(|one| *one != Value::NONE && one.0 < value.0)
                .any(|one| self.comes_from(function, one, subject, depth + 1))
    }

    #[expect(clippy::too_many_arguments, reason = "one question about one call")]
    pub(super) fn guard(
        &mut self,
        function: &Function,
        facts: &[Fact],
        callee: Value,
        arguments: &[crate::syntax::Argument],
        guard: &GuardModel,
        of: Value,
        held: bool,
    ) -> Kinds {
        let says = match guard.holds {
            Holds::Yes => held,
            Holds::No => !held,
            Holds::Returns | Holds::Equal => true,
        };
        if !says {
            return 0;
        }
        let subject = tested(function, of);
        let about = |value: Value| {
            let carries = |value: Value| guard.needs.is_empty() || fact_of(facts, value).labels.meets(guard.needs);
            tested(function, value) == subject && (carries(of) || carries(value))
                || guard.through && carries(value) && self.comes_from(function, value, subject, 0)
        };
        let holds = self.arguments_at(function, callee, arguments, &guard.tested).into_iter().any(|value| {
            about(value)
                // `commonpath([base, path])` speaks of each.
                || matches!(function.op(function.bare(value)), Op::Build { items, .. } if function.list(items).iter().any(|&item| item != Value::NONE && about(item)))
        });
        if holds { guard.clears } else { 0 }
    }

    /// What the answer of a function of the project shows.
    #[expect(clippy::too_many_arguments, reason = "one question about one call")]
    fn own_guard(
        &mut self,
        function: &'p Function,
        facts: &[Fact],
        callee: Value,
        arguments: &[crate::syntax::Argument],
        of: Value,
        held: bool,
        shared: &Shared,
    ) -> Kinds {
        let (targets, receiver) = self.project_callees(function, facts, callee, shared);
        let [(module, id)] = targets.as_slice() else { return 0 };
        let Some(summary) = self.ask_summary(*module, *id, shared) else { return 0 };
        let subject = tested(function, of);
        let mut mask = 0;
        for check in &summary.checks {
            let says = match check.holds {
                Holds::Yes => held,
                Holds::No => !held,
                Holds::Returns | Holds::Equal => true,
            };
            if says
                && let Some((_, Some(passed))) =
                    self.passed_for(facts, arguments, *module, *id, usize::from(check.parameter), receiver)
                && tested(function, passed) == subject
            {
                mask |= check.clears;
            }
        }
        if held {
            mask |= self.among_passed(function, facts, arguments, (*module, *id), receiver, (of, Holds::Yes));
        }
        mask
    }

    /// What it shows of a value that a function found it in a list of constants that it was passed.
    fn among_passed(
        &mut self,
        function: &Function,
        facts: &[Fact],
        arguments: &[crate::syntax::Argument],
        (module, id): (ModuleId, FunctionId),
        receiver: Option<Value>,
        (of, holds): (Value, Holds),
    ) -> Kinds {
        let picked = self.picked(facts, arguments, (module, id), receiver, holds);
        all(picked.into_iter().any(|parameter| {
            self.passed_for(facts, arguments, module, id, parameter, receiver)
                .and_then(|(_, value)| value)
                .is_some_and(|value| tested(function, value) == tested(function, of))
        }))
    }

    /// What it shows of a value that a call with it came back.
    pub(super) fn returned(
        &mut self,
        function: &'p Function,
        facts: &[Fact],
        callee: Value,
        arguments: &[crate::syntax::Argument],
        of: Value,
        shared: &Shared,
    ) -> Kinds {
        let models = self.models;
        let mut mask = 0;
        if let Entity::Path(path) = fact_of(facts, callee).entity {
            let path = self.paths.text(path).to_owned();
            for guard in models.guards.get(&path).into_iter().flatten() {
                if guard.holds == Holds::Returns {
                    mask |= self.guard(function, facts, callee, arguments, guard, of, true);
                }
            }
        }
        let (targets, receiver) = self.project_callees(function, facts, callee, shared);
        let [(module, id)] = targets.as_slice() else { return mask };
        let Some(summary) = self.ask_summary(*module, *id, shared) else { return mask };
        for check in summary.checks.iter().filter(|check| check.holds == Holds::Returns) {
            if let Some((_, Some(passed))) =
                self.passed_for(facts, arguments, *module, *id, usize::from(check.parameter), receiver)
                && tested(function, passed) == tested(function, of)
            {
                mask |= check.clears;
            }
        }
        mask | self.among_passed(function, facts, arguments, (*module, *id), receiver, (of, Holds::Returns))
    }

    fn safe_kind(&self, function: &Function, facts: &[Fact], kind: Value, own: bool) -> bool {
        if let Op::Build { items, .. } = function.op(kind) {
            let items = function.list(items);
            return !items.is_empty() && items.iter().all(|&item| self.safe_kind(function, facts, item, own));
        }
        match fact_of(facts, kind).entity {
            Entity::Class(..) => own,
            Entity::Path(path) => self.models.safe_types.contains(self.paths.text(path)),
            _ => false,
        }
    }

    /// Whether a pattern constant covers the whole text and lets no quote through.
    fn narrow_pattern(&self, function: &Function, pattern: Value, full: bool) -> bool {
        match function.op(function.bare(pattern)) {
            Op::Constant(Constant::Str(text)) => narrow(self.module.string(text), full),
            // A pattern that a name of the module holds.
            Op::Name(symbol) => self.module_value(symbol).is_some_and(|(body, value)| match body.op(value) {
                Op::Constant(Constant::Str(text)) => narrow(self.module.string(text), full),
                _ => false,
            }),
            _ => false,
        }
    }

    /// Whether all parts of a match do that have names: `m.groupdict()["year"]`.
    pub(super) fn has_plain_names(&mut self, function: &Function, facts: &[Fact], found: Value, which: Fact) -> bool {
        let Op::Call { callee, .. } = function.op(function.bare(found)) else { return false };
        let Op::Attribute { of, name } = function.op(function.bare(callee)) else { return false };
        self.module.symbols.text(name) == "groupdict" && self.is_plain_group(function, facts, of, Some(which))
    }

    /// Whether a part of a match holds nothing but letters, digits and what joins them in names: `m.group(1)`, `m["year"]`.
    pub(super) fn is_plain_group(
        &mut self,
        function: &Function,
        facts: &[Fact],
        found: Value,
        which: Option<Fact>,
    ) -> bool {
        let Op::Call { callee, arguments } = function.op(function.bare(found)) else { return false };
        let arguments = function.call_arguments(arguments);
        let Some(pattern) = self.pattern_asked(function, facts, callee, arguments) else { return false };
        let which = match which {
            None => Group::Number(0),
            Some(fact) => match self.lattice.konst(fact.konst) {
                Some(Konst::Int(at)) => Group::Number(usize::try_from(*at).unwrap_or(usize::MAX)),
                Some(Konst::Text(name)) => Group::Name(name.to_string()),
                _ => return false,
            },
        };
        group_of(pattern, &which).is_some_and(is_plain_pattern)
    }

    /// The pattern that a call of `match`, `search` or `fullmatch` asks for.
    fn pattern_asked(
        &mut self,
        function: &Function,
        facts: &[Fact],
        callee: Value,
        arguments: &[crate::syntax::Argument],
    ) -> Option<&'p str> {
        let Op::Attribute { of, name } = function.op(function.bare(callee)) else { return None };
        if !matches!(self.module.symbols.text(name), "match" | "search" | "fullmatch") {
            return None;
        }
        let module = self.module;
        let text = |body: &Function, value: Value| match body.op(body.bare(value)) {
            Op::Constant(Constant::Str(text)) => Some(module.string(text)),
            _ => None,
        };
        let is_re = matches!(fact_of(facts, callee).entity, Entity::Path(path) if matches!(self.paths.text(path), "re.match" | "re.search" | "re.fullmatch"));
        let asked = if is_re { function.bare(arguments.first()?.value) } else { function.bare(of) };
        match function.op(asked) {
            Op::Constant(_) => text(function, asked),
            Op::Call { arguments, .. } if !is_re => text(function, function.call_arguments(arguments).first()?.value),
            Op::Name(symbol) => match self.module_value(symbol) {
                Some((body, held)) => match body.op(held) {
                    Op::Call { arguments, .. } => text(body, body.call_arguments(arguments).first()?.value),
                    Op::Constant(_) => text(body, held),
                    _ => self.pattern_elsewhere(function, asked),
                },
                None => None,
            },
            Op::Import(_) => self.pattern_elsewhere(function, asked),
            _ => None,
        }
    }

    /// Whether a call takes everything out of a text but letters, digits and the like: `re.sub(r"[^a-z0-9]", "", x)`.
    pub(super) fn leaves_plain(
        &mut self,
        function: &Function,
        facts: &[Fact],
        callee: Value,
        arguments: &[crate::syntax::Argument],
    ) -> bool {
        let Op::Attribute { of, name } = function.op(function.bare(callee)) else { return false };
        if self.module.symbols.text(name) != "sub" {
            return false;
        }
        let elsewhere = self.pattern_elsewhere(function, of);
        let constant = |body: &Function, value: Value| match body.op(body.bare(value)) {
            Op::Constant(Constant::Str(text)) => Some(self.module.string(text)),
            _ => None,
        };
        let pattern_of = |body: &'p Function, value: Value| match body.op(body.bare(value)) {
            Op::Name(symbol) => self.module_value(symbol).and_then(|(body, value)| constant(body, value)),
            _ => constant(body, value),
        };
        let is_re = matches!(fact_of(facts, callee).entity, Entity::Path(path) if self.paths.text(path) == "re.sub");
        let (pattern, put) = if is_re {
            let Some(pattern) = arguments.first() else { return false };
            let pattern = match function.op(function.bare(pattern.value)) {
                Op::Name(symbol) => self.module_value(symbol).and_then(|(body, value)| constant(body, value)),
                _ => constant(function, pattern.value),
            };
            (pattern, arguments.get(1))
        } else if elsewhere.is_some() {
            (elsewhere, arguments.first())
        } else {
            let Op::Name(symbol) = function.op(function.bare(of)) else { return false };
            let Some((body, value)) = self.module_value(symbol) else { return false };
            let Op::Call { arguments: made, .. } = body.op(value) else { return false };
            let pattern = body.call_arguments(made).first().and_then(|pattern| pattern_of(body, pattern.value));
            (pattern, arguments.first())
        };
        let is_plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
        pattern.is_some_and(keeps_plain) && put.and_then(|put| constant(function, put.value)).is_some_and(is_plain)
    }

    fn compiled_pattern(&self, name: Symbol, full: bool) -> bool {
        let Some((body, value)) = self.module_value(name) else { return false };
        let Op::Call { arguments, .. } = body.op(value) else { return false };
        body.call_arguments(arguments).first().is_some_and(|pattern| self.narrow_pattern(body, pattern.value, full))
    }

    /// The pattern that a name of another module holds, compiled or as text.
    fn pattern_elsewhere(&mut self, function: &Function, value: Value) -> Option<&'p str> {
        let import = match function.op(function.bare(value)) {
            Op::Import(import) => import,
            Op::Name(symbol) => match self.module_value(symbol) {
                Some((body, held)) => match body.op(held) {
                    Op::Import(import) => import,
                    _ => return None,
                },
                None => return None,
            },
            _ => return None,
        };
        let ImportTo::Project(Definition::Variable(module, _, value)) = self.import_to(import)? else { return None };
        let other = self.program.module(module)?;
        let body = other.functions.first()?;
        let text = |value: Value| match body.op(body.bare(value)) {
            Op::Constant(Constant::Str(text)) => Some(other.string(text)),
            _ => None,
        };
        match body.op(body.bare(value)) {
            Op::Call { arguments, .. } => text(body.call_arguments(arguments).first()?.value),
            _ => text(value),
        }
    }

    fn module_value(&self, name: Symbol) -> Option<(&'p Function, Value)> {
        let body = self.module.functions.first()?;
        let at = body.exit.binary_search_by_key(&name, |(symbol, _)| *symbol).ok()?;
        Some((body, body.bare(body.exit[at].1)))
    }
}

/// A group of a pattern.
enum Group {
    /// By number; the whole is 0.
    Number(usize),
    /// By name.
    Name(String),
}

/// What a pattern asks of one of its groups.
fn group_of<'p>(pattern: &'p str, which: &Group) -> Option<&'p str> {
    if matches!(which, Group::Number(0)) {
        return Some(pattern);
    }
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut count = 0;
    let mut in_class = false;
    let mut letters = pattern.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            '[' if !in_class => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => {
                let inside = pattern.get(at + 1..)?;
                let name = inside.strip_prefix("?P<").and_then(|rest| rest.split_once('>')).map(|(name, _)| name);
                let captures = name.is_some() || !inside.starts_with('?');
                count += usize::from(captures);
                let is_it = captures
                    && match which {
                        Group::Number(number) => *number == count,
                        Group::Name(wanted) => name.is_some_and(|name| name == wanted),
                    };
                let start = at + 1 + name.map_or(0, |name| name.len() + "?P<>".len());
                open.push(is_it.then_some(start));
            }
            ')' if !in_class => {
                if let Some(start) = open.pop()? {
                    return pattern.get(start..at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether all that a pattern lets through is letters, digits and what joins them in names.
fn is_plain_pattern(pattern: &str) -> bool {
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        let is_plain = match letter {
            '\\' => letters.next().is_some_and(|letter| matches!(letter, 'd' | 'w' | 'A' | 'Z' | 'b' | '-')),
            '[' => {
                let inside: String = letters.by_ref().take_while(|letter| *letter != ']').collect();
                let kept = inside.replace("\\d", "").replace("\\w", "").replace("\\-", "");
                let kept = ["a-z", "A-Z", "0-9", "a-f", "A-F"].iter().fold(kept, |kept, range| kept.replace(range, ""));
                !inside.is_empty()
                    && !kept.trim_matches('-').contains('-')
                    && kept.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))
            }
            '(' => {
                // `(?:…)` and `(?P<name>…)`; what looks around lets nothing through itself.
                let rest = letters.as_str();
                let skipped = match rest.strip_prefix("?P<").and_then(|rest| rest.split_once('>')) {
                    Some((name, _)) => name.len() + "?P<>".len(),
                    None if rest.starts_with("?:") => 2,
                    None if rest.starts_with('?') => return false,
                    None => 0,
                };
                for _ in 0..skipped {
                    letters.next();
                }
                true
            }
            '{' => letters
                .by_ref()
                .take_while(|letter| *letter != '}')
                .all(|letter| letter.is_ascii_digit() || letter == ','),
            ')' | '|' | '*' | '+' | '?' | '^' | '$' | '_' | '-' => true,
            letter => letter.is_ascii_alphanumeric(),
        };
        if !is_plain {
            return false;
        }
    }
    !pattern.is_empty()
}

pub(super) fn narrow(pattern: &str, full: bool) -> bool {
    let anchored = full || pattern.ends_with('$') && !pattern.ends_with("\\$") || pattern.ends_with("\\Z");
    anchored
        && !pattern.contains(".*")
        && !pattern.contains(".+")
        && !pattern.contains('\'')
        && !pattern.contains("[^")
        && !pattern.contains("\\S")
}

/// Whether a pattern matches everything but letters, digits, and what joins them in names.
fn keeps_plain(pattern: &str) -> bool {
    if matches!(pattern.trim_end_matches(['+', '*']), "\\W" | "\\D" | "[\\W_]" | "[\\W]") {
        return true;
    }
    let inside = pattern.trim_end_matches(['+', '*']).strip_prefix("[^").and_then(|rest| rest.strip_suffix(']'));
    inside.is_some_and(|inside| {
        let kept = inside.replace("\\w", "").replace("\\d", "").replace("\\-", "").replace("\\.", "");
        // A range from a letter to a sign takes in what lies between.
        let ranges = ["a-z", "A-Z", "0-9", "a-f", "A-F"].iter().fold(kept, |kept, range| kept.replace(range, ""));
        !ranges.trim_matches('-').contains('-')
            && ranges.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' '))
    })
}

/// The value a test speaks about: `x.lower() in …` speaks about `x`.
pub(super) fn tested(function: &Function, value: Value) -> Value {
    let mut value = function.bare(value);
    loop {
        let Op::Call { callee, arguments } = function.op(value) else { return value };
        if arguments.len != 0 {
            return value;
        }
        let Op::Attribute { of, .. } = function.op(function.bare(callee)) else { return value };
        value = function.bare(of);
    }
}

fn is_none(function: &Function, value: Value) -> bool {
    matches!(function.op(value), Op::Constant(Constant::None))
}

/// `None` or `False`, which a test is compared with to turn it round.
fn is_empty(function: &Function, value: Value) -> bool {
    matches!(function.op(value), Op::Constant(Constant::None | Constant::Bool(false)))
}

/// `x in "abc"` is a test for a part, not for one of several.
fn is_text(function: &Function, value: Value) -> bool {
    matches!(function.op(function.bare(value)), Op::Constant(Constant::Str(_) | Constant::Bytes(_)) | Op::Format(_))
}
