//! What an evaluated function comes to: hits, and the summary its callers use.

use std::sync::Arc;

use super::super::history::Shared;
use super::super::trace::is_queued;
use super::site::{Local, Site};
use super::{Dunder, Evaluator, add_reach, fact_of};
use crate::facts::fact::{Entity, Fact, Hit, Reach};
use crate::facts::lattice::{Key, KeyName, Konst, Origin, Root, Shape};
use crate::facts::summary::{Check, Input, InputReach, OwnMethod, Summary, Told, Way, When};
use crate::facts::{ArgumentAt, Condition, Expected, Holds, Kinds, SinkModel};
use crate::names::{ModuleId, PathId};
use crate::routes;
use crate::syntax::{
    Argument, BlockId, CompareOp, Constant, End, Function, FunctionId, FunctionKind, Op, Passing, Value,
};

/// What is found in one function.
#[derive(Default)]
struct Found {
    hits: Vec<Hit>,
    reaches: Vec<InputReach>,
}

/// What a value may be: what is asked of parameters for it, and which method it has to be the answer of.
type Variant = (When, Option<OwnMethod>, Fact);

/// Longer functions are not gone through again for what one of their values may be.
const MAX_VARIED: usize = 120;

/// Nor where it may be more than so many.
const MAX_VARIANTS: usize = 8;

/// How a condition stands: decided, open, or for the caller to say.
enum Answer {
    Yes,
    No,
    Open,
    Asks(u16, Expected),
}

/// A function of a library that something else is to call, and what with.
struct HandedOn<'a> {
    path: PathId,
    given: &'a [Fact],
    named: &'a [(Arc<str>, Fact)],
    /// What brings the data.
    argument: Value,
}

impl<'p> Evaluator<'p> {
    pub(super) fn finish(
        &mut self,
        id: FunctionId,
        function: &'p Function,
        facts: &[Fact],
        dead: &[bool],
        shared: &Shared,
    ) {
        let mut found = Found::default();
        for (value, op) in function.values() {
            let Op::Call { callee, arguments } = op else { continue };
            if !dead.is_empty() && dead.get(function.block_of(value).0 as usize).copied().unwrap_or(false) {
                continue;
            }
            let arguments = function.call_arguments(arguments);
            self.modelled_sinks(id, function, facts, value, callee, arguments, &mut found);
            self.called_sinks(id, function, facts, value, callee, arguments, &mut found, shared);
            self.higher_order(id, function, facts, value, callee, arguments, &mut found, shared);
            self.partial_sinks(id, facts, value, callee, arguments, &mut found);
        }
        let Found { mut hits, reaches } = found;
        hits.sort_by_key(|hit| {
            (hit.call, hit.argument, hit.reach.kind, hit.reach.module, hit.reach.function, hit.reach.call, hit.labels)
        });
        hits.dedup();
        self.hits[id.0 as usize] = hits;

        let summary = self.summarise(function, facts, dead, reaches, shared);
        let number = id.0 as usize;
        if *self.summaries[number] != summary {
            let summary = if shared.widens { summary.widened(&self.summaries[number]) } else { summary };
            if *self.summaries[number] != summary {
                self.summaries[number] = Arc::new(summary);
            }
        }
    }

    fn summarise(
        &mut self,
        function: &'p Function,
        facts: &[Fact],
        dead: &[bool],
        reaches: Vec<InputReach>,
        shared: &Shared,
    ) -> Summary {
        if matches!(function.kind, FunctionKind::Module | FunctionKind::ClassBody) {
            return Summary::default();
        }
        let is_alive = |end: &End| !dead.get(end.block.0 as usize).copied().unwrap_or(false);
        let mut returned: Option<Fact> = None;
        let mut same_entity = true;
        let values: Vec<Value> = if function.is_generator {
            function.returns.clone()
        } else {
            function
                .ends
                .iter()
                .filter(|end| is_alive(end))
                .map(|end| end.value)
                .filter(|value| *value != Value::NONE)
                .collect()
        };
        for value in values {
            let fact = fact_of(facts, value);
            if matches!(function.op(value), Op::Constant(Constant::None)) {
                continue;
            }
            returned = Some(match returned {
                None => fact,
                Some(known) => {
                    same_entity &= known.entity == fact.entity;
                    self.lattice.join(known, fact)
                }
            });
        }
        let mut returned = returned.unwrap_or_default();
        if !same_entity {
            returned.entity = Entity::Unknown;
        }
        if returned.entity == Entity::Unknown
            && !function.is_generator
            && let (Some(annotation), Some(parent)) = (function.returns_annotation, function.parent)
            && let Some(around) = self.module.function(parent)
        {
            let outer = Arc::clone(&self.values[parent.0 as usize]);
            returned.entity = self.type_of(around, &outer, annotation, 0, shared).0;
        }
        returned = self.with_captured(function, facts, returned, shared);
        if function.is_generator {
            returned = match self.given_out(function, facts) {
                Some(items) => self.sequence(&items),
                None => {
                    let shape = self.lattice.intern_shape(Shape { rest: Some(returned), ..Shape::default() });
                    self.lattice.labelled(Fact { shape, ..Fact::default() })
                }
            };
        }
        returned.constant = false;
        let ways = self.ways(function, facts, dead, shared);
        let raised = self.raised(function, facts, dead);
        let returns = self.tell(returned, 1);
        let changes: Vec<(Input, Told)> = std::mem::take(&mut self.changes)
            .into_iter()
            .map(|(input, fact)| (self.tell_input(input), self.tell(fact, 2)))
            .collect();
        let stores = self.told_stores();
        let calls = std::mem::take(&mut self.calls)
            .into_iter()
            .map(|(input, given)| {
                let given = given.into_iter().map(|fact| self.tell(fact, 3)).collect();
                (self.tell_input(input), given)
            })
            .collect();
        let checks = self.checks(function, facts, &is_alive, shared);
        Summary {
            returns,
            ways,
            raised,
            reaches,
            changes,
            stores,
            checks,
            calls,
            raises: function.ops.iter().any(|op| matches!(op, Op::Raise(_))),
        }
    }

