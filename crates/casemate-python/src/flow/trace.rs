//! The way labelled data took, rebuilt only for what is reported.

use super::facts::{Hit, Labels, ModuleFacts};
use crate::names::{ModuleId, Program};
use crate::syntax::{Function, FunctionId, Op, Piece, Span, Symbol, Value};

/// What happens at one stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// The data enters as this parameter.
    Parameter(Symbol),
    /// The data enters here.
    Source,
    /// It becomes part of a text.
    Built,
    /// It goes through a call.
    Through,
    /// It is passed to a function of the project, which takes it to the end of the path.
    Passed,
    /// It gets a new name.
    Named(Symbol),
    /// It arrives.
    Sink,
}

/// One stop of labelled data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceStep {
    /// The module of the stop.
    pub module: ModuleId,
    /// Its function.
    pub function: FunctionId,
    /// Where it is.
    pub span: Span,
    /// What happens there.
    pub kind: StepKind,
}

impl ModuleFacts {
    /// From the source of `wanted` labels to the end of a hit.
    pub fn trace(&self, program: &Program, hit: &Hit, wanted: Labels) -> Vec<TraceStep> {
        let mut steps = Vec::new();
        let Some(function) = program.module(self.module).and_then(|module| module.function(hit.function)) else {
            return steps;
        };
        let here = |span: Span, kind: StepKind| TraceStep { module: self.module, function: hit.function, span, kind };
        let carries = |value: Value| self.fact(hit.function, value).labels.meets(wanted);
        let filled = self.filled.get(hit.function.0 as usize).map_or(&[][..], Vec::as_slice);
        for &value in walk_back(function, hit.argument, &carries, filled).iter().rev() {
            push(function, value, &mut steps, &here);
        }
        let local = hit.reach.module == self.module && hit.reach.function == hit.function && hit.reach.call == hit.call;
        if local {
            steps.push(here(function.span_of(hit.call), StepKind::Sink));
            return steps;
        }
        steps.push(here(function.span_of(hit.call), StepKind::Passed));
        let Some(inner) = program.module(hit.reach.module).and_then(|module| module.function(hit.reach.function))
        else {
            return steps;
        };
        let there = |span: Span, kind: StepKind| TraceStep {
            module: hit.reach.module,
            function: hit.reach.function,
            span,
            kind,
        };
        // Parameters are what arrives from outside; the way is told by the text alone.
        for &value in path_from_parameter(inner, hit.reach.argument).iter().rev() {
            push(inner, value, &mut steps, &there);
        }
        steps.push(there(inner.span_of(hit.reach.call), StepKind::Sink));
        steps
    }
}

fn push(function: &Function, value: Value, steps: &mut Vec<TraceStep>, at: &impl Fn(Span, StepKind) -> TraceStep) {
    let span = function.span_of(value);
    let kind = match function.op(value) {
        Op::Parameter(index) => {
            function.parameters.get(index as usize).map(|parameter| StepKind::Parameter(parameter.name))
        }
        Op::Format(_) | Op::Binary { .. } | Op::Build { .. } => Some(StepKind::Built),
        Op::Call { .. } => Some(StepKind::Through),
        Op::Attribute { .. } | Op::Subscript { .. } | Op::Name(_) | Op::Import(_) if steps.is_empty() => {
            Some(StepKind::Source)
        }
        _ => None,
    };
    let mut step = kind.map(|kind| at(span, kind));
    if steps.is_empty()
        && let Some(step) = &mut step
        && matches!(step.kind, StepKind::Through | StepKind::Built)
    {
        step.kind = StepKind::Source;
    }
    if let Some(step) = step
        && steps.last().is_none_or(|last| last.span != step.span)
    {
        steps.push(step);
    }
    if let Some(&(name, _)) = function.assigned.iter().find(|(_, assigned)| *assigned == value)
        && !matches!(function.op(value), Op::Parameter(_))
        && let Some(last) = steps.last_mut()
        && last.span == span
        && last.kind == StepKind::Built
    {
        last.kind = StepKind::Named(name);
    }
}

/// Values from the given one back to where a label begins.
fn walk_back(
    function: &Function,
    start: Value,
    carries: &impl Fn(Value) -> bool,
    filled: &[(Value, Value, Labels)],
) -> Vec<Value> {
    let mut way = vec![start];
    let mut current = start;
    while way.len() < 64 {
        let next = operands(function, current)
            .into_iter()
            .chain(filled.iter().filter(|(target, _, _)| *target == current).map(|(_, by, _)| *by))
            .find(|&operand| operand != Value::NONE && !way.contains(&operand) && carries(operand));
        let Some(next) = next else { break };
        way.push(next);
        current = next;
    }
    way
}

/// Values from the given one back to a parameter, found by their making alone.
fn path_from_parameter(function: &Function, end: Value) -> Vec<Value> {
    let mut stack = vec![vec![end]];
    let mut seen = vec![end];
    while let Some(way) = stack.pop() {
        let Some(&last) = way.last() else { continue };
        if matches!(function.op(last), Op::Parameter(_)) {
            return way;
        }
        if seen.len() > 512 {
            break;
        }
        for operand in operands(function, last).into_iter().rev() {
            if operand != Value::NONE && !seen.contains(&operand) {
                seen.push(operand);
                let mut longer = way.clone();
                longer.push(operand);
                stack.push(longer);
            }
        }
    }
    vec![end]
}

/// The values an instruction is made from.
fn operands(function: &Function, value: Value) -> Vec<Value> {
    match function.op(value) {
        Op::Attribute { of, .. }
        | Op::Not(of)
        | Op::Unary(of)
        | Op::Element(of)
        | Op::Item { of, .. }
        | Op::Spread(of)
        | Op::Await(of)
        | Op::Yield(of)
        | Op::Enter(of)
        | Op::Refine { of, .. }
        | Op::Return(of)
        | Op::Raise(of) => vec![of],
        Op::Subscript { of, index } => vec![of, index],
        Op::Binary { left, right, .. } | Op::Compare { left, right, .. } => vec![left, right],
        Op::Choice { yes, no } => vec![yes, no],
        Op::And(list) | Op::Or(list) | Op::Phi(list) | Op::Build { items: list, .. } => function.list(list).to_vec(),
        Op::Format(list) => function
            .format_pieces(list)
            .iter()
            .filter_map(|piece| match piece {
                Piece::Hole(value) => Some(*value),
                Piece::Literal(_) => None,
            })
            .collect(),
        Op::Call { callee, arguments } => {
            let mut found: Vec<Value> =
                function.call_arguments(arguments).iter().map(|argument| argument.value).collect();
            if let Op::Attribute { of, .. } = function.op(callee) {
                found.push(of);
            }
            found.push(callee);
            found
        }
        Op::StoreAttribute { value, .. } | Op::StoreItem { value, .. } | Op::StoreName { value, .. } => vec![value],
        Op::Parameter(_)
        | Op::Constant(_)
        | Op::Name(_)
        | Op::Import(_)
        | Op::Function(_)
        | Op::Class(_)
        | Op::Opaque => Vec::new(),
    }
}

impl Function {
    /// The values that the instruction of a value is made from.
    pub fn operands_of(&self, value: Value) -> Vec<Value> {
        operands(self, value)
    }
}
