//! Lists of what is allowed that a function is handed: `pick(name, ("asc", "desc"))`, where `pick` asks whether one is in
//! the other.

use super::Evaluator;
use crate::facts::Holds;
use crate::facts::fact::Fact;
use crate::names::ModuleId;
use crate::syntax::{Argument, CompareOp, Constant, Function, FunctionId, Op, Outcome, Value};

impl Evaluator<'_> {
    /// The parameters of a function that are one of several constants where a call of it came out so.
    pub(super) fn picked(
        &mut self,
        facts: &[Fact],
        arguments: &[Argument],
        (module, id): (ModuleId, FunctionId),
        receiver: Option<Value>,
        holds: Holds,
    ) -> Vec<usize> {
        let is_list = |this: &Self, fact: Fact| fact.constant && this.lattice.shape(fact.shape).is_some();
        if !arguments.iter().any(|argument| is_list(self, super::fact_of(facts, argument.value))) {
            return Vec::new();
        }
        let Some(function) = self.program.module(module).and_then(|home| home.function(id)) else { return Vec::new() };
        if function.is_generator || function.parameters.len() > 8 {
            return Vec::new();
        }
        let mut picked = Vec::new();
        for tested in 0..function.parameters.len() {
            let Some(choices) = choices_of(function, tested, holds) else { continue };
            if let Some((fact, _)) = self.passed_for(facts, arguments, module, id, choices, receiver)
                && is_list(self, fact)
            {
                picked.push(tested);
            }
        }
        picked
    }
}

/// The parameter that another one is in wherever the function came out so.
fn choices_of(function: &Function, tested: usize, holds: Holds) -> Option<usize> {
    let mut found: Option<usize> = None;
    for end in &function.ends {
        let answer = match end.value {
            Value::NONE => Some(false),
            value => match function.op(function.bare(value)) {
                Op::Constant(Constant::Bool(answer)) => Some(answer),
                Op::Constant(Constant::None) => Some(false),
                _ => None,
            },
        };
        if holds == Holds::Yes && answer == Some(false) {
            continue;
        }
        let held = function.list(end.parameters).get(tested).copied()?;
        let shown = shown_on_the_way(function, held, tested).or_else(|| match holds {
            Holds::Yes if answer.is_none() => shown_by(function, end.value, true, tested, 0),
            _ => None,
        })?;
        if found.is_some_and(|known| known != shown) {
            return None;
        }
        found = Some(shown);
    }
    found
}

fn shown_on_the_way(function: &Function, held: Value, tested: usize) -> Option<usize> {
    let mut value = held;
    for _ in 0..16 {
        let Op::Refine { of, test, outcome } = function.op(value) else { return None };
        let shown = match outcome {
            Outcome::Held => shown_by(function, test, true, tested, 0),
            Outcome::Failed => shown_by(function, test, false, tested, 0),
            Outcome::Done => None,
        };
        if shown.is_some() {
            return shown;
        }
        value = of;
    }
    None
}

/// The parameter that a test which came out so shows another one to be in.
fn shown_by(function: &Function, test: Value, held: bool, tested: usize, depth: u32) -> Option<usize> {
    let parameter = |value: Value| match function.op(function.bare(value)) {
        Op::Parameter(at) => Some(at as usize),
        _ => None,
    };
    match function.op(function.bare(test)) {
        Op::Not(inner) if depth < 4 => shown_by(function, inner, !held, tested, depth + 1),
        Op::And(list) if held && depth < 4 => {
            function.list(list).iter().find_map(|&inner| shown_by(function, inner, held, tested, depth + 1))
        }
        Op::Or(list) if !held && depth < 4 => {
            function.list(list).iter().find_map(|&inner| shown_by(function, inner, held, tested, depth + 1))
        }
        Op::Compare { op, left, right } => {
            let is_in = matches!((op, held), (CompareOp::In, true) | (CompareOp::NotIn, false));
            (is_in && parameter(left) == Some(tested)).then(|| parameter(right)).flatten()
        }
        _ => None,
    }
}