    /// What a generator gives out, one after the other, where it has no choice.
    fn given_out(&mut self, function: &Function, facts: &[Fact]) -> Option<Vec<Fact>> {
        let turns = !function.conditions.is_empty() || function.edges.iter().any(|(from, to)| from >= to);
        let yields: Vec<Value> = function
            .values()
            .filter_map(|(_, op)| match op {
                Op::Yield(of) => Some(of),
                _ => None,
            })
            .collect();
        if turns || yields.is_empty() || yields.len() > 8 || yields.len() != function.returns.len() {
            return None;
        }
        let mut items: Vec<Fact> = Vec::new();
        for value in yields {
            match function.op(value) {
                // `yield from […]`
                Op::Element(of) => {
                    let of = fact_of(facts, of);
                    self.whole_list(of).filter(|len| *len <= 8)?;
                    items.extend(self.items_of(of));
                }
                _ => items.push(Fact { constant: false, ..fact_of(facts, value) }),
            }
        }
        (items.len() <= 8).then_some(items)
    }

    /// What a function raises, as far as it says where it comes from.
    fn raised(&mut self, function: &Function, facts: &[Fact], dead: &[bool]) -> Told {
        let mut raised: Option<Fact> = None;
        for (value, op) in function.values() {
            let Op::Raise(of) = op else { continue };
            let fact = fact_of(facts, of);
            let is_dead = dead.get(function.block_of(value).0 as usize).copied().unwrap_or(false);
            let says_nothing = self.lattice.atoms_within(fact).is_empty() && self.lattice.shape(fact.shape).is_none();
            if is_dead || !matches!(function.op(of), Op::Call { .. }) || says_nothing {
                continue;
            }
            raised = Some(raised.map_or(fact, |known| self.lattice.join(known, fact)));
        }
        raised.map_or_else(Told::default, |fact| self.tell(fact, 2))
    }

    /// What a function returns on each of its ways, where parameters decide which it takes.
    fn ways(&mut self, function: &'p Function, facts: &[Fact], dead: &[bool], shared: &Shared) -> Vec<Way> {
        if function.is_generator || function.kind != FunctionKind::Def || function.parameters.is_empty() {
            return Vec::new();
        }
        let is_alive = |block: BlockId| !dead.get(block.0 as usize).copied().unwrap_or(false);
        // Where each answer comes from.
        let mut answers: Vec<(Value, BlockId, When)> = Vec::new();
        for end in function.ends.iter().filter(|end| is_alive(end.block) && end.value != Value::NONE) {
            match function.op(end.value) {
                Op::Phi(list) => {
                    for (&choice, &from) in function.list(list).iter().zip(function.phi_blocks(list)) {
                        if choice == Value::NONE || from != Value::NONE && !is_alive(BlockId(from.0)) {
                            continue;
                        }
                        let block = if from == Value::NONE { end.block } else { BlockId(from.0) };
                        answers.push((choice, block, Vec::new()));
                    }
                }
                Op::Choice { test, yes, no } => match self.parameter_tests(function, facts, test) {
                    Some((when, unless)) => answers.extend([(yes, end.block, when), (no, end.block, unless)]),
                    None => answers.push((end.value, end.block, Vec::new())),
                },
                _ => answers.push((end.value, end.block, Vec::new())),
            }
        }
        if answers.is_empty() || answers.len() > 12 {
            return Vec::new();
        }
        let mut tests: Vec<(BlockId, When)> = Vec::new();
        for &(block, test, held) in function.conditions.iter().take(24) {
            let Some((when, unless)) = self.parameter_tests(function, facts, test) else { continue };
            let asked = if held { when } else { unless };
            if !asked.is_empty() {
                tests.push((block, asked));
            }
        }
        for (block, asked) in tests {
            let behind = function.only_through(block);
            for (_, at, when) in &mut answers {
                if behind.get(at.0 as usize).copied().unwrap_or(false) && when.len() < 12 {
                    when.extend_from_slice(&asked);
                }
            }
        }
        if let Some(ways) = self.variants(function, facts, dead, &answers, shared) {
            return ways;
        }
        let mut ways = Vec::new();
        for (value, _, when) in answers {
            let fact = fact_of(facts, value);
            if matches!(function.op(value), Op::Constant(Constant::None)) {
                continue;
            }
            match self.own_methods(function, facts, value, usize::MAX, shared) {
                Some(methods) => {
                    for (method, fact) in methods {
                        let returns = self.tell(fact, 1);
                        ways.push(Way { when: when.clone(), method: Some(method), returns });
                    }
                }
                None => {
                    let returns = self.tell(Fact { constant: false, ..fact }, 1);
                    ways.push(Way { when, method: None, returns });
                }
            }
        }
        if ways.iter().all(|way| way.when.is_empty() && way.method.is_none()) { Vec::new() } else { ways }
    }

