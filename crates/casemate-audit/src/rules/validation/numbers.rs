//! Numbers that somebody outside chooses, and whether anything keeps them within bounds.

use casemate_python::facts::{Entity, Labels};
use casemate_python::routes::Role;
use casemate_python::syntax::{CompareOp, Constant, Function, FunctionId, Op, Outcome, Passing, Span, Value};

use crate::models::label;
use crate::rule::Persona;
use crate::rules::values::{called, is_order};
use crate::rules::{Context, beginning};

/// What somebody chooses who means harm; a server that the program itself asked is another matter.
const UNTRUSTED: Labels = Labels(label::UNTRUSTED.0 & !label::ANSWER.0 & !label::TASK.0);

/// Steps back from a use.
const MAX_DEPTH: u32 = 16;

/// Where an unbounded number comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) span: Span,
}

/// Where a number comes from, if that is outside and nothing limits it on the way within its function.
pub(super) fn unbounded(cx: &Context<'_>, id: FunctionId, value: Value) -> Option<Source> {
    let function = cx.module.function(id)?;
    trace(cx, id, function, value, 0)
}

fn trace(cx: &Context<'_>, id: FunctionId, function: &Function, value: Value, depth: u32) -> Option<Source> {
    if depth > MAX_DEPTH {
        return None;
    }
    let deeper = |value: Value| trace(cx, id, function, value, depth + 1);
    match function.op(value) {
        Op::Refine { of, outcome: Outcome::Done, .. } => deeper(of),
        Op::Refine { of, test, .. } => {
            if limits(function, test, 0) {
                return None;
            }
            deeper(of)
        }
        Op::Await(of) | Op::Unary(of) => deeper(of),
        Op::Phi(list) | Op::Or(list) => {
            // `if size > 100: size = 100`: a branch that was taken limits the other.
            let choices: Vec<Value> = function.list(list).iter().copied().filter(|one| one.0 < value.0).collect();
            let mut found = None;
            for one in choices {
                if let Op::Refine { test, .. } = function.op(one)
                    && limits(function, test, 0)
                {
                    return None;
                }
                found = found.or_else(|| deeper(one));
            }
            found
        }
        Op::Choice { yes, no, .. } => {
            let is_limited = [yes, no]
                .into_iter()
                .any(|side| matches!(function.op(side), Op::Refine { test, .. } if limits(function, test, 0)));
            if is_limited { None } else { deeper(yes).or_else(|| deeper(no)) }
        }
        Op::Binary { left, right, .. } => deeper(left).or_else(|| deeper(right)),
        Op::Parameter(index) => parameter(cx, id, function, index as usize),
        Op::Call { callee, arguments } => {
            let name = called(cx.module, function, callee);
            let arguments = function.call_arguments(arguments);
            match name {
                "min" | "clamp" | "clip" | "len" | "bool" | "hash" => None,
                "max" | "int" | "float" | "abs" | "round" | "Decimal" => {
                    arguments.iter().find_map(|argument| deeper(argument.value))
                }
                // `request.args.get("limit", 20, type=int)`
                _ => {
                    let is_source = cx.facts.fact(id, value).labels.meets(UNTRUSTED)
                        || matches!(name, "get" | "pop") && reads_request(cx, id, function, callee);
                    is_source.then(|| Source { span: function.span_of(value) })
                }
            }
        }
        Op::Attribute { of, .. } if is_own_number(cx, id, function, of) => None,
        Op::Attribute { .. } | Op::Subscript { .. } | Op::Item { .. } => {
            let is_outside = cx.facts.fact(id, value).labels.meets(UNTRUSTED)
                && (cx.persona == Persona::Pedantic || beginning::comes_in(cx, id, value, UNTRUSTED));
            is_outside.then(|| Source { span: function.span_of(value) })
        }
        _ => None,
    }
}

