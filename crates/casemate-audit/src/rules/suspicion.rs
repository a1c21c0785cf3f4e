//! Calls that run, load or show what they are given, where what they are given is not a constant and nothing shows where
//! it comes from. Only who asks for suspicions is told.

use casemate_python::facts::Expected;
use casemate_python::syntax::{Constant, Op};

use super::Context;
use super::constant::{At, fact, origin, text};
use super::pattern::Site;
use crate::models::label;
use crate::rule::Persona;

/// Every call that hands something that is not a constant to sinks of a kind. A condition of a sink counts only where it
/// certainly holds; what is shown to come from outside is left to the rule about that.
pub(crate) fn dynamic<'a>(cx: &Context<'a>, kind: &str) -> Vec<(Site<'a>, At<'a>)> {
    let mut found = Vec::new();
    let Some(kind) = cx.knowledge.kind(kind).filter(|_| cx.persona == Persona::Pedantic) else { return found };
    for &site in cx.sites() {
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
            if is_dynamic(cx, at) && !is_clean(cx, at, kind) {
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