    /// What a function answers where one of its values is one of several: what lies under a key that it is given
    /// (`MAKERS[kind]`), or the answer of a method that the class of its object decides.
    fn variants(
        &mut self,
        function: &'p Function,
        facts: &[Fact],
        dead: &[bool],
        answers: &[(Value, BlockId, When)],
        shared: &Shared,
    ) -> Option<Vec<Way>> {
        if function.ops.len() > MAX_VARIED || function.edges.iter().any(|(from, to)| from >= to) {
            return None;
        }
        let mut choice: Option<(Value, Vec<Variant>)> = None;
        for (value, op) in function.values() {
            let found = match op {
                Op::Subscript { of, index } => self.under_given_key(facts, of, index),
                Op::Call { .. } if !answers.iter().any(|(answer, ..)| *answer == value) => {
                    self.own_methods(function, facts, value, MAX_VARIANTS, shared).map(|methods| {
                        methods.into_iter().map(|(method, fact)| (Vec::new(), Some(method), fact)).collect()
                    })
                }
                _ => None,
            };
            if let Some(found) = found {
                choice = Some((value, found));
                break;
            }
        }
        let (at, variants) = choice?;
        let mut ways = Vec::new();
        for (asked, method, fact) in variants {
            let mut varied = facts.to_vec();
            *varied.get_mut(at.0 as usize)? = fact;
            for (value, op) in function.values() {
                let is_dead = dead.get(function.block_of(value).0 as usize).copied().unwrap_or(false);
                if value > at && !is_dead {
                    let made = self.op(self.current, function, &varied, value, op, dead, shared);
                    *varied.get_mut(value.0 as usize)? = made;
                }
            }
            for (value, _, when) in answers {
                if matches!(function.op(*value), Op::Constant(Constant::None)) {
                    continue;
                }
                let mut when = when.clone();
                when.extend_from_slice(&asked);
                let fact = self.with_captured(function, &varied, fact_of(&varied, *value), shared);
                let returns = self.tell(Fact { constant: false, ..fact }, 1);
                ways.push(Way { when, method: method.clone(), returns });
            }
        }
        Some(ways)
    }

    /// What a table gives out, key by key, where the key is a parameter.
    fn under_given_key(&mut self, facts: &[Fact], of: Value, index: Value) -> Option<Vec<Variant>> {
        let input = fact_of(facts, index).input?;
        let (Root::Parameter(parameter), []) = self.lattice.input_parts(input) else { return None };
        let table = fact_of(facts, of);
        let shape = self.lattice.shape(table.shape).filter(|shape| shape.rest.is_none() && table.input.is_none())?;
        if !(2..=MAX_VARIANTS).contains(&shape.fields.len()) {
            return None;
        }
        let fields = shape.fields.clone();
        let mut found: Vec<Variant> = Vec::new();
        for (key, fact) in fields {
            let KeyName::Item(name) = self.lattice.key_name(key) else { return None };
            found.push((vec![(parameter, Expected::Text(name.to_string()), true)], None, fact));
        }
        Some(found)
    }

    /// The methods whose answer a value is, where the class of the object that came in decides between them.
    fn own_methods(
        &mut self,
        function: &'p Function,
        facts: &[Fact],
        value: Value,
        most: usize,
        shared: &Shared,
    ) -> Option<Vec<(OwnMethod, Fact)>> {
        let Op::Call { callee, arguments } = function.op(value) else { return None };
        let Op::Attribute { of, name } = function.op(callee) else { return None };
        if !matches!(function.op(function.bare(of)), Op::Parameter(0))
            || !matches!(fact_of(facts, of).entity, Entity::Instance(..))
        {
            return None;
        }
        let (targets, receiver) = self.project_callees(function, facts, callee, shared);
        if !(2..=most).contains(&targets.len()) {
            return None;
        }
        let name: Arc<str> = Arc::from(self.module.symbols.text(name));
        let mut found = Vec::new();
        for (module, id) in targets {
            let local = self.local(module, id, shared)?;
            let mut site = Site::new(
                function,
                facts,
                function.call_arguments(arguments),
                (module, id),
                receiver,
                (&local, shared),
            );
            let fact = self.filled_at(local.returns, &mut site);
            found.push(((Arc::clone(&name), module, id), Fact { constant: false, ..fact }));
        }
        Some(found)
    }

