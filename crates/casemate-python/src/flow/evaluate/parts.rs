//! What a test shows of a part of something: `if data["kind"] in KINDS` of `data["kind"]`, and not of the rest.

use super::super::history::Shared;
use super::{Evaluator, fact_of};
use crate::facts::fact::{Entity, Fact};
use crate::facts::lattice::{Key, KeyName, ShapeId, TaintId};
use crate::syntax::{Function, Op, Value};

/// Parts of one test that are looked at, and how deep they lie in it.
const MAX_PARTS: usize = 4;
const MAX_DEPTH: u32 = 4;

/// Keys of one value that others are asked for which may stand in its place.
const MAX_KEYS: usize = 8;

impl<'p> Evaluator<'p> {
    /// A value whose parts a test has shown to be harmless where it came out so.
    #[expect(clippy::too_many_arguments, reason = "one question about one test")]
    pub(super) fn with_tested_parts(
        &mut self,
        function: &'p Function,
        facts: &[Fact],
        of: Value,
        test: Value,
        held: bool,
        mut fact: Fact,
        shared: &Shared,
    ) -> Fact {
        let root = function.bare(of);
        let mut parts = Vec::new();
        tested_parts(function, test, &mut parts, 0);
        for part in parts {
            let Some(steps) = self.steps_to(function, facts, root, part) else { continue };
            let known = fact_of(facts, part);
            if known.taint == TaintId::default() {
                continue;
            }
            let clean = self.clears(function, facts, part, test, held, 0, shared);
            if clean == 0 {
                continue;
            }
            let taint = self.lattice.cleaned(known.taint, clean);
            let mut inner = self.lattice.fact_with(known, taint);
            for (whole, key) in steps {
                let holder = if whole == root { fact } else { fact_of(facts, whole) };
                inner = self.lattice.with(holder, &[key], self.models.through_objects, inner);
            }
            fact = inner;
        }
        fact
    }

    /// One of several values: what one of them holds under a key, the others may hold there as well, though nobody knows
    /// what they hold: `request.get_json() or {"kind": "all"}`.
    pub(super) fn join_choices(&mut self, mut choices: Vec<Fact>) -> Fact {
        let is_closed = |one: &Fact| one.shape == ShapeId::default() && one.taint != TaintId::default();
        let is_data = |one: &Fact| one.shape != ShapeId::default() && !matches!(one.entity, Entity::Instance(..));
        if choices.iter().any(is_closed) && choices.iter().any(is_data) {
            let shapes: Vec<ShapeId> = choices.iter().filter(|one| is_data(one)).map(|one| one.shape).collect();
            let mut keys: Vec<Key> = shapes
                .into_iter()
                .filter_map(|shape| self.lattice.shape(shape))
                .flat_map(|shape| shape.fields.iter().map(|(key, _)| *key))
                .collect();
            keys.retain(|&key| matches!(self.lattice.key_name(key), KeyName::Item(_) | KeyName::Index(_)));
            keys.truncate(MAX_KEYS);
            let through = self.models.through_objects;
            for one in choices.iter_mut().filter(|one| is_closed(one)) {
                let whole = *one;
                for &key in &keys {
                    let part = self.lattice.read(whole, key, through);
                    *one = self.lattice.with(*one, &[key], through, part);
                }
            }
        }
        self.join_all(choices.into_iter())
    }

    /// What a part is taken out of, and under which key, up to what it is all a part of.
    fn steps_to(&mut self, function: &Function, facts: &[Fact], root: Value, part: Value) -> Option<Vec<(Value, Key)>> {
        let mut steps = Vec::new();
        let mut current = part;
        while current != root {
            let (of, key) = match function.op(current) {
                Op::Attribute { of, name } => (of, self.attribute_key(name)),
                Op::Subscript { of, index } => (of, self.key_of(facts, index)),
                Op::Call { callee, arguments } => {
                    let Op::Attribute { of, name } = function.op(function.bare(callee)) else { return None };
                    if self.module.symbols.text(name) != "get" {
                        return None;
                    }
                    (of, self.key_of(facts, function.call_arguments(arguments).first()?.value))
                }
                _ => return None,
            };
            if key == Key::ANY || key == Key::SOME || steps.len() > 2 {
                return None;
            }
            current = function.bare(of);
            steps.push((current, key));
        }
        (!steps.is_empty()).then_some(steps)
    }
}

/// The parts of something that a test speaks about.
fn tested_parts(function: &Function, test: Value, parts: &mut Vec<Value>, depth: u32) {
    if depth > MAX_DEPTH || parts.len() >= MAX_PARTS || test == Value::NONE {
        return;
    }
    let test = function.bare(test);
    let mut go_on = |value: Value| tested_parts(function, value, parts, depth + 1);
    match function.op(test) {
        Op::Not(of) => go_on(of),
        Op::And(list) | Op::Or(list) => function.list(list).iter().for_each(|&one| go_on(one)),
        Op::Compare { left, right, .. } => {
            go_on(left);
            go_on(right);
        }
        Op::Attribute { .. } | Op::Subscript { .. } => parts.push(test),
        Op::Call { callee, arguments } => {
            let arguments = function.call_arguments(arguments);
            for argument in arguments {
                go_on(argument.value);
            }
            if let Op::Attribute { of, .. } = function.op(function.bare(callee)) {
                match arguments {
                    // `data["kind"].isalnum()`
                    [] => go_on(of),
                    // `data.get("kind")`
                    _ => parts.push(test),
                }
            }
        }
        _ => {}
    }
}