/// Whether an object was read from an attribute or made by a library: what it says of itself (`key.curve.key_size`,
/// `frame.index.nlevels`) is no number that somebody sent.
fn is_own_number(cx: &Context<'_>, id: FunctionId, function: &Function, of: Value) -> bool {
    let is_known = cx.facts.path(id, of).is_some_and(|path| {
        let begins = path.split('.').next().unwrap_or_default();
        cx.knowledge.models.sources.keys().any(|known| known.split('.').next() == Some(begins))
    });
    let is_request = Context::written(cx.module, function, of).to_ascii_lowercase().contains("req");
    let is_of_library = match cx.facts.fact(id, of).entity {
        Entity::Path(_) => true,
        Entity::Unknown => matches!(function.op(function.bare(of)), Op::Attribute { .. } | Op::Call { .. }),
        _ => false,
    };
    cx.persona == Persona::Default && is_of_library && !is_known && !is_request
}

fn reads_request(cx: &Context<'_>, id: FunctionId, function: &Function, callee: Value) -> bool {
    matches!(function.op(callee), Op::Attribute { of, .. } if cx.facts.fact(id, of).labels.meets(UNTRUSTED))
}

/// Whether a test compares with a bound.
fn limits(function: &Function, test: Value, depth: u32) -> bool {
    if depth > 6 {
        return false;
    }
    match function.op(test) {
        Op::Not(of) => limits(function, of, depth + 1),
        Op::And(list) | Op::Or(list) => function.list(list).iter().any(|&one| limits(function, one, depth + 1)),
        // Comparing with nothing or one says nothing about the other end.
        Op::Compare { op, left, right } if is_order(op) => ![left, right]
            .into_iter()
            .any(|side| matches!(function.op(function.plain(side)), Op::Constant(Constant::Int(0 | 1)))),
        Op::Compare { op: CompareOp::In | CompareOp::NotIn | CompareOp::Eq, .. } => true,
        _ => false,
    }
}

/// A number a framework takes from the request, unless its declaration limits it.
fn parameter(cx: &Context<'_>, id: FunctionId, function: &Function, index: usize) -> Option<Source> {
    let home = cx.facts.module;
    let routes = cx.fed_routes();
    let input =
        routes.iter().flat_map(|route| &route.inputs).find(|input| input.taken_by == (home, id, index)).filter(
            |input| {
                matches!(input.role, Role::Query | Role::Path | Role::Form | Role::Body | Role::Header | Role::Cookie)
            },
        )?;
    let parameter = function.parameters.get(index)?;
    // Only numbers; `Query(le=100)`, `conint(le=…)`, `Annotated[int, Field(lt=…)]` and types of the project limit them.
    let is_number = ["int", "float", "Decimal", "int | None", "float | None", "Optional[int]", "Optional[float]"]
        .contains(&input.annotation.as_str())
        || input.annotation.starts_with("Annotated[int") && !has_bound(&input.annotation);
    let default = parameter.default.and_then(|default| {
        cx.module.function(function.parent?).map(|around| cx.module.slice(around.span_of(default)))
    });
    // `limit: int = limit_of_body()`: a function of the project says what it may be.
    let is_made = parameter.default.zip(function.parent).is_some_and(|(default, parent)| {
        cx.module.function(parent).is_some_and(|around| match around.op(default) {
            Op::Call { callee, .. } => matches!(cx.facts.fact(parent, callee).entity, Entity::Function(..)),
            _ => false,
        })
    });
    let is_limited = is_made || has_bound(&input.annotation) || default.is_some_and(has_bound);
    (is_number && !is_limited).then_some(Source { span: parameter.span })
}

fn has_bound(written: &str) -> bool {
    let written: String = written.chars().filter(|c| !c.is_whitespace()).collect();
    ["le=", "lt=", "max_value=", "Le(", "Lt(", "Interval("].iter().any(|bound| written.contains(bound))
}

/// The value of a keyword, or of a position.
pub(super) fn passed(
    cx: &Context<'_>,
    arguments: &[casemate_python::syntax::Argument],
    position: usize,
    keywords: &[&str],
) -> Option<Value> {
    let by_keyword = arguments.iter().find_map(|argument| match argument.passing {
        Passing::Keyword(name) if keywords.contains(&cx.module.symbols.text(name)) => Some(argument.value),
        _ => None,
    });
    let by_position =
        arguments.get(position).filter(|argument| argument.passing == Passing::Position).map(|argument| argument.value);
    by_keyword.or(by_position)
}