    /// What a test asks of parameters: what they are if it holds, and what if not. Nothing where that cannot be said.
    fn parameter_tests(&self, function: &Function, facts: &[Fact], test: Value) -> Option<(When, When)> {
        let parameter = |value: Value| {
            let input = fact_of(facts, value).input?;
            match self.lattice.input_parts(input) {
                (Root::Parameter(parameter), []) => Some(parameter),
                _ => None,
            }
        };
        let expected = |value: Value| match self.lattice.konst(fact_of(facts, value).konst)? {
            Konst::Bool(truth) => Some(Expected::Bool(*truth)),
            Konst::Int(number) => Some(Expected::Int(*number)),
            Konst::Text(text) => Some(Expected::Text(text.to_string())),
            Konst::None | Konst::Ratio(..) => None,
        };
        match function.op(test) {
            Op::Not(of) => self.parameter_tests(function, facts, of).map(|(when, unless)| (unless, when)),
            Op::Compare { op: CompareOp::Eq | CompareOp::Is, left, right } => {
                let (parameter, expected) = match (parameter(left), parameter(right)) {
                    (Some(parameter), None) => (parameter, expected(right)?),
                    (None, Some(parameter)) => (parameter, expected(left)?),
                    _ => return None,
                };
                Some((vec![(parameter, expected.clone(), true)], vec![(parameter, expected, false)]))
            }
            Op::Compare { op: CompareOp::NotEq | CompareOp::IsNot, left, right } => {
                let (parameter, expected) = (parameter(left)?, expected(right)?);
                Some((vec![(parameter, expected.clone(), false)], vec![(parameter, expected, true)]))
            }
            Op::Compare { op: CompareOp::In, left, right } => {
                let Op::Build { items, .. } = function.op(right) else { return None };
                let parameter = parameter(left)?;
                let all: Option<Vec<_>> = function
                    .list(items)
                    .iter()
                    .take(8)
                    .map(|&item| Some((parameter, expected(item)?, false)))
                    .collect();
                let unless = all.filter(|all| all.len() == items.len as usize)?;
                let when = match unless.as_slice() {
                    [(parameter, expected, _)] => vec![(*parameter, expected.clone(), true)],
                    _ => Vec::new(),
                };
                Some((when, unless))
            }
            _ => {
                let parameter = parameter(test)?;
                Some((vec![(parameter, Expected::Bool(true), true)], vec![(parameter, Expected::Bool(true), false)]))
            }
        }
    }

    /// What the answers of a function say about its parameters.
    fn checks(
        &mut self,
        function: &'p Function,
        facts: &[Fact],
        is_alive: &dyn Fn(&End) -> bool,
        shared: &Shared,
    ) -> Vec<Check> {
        if function.kind != FunctionKind::Def || function.is_generator || function.parameters.len() > 8 {
            return Vec::new();
        }
        let tests =
            function.ops.iter().any(|op| matches!(op, Op::Refine { .. } | Op::Compare { .. } | Op::Call { .. }));
        if !tests {
            return Vec::new();
        }
        let ends: Vec<End> = function.ends.iter().filter(|end| is_alive(end)).copied().collect();
        let mut passed_in = vec![Value::NONE; function.parameters.len()];
        for (value, op) in function.values().take(function.parameters.len() * 4) {
            if let Op::Parameter(at) = op
                && let Some(place) = passed_in.get_mut(at as usize)
            {
                *place = value;
            }
        }
        let mut checks = Vec::new();
        for index in 0..function.parameters.len() {
            let parameter = u16::try_from(index).unwrap_or(u16::MAX);
            for holds in [Holds::Yes, Holds::No, Holds::Returns] {
                let mut mask = Kinds::MAX;
                let mut any = false;
                for end in &ends {
                    let answer = match end.value {
                        Value::NONE => Some(false),
                        value => self.lattice.konst(fact_of(facts, value).konst).map(Konst::truth),
                    };
                    let counts = match holds {
                        Holds::Yes => answer != Some(false),
                        Holds::No => answer != Some(true),
                        Holds::Returns | Holds::Equal => true,
                    };
                    if !counts {
                        continue;
                    }
                    any = true;
                    let held = function.list(end.parameters).get(index).copied().unwrap_or(Value::NONE);
                    // A name that was given something else says nothing of what was passed.
                    let held = match function.op(function.bare(held)) {
                        Op::Parameter(at) if at as usize == index => held,
                        _ => passed_in.get(index).copied().unwrap_or(held),
                    };
                    let mut at_end = self.shown(index, fact_of(facts, held));
                    if answer.is_none() && holds != Holds::Returns && end.value != Value::NONE {
                        at_end |= self.clears(function, facts, held, end.value, holds == Holds::Yes, 0, shared);
                    }
                    mask &= at_end;
                }
                if any && mask != 0 {
                    checks.push(Check { parameter, holds, clears: mask });
                }
            }
        }
        checks
    }

    /// The sinks for which a parameter has been shown to be harmless.
    fn shown(&self, index: usize, fact: Fact) -> Kinds {
        for atom in self.lattice.atoms(fact.taint) {
            if let Origin::Input(input) = atom.origin
                && let (Root::Parameter(parameter), []) = self.lattice.input_parts(input)
                && usize::from(parameter) == index
            {
                // A type that admits no text shows nothing about what a caller has.
                return if fact.input.is_some() { atom.clean } else { 0 };
            }
        }
        0
    }

    // --- sinks

    #[expect(clippy::too_many_arguments, reason = "one call")]
    fn modelled_sinks(
        &mut self,
        id: FunctionId,
        function: &'p Function,
        facts: &[Fact],
        call: Value,
        callee: Value,
        arguments: &[Argument],
        found: &mut Found,
    ) {
        let Some(model) = self.model_of(function, facts, callee) else { return };
        for sink in &model.sinks {
            let passed = self.arguments_at(function, callee, arguments, &sink.argument);
            if passed.is_empty() {
                self.spread_sink(id, facts, call, arguments, sink, found);
                continue;
            }
            let Some(when) = self.is_sink(function, facts, arguments, sink) else { continue };
            for argument in passed {
                let reach = Reach { kind: sink.kind, module: self.id, function: id, call, argument };
                let fact = fact_of(facts, argument);
                self.arrives(id, call, argument, fact, reach, &when, found);
            }
        }
    }

