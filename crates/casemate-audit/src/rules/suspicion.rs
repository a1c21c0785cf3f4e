//! Calls that run, load or show what they are given, where what they are given is not a constant and nothing shows where
//! it comes from. Only who asks for suspicions is told.

use casemate_python::facts::{Expected, Labels};
use casemate_python::syntax::{Constant, FunctionId, Op};

use super::constant::{At, fact, origin, path, text};
use super::pattern::Site;
use super::{Context, caller};
use crate::models::label;
use crate::rule::{Persona, Rule};

/// Every call that hands something that is not a constant to sinks of a kind. A condition of a sink counts only where it
/// certainly holds; what is shown to come from outside, or counts for the rule though it is only given by callers, is told
/// otherwise.
pub(crate) fn dynamic<'a>(cx: &Context<'a>, kind: &str, rule: &Rule) -> Vec<(Site<'a>, At<'a>)> {
    let mut found = Vec::new();
    // What a file holds may be no longer what came from outside, and is code all the same.
    let is_code = kind == "code";
    let Some(kind) = cx.knowledge.kind(kind).filter(|_| cx.persona == Persona::Pedantic) else { return found };
    for &site in cx.sites() {
        if !cx.knowledge.models.calls.contains_key(site.path) || is_told(cx, &site, kind, rule) {
            continue;
        }
        let Some(model) = cx.knowledge.models.calls.get(site.path) else { continue };
        for sink in model.sinks.iter().filter(|sink| sink.kind == kind) {
            let holds = |argument: &casemate_python::facts::ArgumentAt, expected: &Expected| {
                let by_keyword = argument.keyword.as_deref().and_then(|name| site.keyword(cx, name));
                let given = by_keyword.or_else(|| argument.position.and_then(|at| site.position(at)));
                matches!(expected, Expected::Bool(wanted) if given.and_then(|at| truth(cx, at)) == Some(*wanted))
            };
            if !sink.when.iter().all(|condition| holds(&condition.argument, &condition.expected))
                || sink.unless.iter().any(|condition| holds(&condition.argument, &condition.expected))
            {
                continue;
            }
            let by_position = sink.argument.position.and_then(|at| site.position(at));
            let by_keyword = sink.argument.keyword.as_deref().and_then(|name| site.keyword(cx, name));
            let Some(at) = by_position.or(by_keyword) else { continue };
            if is_dynamic(cx, at) && (is_code || !is_clean(cx, at, kind)) {
                found.push((site, at));
                break;
            }
        }
    }
    found
}

/// Whether a value is no constant, and not shown to come from outside.
pub(crate) fn is_dynamic(cx: &Context<'_>, at: At<'_>) -> bool {
    let fact = fact(cx, at);
    !fact.constant && !fact.labels.meets(label::UNTRUSTED) && text(cx, at).is_none()
}

/// Whether a value is a number, whatever number it is.
pub(crate) fn is_number(cx: &Context<'_>, at: At<'_>) -> bool {
    let Some(at) = origin(cx, at) else { return false };
    match at.op() {
        Op::Constant(Constant::Int(_) | Constant::Number) => true,
        Op::Call { callee, .. } => matches!(path(cx, at.with(callee)), Some("int" | "float" | "len" | "round" | "abs")),
        _ => false,
    }
}

/// Whether a call is told because of what is shown to arrive there.
fn is_told(cx: &Context<'_>, site: &Site<'_>, kind: u8, rule: &Rule) -> bool {
    cx.facts.hits.iter().any(|hit| {
        let reach = hit.reach;
        reach.kind == kind
            && (reach.module, reach.function, reach.call) == (site.at.home, site.at.id, site.at.value)
            && (hit.labels.meets(label::UNTRUSTED) || caller::counts(cx, rule, hit))
    })
}

/// Whether something of a kind is shown to arrive anywhere in a function.
pub(crate) fn has_hit(cx: &Context<'_>, kind: &str, function: FunctionId, labels: Labels) -> bool {
    let kind = cx.knowledge.kind(kind);
    cx.facts.hits.iter().any(|hit| {
        Some(hit.reach.kind) == kind
            && (hit.reach.module, hit.reach.function) == (cx.facts.module, function)
            && hit.labels.meets(labels)
    })
}

fn is_clean(cx: &Context<'_>, at: At<'_>, kind: u8) -> bool {
    at.home == cx.facts.module && cx.facts.clean(at.id, at.value) & (1 << kind) != 0
}

/// Whether a value counts as true, if it is a constant.
pub(crate) fn truth(cx: &Context<'_>, at: At<'_>) -> Option<bool> {
    match origin(cx, at)?.op() {
        Op::Constant(Constant::Bool(value)) => Some(value),
        Op::Constant(Constant::Int(number)) => Some(number != 0),
        Op::Constant(Constant::None) => Some(false),
        _ => None,
    }
}