    /// `fetch(**options)`: what lies under the name of the argument.
    fn spread_sink(
        &mut self,
        id: FunctionId,
        facts: &[Fact],
        call: Value,
        arguments: &[Argument],
        sink: &SinkModel,
        found: &mut Found,
    ) {
        let spread = arguments.iter().find(|argument| argument.passing == Passing::DoubleStar);
        let (Some(spread), Some(name), true) = (spread, &sink.argument.keyword, sink.when.is_empty()) else { return };
        let Some(key) = self.lattice.find_key(&KeyName::Item(Arc::from(name.as_str()))) else { return };
        if let Some(fact) = self.lattice.field(fact_of(facts, spread.value), key) {
            let reach = Reach { kind: sink.kind, module: self.id, function: id, call, argument: spread.value };
            self.arrives(id, call, spread.value, fact, reach, &When::new(), found);
        }
    }

    /// Data arrives at a sink: a hit for its kinds, a way for its inputs.
    #[expect(clippy::too_many_arguments, reason = "one arrival")]
    fn arrives(
        &mut self,
        id: FunctionId,
        call: Value,
        argument: Value,
        fact: Fact,
        reach: Reach,
        when: &[(u16, Expected, bool)],
        found: &mut Found,
    ) {
        let bit: Kinds = 1 << reach.kind;
        let deep = self.lattice.deep(fact);
        let mut labels = super::Labels::NONE;
        for atom in self.lattice.atoms(deep).to_vec() {
            if atom.clean & bit != 0 {
                continue;
            }
            match atom.origin {
                Origin::Kind(kind) => labels |= super::Labels::kind(kind),
                Origin::Turned(..) => {}
                Origin::Input(input) => {
                    add_reach(
                        &mut found.reaches,
                        InputReach { input: self.tell_input(input), reach, when: when.to_vec() },
                    );
                }
            }
        }
        // A condition that only the caller can decide is decided there.
        if !labels.is_empty() {
            found.hits.push(Hit { function: id, call, argument, labels, reach });
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one call")]
    fn called_sinks(
        &mut self,
        id: FunctionId,
        function: &'p Function,
        facts: &[Fact],
        call: Value,
        callee: Value,
        arguments: &[Argument],
        found: &mut Found,
        shared: &Shared,
    ) {
        let (targets, receiver) = self.project_callees(function, facts, callee, shared);
        for target in targets {
            let Some(local) = self.local(target.0, target.1, shared) else { continue };
            let mut site = Site::new(function, facts, arguments, target, receiver, (&local, shared));
            site.callee = fact_of(facts, callee);
            let checked = if local.reaches.is_empty() { 0 } else { self.checked_by_decorators(target, shared) };
            for (reach, &input) in local.summary.reaches.iter().zip(&local.reaches) {
                let Some((fact, value)) = self.given(&mut site, input) else { continue };
                if checked & (1 << reach.reach.kind) != 0 {
                    continue;
                }
                let Some(when) = self.decided(&mut site, &reach.when) else { continue };
                let value = value.unwrap_or(callee);
                self.arrives(id, call, value, fact, reach.reach, &when, found);
            }
            self.passed_in(id, call, &mut site, &local, found, shared);
        }
    }

    /// A function of a library is called that was given some of its arguments before: `run = partial(subprocess.run,
    /// shell=True)`.
    fn partial_sinks(
        &mut self,
        id: FunctionId,
        facts: &[Fact],
        call: Value,
        callee: Value,
        arguments: &[Argument],
        found: &mut Found,
    ) {
        let whole = fact_of(facts, callee);
        if !matches!(whole.entity, Entity::Path(path) if self.paths.text(path) == "functools.partial()") {
            return;
        }
        let held = |this: &Self, name: &str| {
            let key = this.lattice.find_key(&KeyName::Attribute(Arc::from(name)))?;
            this.lattice.field(whole, key)
        };
        let (Some(Fact { entity: Entity::Path(path), .. }), Some(first), Some(named)) =
            (held(self, "func"), held(self, "args"), held(self, "keywords"))
        else {
            return;
        };
        let Some(model) = self.info(path).call else { return };
        let mut given: Vec<(Fact, Value)> = self.items_of(first).into_iter().map(|fact| (fact, callee)).collect();
        let by_position = arguments.iter().filter(|argument| argument.passing == Passing::Position);
        given.extend(by_position.map(|argument| (fact_of(facts, argument.value), argument.value)));
        for sink in &model.sinks {
            let holds = sink.when.iter().all(|when| {
                let key = when
                    .argument
                    .keyword
                    .as_deref()
                    .and_then(|name| self.lattice.find_key(&KeyName::Item(Arc::from(name))));
                let konst =
                    key.and_then(|key| self.lattice.field(named, key)).and_then(|fact| self.lattice.konst(fact.konst));
                matches!((&when.expected, konst), (Expected::Bool(wanted), Some(Konst::Bool(is))) if wanted == is)
            });
            let Some(&(fact, argument)) = sink.argument.position.filter(|_| holds).and_then(|at| given.get(at)) else {
                continue;
            };
            let reach = Reach { kind: sink.kind, module: self.id, function: id, call, argument };
            self.arrives(id, call, argument, fact, reach, &When::new(), found);
        }
    }

    /// Functions that were passed to a function which calls them.
    fn passed_in(
        &mut self,
        id: FunctionId,
        call: Value,
        site: &mut Site<'_>,
        local: &Local,
        found: &mut Found,
        shared: &Shared,
    ) {
        for (input, given) in &local.calls {
            let Some((passed, value)) = self.given(site, *input) else { continue };
            let given: Vec<Fact> = given.iter().map(|&fact| self.filled_at(fact, site)).collect();
            if let Some(own) = passed.input
                && passed.entity == Entity::Unknown
            {
                self.note_call(own, given.clone());
            }
            let brought = self.bringing(site, value, &given).or(value).unwrap_or(call);
            if let Entity::Path(path) = passed.entity {
                self.run_of_library(id, call, path, &given, brought, found);
            }
            self.run_with(id, call, passed, &given, brought, found, shared);
        }
    }

    /// A function of a library that was passed in, or a method of an object of one, is run with these arguments by
    /// position: `fetch(requests.Session(), address)`.
    fn run_of_library(
        &mut self,
        id: FunctionId,
        call: Value,
        path: PathId,
        given: &[Fact],
        argument: Value,
        found: &mut Found,
    ) {
        let Some(model) = self.info(path).call else { return };
        // What is known by its name alone was seen where it is called.
        let name = self.paths.text(path).rsplit('.').next().unwrap_or_default();
        if self.models.methods.contains_key(name) {
            return;
        }
        for sink in &model.sinks {
            let at = sink.argument.position.filter(|_| sink.when.is_empty());
            let Some(&fact) = at.and_then(|at| given.get(at)) else { continue };
            let reach = Reach { kind: sink.kind, module: self.id, function: id, call, argument };
            self.arrives(id, call, argument, fact, reach, &When::new(), found);
        }
    }

    /// A function of a library is handed to something that calls it: `to_thread(subprocess.run, command, shell=True)`.
    fn handed_library(&mut self, id: FunctionId, call: Value, handed: &HandedOn<'_>, found: &mut Found) {
        let Some(model) = self.info(handed.path).call else { return };
        for sink in &model.sinks {
            let given = |at: &ArgumentAt| {
                let by_name = at
                    .keyword
                    .as_deref()
                    .and_then(|wanted| handed.named.iter().find(|(name, _)| **name == *wanted).map(|(_, fact)| *fact));
                by_name.or_else(|| at.position.and_then(|at| handed.given.get(at)).copied())
            };
            let holds = |this: &Self, condition: &Condition| match given(&condition.argument) {
                Some(fact) => matches!(this.is_expected(fact, &condition.expected), Answer::Yes),
                None => condition.expected == Expected::Given(false),
            };
            if !sink.when.iter().all(|one| holds(self, one)) || sink.unless.iter().any(|one| holds(self, one)) {
                continue;
            }
            let Some(fact) = given(&sink.argument) else { continue };
            let argument = handed.argument;
            let reach = Reach { kind: sink.kind, module: self.id, function: id, call, argument };
            self.arrives(id, call, argument, fact, reach, &When::new(), found);
        }
    }

    /// The value of a call that brings what a function which was passed in is given: not that function itself.
    fn bringing(&self, site: &Site<'_>, run: Option<Value>, given: &[Fact]) -> Option<Value> {
        let wanted = given.iter().fold(super::Labels::NONE, |all, &fact| all | self.lattice.all_labels(fact, 0));
        let values = site.arguments.iter().map(|argument| argument.value).chain(site.receiver);
        let mut values = values.filter(|&value| Some(value) != run);
        values.find(|&value| self.lattice.all_labels(fact_of(site.facts, value), 0).meets(wanted))
    }

    /// A function that is called elsewhere, with these arguments by position.
    #[expect(clippy::too_many_arguments, reason = "one call")]
    fn run_with(
        &mut self,
        id: FunctionId,
        call: Value,
        callee: Fact,
        given: &[Fact],
        argument: Value,
        found: &mut Found,
        shared: &Shared,
    ) {
        for (module, target, skipped) in self.run_by(callee, shared) {
            let Some(local) = self.local(module, target, shared) else { continue };
            for (reach, &input) in local.summary.reaches.iter().zip(&local.reaches) {
                let (root, keys) = self.lattice.input_parts(input);
                let Some(index) = Self::parameter_of(root) else { continue };
                let Some(&fact) = index.checked_sub(skipped).and_then(|at| given.get(at)) else { continue };
                let keys = keys.to_vec();
                let fact = self.walk(fact, &keys);
                self.arrives(id, call, argument, fact, reach.reach, &reach.when, found);
            }
        }
    }

    /// What runs when a value is called, each with the number of parameters that are bound.
    fn run_by(&mut self, callee: Fact, shared: &Shared) -> Vec<(ModuleId, FunctionId, usize)> {
        let mut entities = self.lattice.either(callee);
        if !entities.contains(&callee.entity) {
            entities.insert(0, callee.entity);
        }
        let mut runs = Vec::new();
        for entity in entities {
            let bound = match entity {
                Entity::Function(module, target) => {
                    runs.push((module, target, 0));
                    continue;
                }
                Entity::Method(..) => entity,
                Entity::Instance(module, class) => {
                    let key = self.dunder(Dunder::Call);
                    self.class_member(module, class, key, true, 0, shared).entity
                }
                Entity::Class(module, class) => {
                    let key = self.dunder(Dunder::Init);
                    self.class_member(module, class, key, true, 0, shared).entity
                }
                _ => continue,
            };
            if let Entity::Method(module, target) = bound {
                runs.push((module, target, 1));
            }
        }
        runs
    }

    /// Library functions that call what they are given: `map(f, items)`, `pool.submit(f, x)`, `Thread(target=f, args=(x,))`.
    #[expect(clippy::too_many_arguments, reason = "one call")]
    fn higher_order(
        &mut self,
        id: FunctionId,
        function: &'p Function,
        facts: &[Fact],
        call: Value,
        callee: Value,
        arguments: &[Argument],
        found: &mut Found,
        shared: &Shared,
    ) {
        // `task.delay(x)` of a function that a decorator made a task.
        if let Op::Attribute { of, name } = function.op(function.bare(callee)) {
            let object = fact_of(facts, of);
            let method = self.module.symbols.text(name);
            let is_queued = is_queued(method);
            let object = if is_queued { self.task_of(object, shared) } else { object };
            if is_queued && matches!(object.entity, Entity::Function(..) | Entity::Method(..)) {
                let mut given: Vec<Fact> = self.positional(facts, arguments, 0);
                // `task.apply_async(args=[x])`, `task.apply_async([x])`
                if method == "apply_async"
                    && let Some(listed) = self.keyword(facts, arguments, "args").or(given.first().copied())
                {
                    given = self.items_of(listed);
                }
                let first = arguments.first().map_or(call, |argument| argument.value);
                self.run_with(id, call, object, &given, first, found, shared);
                return;
            }
        }
        // `partial(f, 'a')(x)`
        if let Some((passed, given)) = self.partial_call(facts, callee, arguments) {
            let first = arguments.first().map_or(call, |argument| argument.value);
            self.run_with(id, call, passed, &given, first, found, shared);
            return;
        }
        let Some(at) = arguments.iter().position(|argument| match fact_of(facts, argument.value).entity {
            Entity::Function(..) | Entity::Method(..) => true,
            Entity::Path(path) => self.info(path).call.is_some_and(|model| !model.sinks.is_empty()),
            _ => false,
        }) else {
            return;
        };
        if !matches!(fact_of(facts, callee).entity, Entity::Path(_) | Entity::Unknown) {
            return;
        }
        let passed = fact_of(facts, arguments[at].value);
        let name = match (fact_of(facts, callee).entity, function.op(function.bare(callee))) {
            (Entity::Path(path), _) => {
                self.paths.text(path).trim_end_matches("()").rsplit('.').next().unwrap_or("").to_owned()
            }
            (_, Op::Attribute { name, .. }) => self.module.symbols.text(name).to_owned(),
            _ => String::new(),
        };
        let first = arguments.get(at + 1).map_or(call, |argument| argument.value);
        let through = self.models.through_objects;
        let mut named = self.keywords(facts, arguments);
        let (given, brought) = match name.as_str() {
            "starmap" | "starmap_async" if at == 0 => {
                let pairs = arguments.get(1).map_or_else(Fact::default, |argument| fact_of(facts, argument.value));
                let pair = self.lattice.read(pairs, Key::ANY, through);
                (self.items_of(pair), first)
            }
            "map" | "filter" | "imap" | "imap_unordered" | "reduce" | "apply_async" | "apply" if at == 0 => {
                let items = self.positional(facts, arguments, at + 1).into_iter();
                let given: Vec<Fact> = items.map(|fact| self.lattice.read(fact, Key::ANY, through)).collect();
                // `pool.apply(f, (x,))` hands on its items one by one.
                match name.as_str() {
                    "apply" | "apply_async" => {
                        let listed = arguments.get(1).map(|argument| fact_of(facts, argument.value));
                        let spread = listed.filter(|one| self.whole_list(*one).is_some());
                        (spread.map_or(given, |listed| self.items_of(listed)), first)
                    }
                    _ => (given, first),
                }
            }
            "Thread" | "Process" | "Timer" | "add_job" | "scheduled_job" => {
                let args = arguments.iter().find(
                    |argument| matches!(argument.passing, Passing::Keyword(name) if self.module.symbols.text(name) == "args"),
                );
                let Some(args) = args else { return };
                let tuple = fact_of(facts, args.value);
                let given: Vec<Fact> = (0..8)
                    .map(|at| {
                        let key = self.lattice.key(KeyName::Index(at));
                        self.lattice.read(tuple, key, through)
                    })
                    .collect();
                named = self.keyword(facts, arguments, "kwargs").map_or_else(Vec::new, |one| self.named_items(one));
                (given, args.value)
            }
            "partial" if matches!(passed.entity, Entity::Path(_)) => return,
            "submit"
            | "run_in_executor"
            | "to_thread"
            | "run_sync"
            | "run_in_threadpool"
            | "sync_to_async"
            | "add_task"
            | "call_soon"
            | "call_later"
            | "call_soon_threadsafe"
            | "apply_sync"
            | "spawn"
            | "start_soon"
            | "enqueue"
            | "defer"
            | "partial"
            | "run" => (self.positional(facts, arguments, at + 1), first),
            _ => return,
        };
        match passed.entity {
            Entity::Path(path) => {
                let handed = HandedOn { path, given: &given, named: &named, argument: brought };
                self.handed_library(id, call, &handed, found);
            }
            _ => self.run_with(id, call, passed, &given, brought, found, shared),
        }
    }

    /// The keywords of a call by their names.
    fn keywords(&self, facts: &[Fact], arguments: &[Argument]) -> Vec<(Arc<str>, Fact)> {
        let by_name = |argument: &Argument| match argument.passing {
            Passing::Keyword(name) => Some((Arc::from(self.module.symbols.text(name)), fact_of(facts, argument.value))),
            _ => None,
        };
        arguments.iter().filter_map(by_name).collect()
    }

    /// What a dictionary holds under texts.
    fn named_items(&self, of: Fact) -> Vec<(Arc<str>, Fact)> {
        let fields = self.lattice.shape(of.shape).map_or(&[][..], |shape| &shape.fields);
        let named = fields.iter().filter_map(|&(key, fact)| match self.lattice.key_name(key) {
            KeyName::Item(name) => Some((Arc::clone(name), fact)),
            _ => None,
        });
        named.collect()
    }

    /// What a task that is a class runs: its method `run`.
    fn task_of(&mut self, object: Fact, shared: &Shared) -> Fact {
        let (Entity::Instance(module, class) | Entity::Class(module, class)) = object.entity else { return object };
        let is_task = routes::library_bases(self.program, module, class)
            .iter()
            .any(|base| base.starts_with("celery.") && base.ends_with("Task"));
        if !is_task {
            return object;
        }
        let run = self.lattice.key(KeyName::Attribute(Arc::from("run")));
        let entity = self.class_member(module, class, run, true, 0, shared).entity;
        Fact { entity, ..Fact::default() }
    }

    fn keyword(&self, facts: &[Fact], arguments: &[Argument], wanted: &str) -> Option<Fact> {
        let argument = arguments.iter().find(
            |argument| matches!(argument.passing, Passing::Keyword(name) if self.module.symbols.text(name) == wanted),
        )?;
        Some(fact_of(facts, argument.value))
    }

    fn positional(&self, facts: &[Fact], arguments: &[Argument], from: usize) -> Vec<Fact> {
        arguments
            .get(from..)
            .unwrap_or_default()
            .iter()
            .filter(|argument| argument.passing == Passing::Position)
            .map(|argument| fact_of(facts, argument.value))
            .collect()
    }

    // --- conditions of sinks

    /// Whether a sink is one here, and what is left for callers to decide.
    fn is_sink(
        &mut self,
        function: &Function,
        facts: &[Fact],
        arguments: &[Argument],
        sink: &SinkModel,
    ) -> Option<When> {
        let mut open = Vec::new();
        for condition in &sink.when {
            match self.holds(function, facts, arguments, condition) {
                Answer::No => return None,
                Answer::Yes | Answer::Open => {}
                Answer::Asks(parameter, expected) => open.push((parameter, expected, true)),
            }
        }
        for condition in &sink.unless {
            match self.holds(function, facts, arguments, condition) {
                Answer::Yes => return None,
                Answer::No | Answer::Open => {}
                Answer::Asks(parameter, expected) => open.push((parameter, expected, false)),
            }
        }
        Some(open)
    }

    /// Whether an argument is what a condition asks for.
    fn holds(&self, function: &Function, facts: &[Fact], arguments: &[Argument], condition: &Condition) -> Answer {
        let say = |yes: bool| if yes { Answer::Yes } else { Answer::No };
        let given = self.arguments_at(function, Value::NONE, arguments, &condition.argument).into_iter().next();
        let Some(given) = given else {
            // `**options` may hold anything that it is not known to lack.
            for argument in arguments.iter().filter(|argument| argument.passing == Passing::DoubleStar) {
                let fact = fact_of(facts, argument.value);
                let name = condition.argument.keyword.as_deref().unwrap_or_default();
                let key = self.lattice.find_key(&KeyName::Item(Arc::from(name)));
                match key.and_then(|key| self.lattice.field(fact, key)) {
                    Some(inner) => return self.is_expected(inner, &condition.expected),
                    None if fact.constant => {}
                    None => return Answer::Open,
                }
            }
            return say(condition.expected == Expected::Given(false));
        };
        self.is_expected(fact_of(facts, given), &condition.expected)
    }

    fn is_expected(&self, fact: Fact, expected: &Expected) -> Answer {
        let say = |yes: bool| if yes { Answer::Yes } else { Answer::No };
        if let Expected::Given(wanted) = expected {
            return say(*wanted);
        }
        if let Expected::Path(wanted) = expected {
            match fact.entity {
                Entity::Path(path) => return say(wanted.iter().any(|one| one == self.paths.text(path))),
                Entity::Unknown => {}
                _ => return Answer::No,
            }
        }
        if let Some(konst) = self.lattice.konst(fact.konst) {
            return match (expected, konst) {
                (Expected::Bool(wanted), konst) => say(konst.truth() == *wanted),
                (Expected::Int(wanted), Konst::Int(value)) => say(wanted == value),
                (Expected::Text(wanted), Konst::Text(text)) => say(**wanted == **text),
                _ => Answer::No,
            };
        }
        if let Some(input) = fact.input
            && let (Root::Parameter(parameter), []) = self.lattice.input_parts(input)
        {
            return Answer::Asks(parameter, expected.clone());
        }
        Answer::Open
    }

    /// What is left of the conditions of a sink in a called function.
    pub(super) fn decided(&mut self, site: &mut Site<'_>, conditions: &[(u16, Expected, bool)]) -> Option<When> {
        let mut open = Vec::new();
        for (parameter, expected, wanted) in conditions {
            let answer = match self.passed(site, *parameter) {
                Some((fact, _)) => self.is_expected(fact, expected),
                None => Answer::Open,
            };
            match answer {
                Answer::Yes if !wanted => return None,
                Answer::No if *wanted => return None,
                Answer::Asks(parameter, expected) => open.push((parameter, expected, *wanted)),
                _ => {}
            }
        }
        Some(open)
    }
}
