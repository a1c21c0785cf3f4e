//! An identity that may be missing, used as if it were there.

use casemate_python::routes::{Role, Route};
use casemate_python::syntax::{Function, Module, Op, Value};

use super::endpoint_without_authentication::named;
use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::authorization::acts::acts_near;
use crate::rules::authorization::standing::{authenticates, is_aside};

/// `optional-identity-ignored`
pub(crate) static RULE: Rule = Rule {
    id: "AUT406",
    name: "optional-identity-ignored",
    summary: "A handler acts although nobody may have signed in",
    severity: Severity::Medium,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[287],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "8.3.1",
    page: include_str!("optional_identity_ignored.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    if is_aside(&cx.module.path) {
        return;
    }
    let all = cx.all_routes();
    for at in cx.routes_here() {
        let (Some(route), Some(standing)) = (all.get(at), cx.standings().get(at)) else { continue };
        let Some((source, function)) = cx.function(route.module, route.handler) else { continue };
        let Some((index, name)) = optional_caller(cx, route) else { continue };
        // Another guard that turns strangers away makes up for it.
        let own = declared(source, function, index);
        let others = standing.guards.iter().filter(|guard| {
            authenticates(cx, guard) && !is_optional(&guard.written) && !own.contains(guard.written.as_str())
        });
        if others.count() > 0 || is_tested(function, index) || acts_near(cx, route.module, route.handler).is_empty() {
            continue;
        }
        let span = function.parameters.get(index).map_or(function.name_span, |parameter| parameter.span);
        let message = format!(
            "{} acts although `{name}` is missing when nobody has signed in, and never asks",
            named(route, &standing.path)
        );
        let finding = cx.report(&RULE, (route.module, route.handler), span, message);
        finding.confidence = Confidence::Medium;
        finding.missing_guard = Some(format!("a test of `{name}` before the act, or a dependency that raises 401"));
        finding.remedy = "Depend on the strict form that raises 401 (`auto_error=True`, `get_current_user`), or answer 401 where it is `None`.".to_owned();
    }
}

fn is_optional(written: &str) -> bool {
    written.contains("auto_error=False") || {
        let words = words(written);
        words.iter().any(|word| word == "optional") || words.windows(2).any(|pair| pair == ["or", "none"])
    }
}

/// The parameter of the handler that is who is calling, if there is anybody.
fn optional_caller(cx: &Context<'_>, route: &Route) -> Option<(usize, String)> {
    let (source, function) = cx.function(route.module, route.handler)?;
    route.inputs.iter().find_map(|input| {
        let (module, id, index) = input.taken_by;
        if (module, id) != (route.module, route.handler) || input.role != Role::Dependency {
            return None;
        }
        let is_caller = words(&input.name).iter().any(|word| {
            matches!(
                word.as_str(),
                "user" | "identity" | "account" | "principal" | "token" | "credentials" | "member" | "caller" | "auth"
            )
        });
        let text = &declared(source, function, index);
        let promises = input.annotation.contains("Optional") || input.annotation.contains("None");
        // What is depended on may say itself that it may find nobody.
        let is_lax = is_optional(text) || is_lax_scheme(cx, route, &input.annotation, text);
        (is_caller && (is_lax || (promises && text.contains("Depends")))).then(|| (index, input.name.clone()))
    })
}

/// What stands behind a parameter: its annotation and its default.
fn declared(source: &Module, function: &Function, index: usize) -> String {
    let around = function.parent.and_then(|parent| source.function(parent));
    let (Some(parameter), Some(around)) = (function.parameters.get(index), around) else { return String::new() };
    let parts = parameter.annotation.into_iter().chain(parameter.default);
    parts.map(|value| source.slice(around.span_of(value))).collect::<Vec<_>>().join(" = ")
}

/// Whether a parameter depends on a scheme that was made with `auto_error=False`.
fn is_lax_scheme(cx: &Context<'_>, route: &Route, annotation: &str, text: &str) -> bool {
    let Some(module) = cx.program.module(route.module) else { return false };
    let Some(body) = module.functions.first() else { return false };
    body.exit.iter().any(|&(name, value)| {
        let name = module.symbols.text(name);
        let depends = format!("Depends({name})");
        let security = format!("Security({name})");
        (text.contains(&depends) || text.contains(&security) || annotation.contains(&depends))
            && module.slice(body.span_of(value)).contains("auto_error=False")
    })
}

/// Whether anything is asked of a parameter.
fn is_tested(function: &Function, index: usize) -> bool {
    let is_it =
        |value: Value| matches!(function.op(function.bare(value)), Op::Parameter(found) if found as usize == index);
    function.values().any(|(_, op)| match op {
        Op::Not(of) => is_it(of),
        Op::Compare { left, right, .. } => is_it(left) || is_it(right),
        Op::And(list) | Op::Or(list) => function.list(list).iter().any(|&operand| is_it(operand)),
        Op::Choice { test, .. } => is_it(test),
        // What gets the caller may ask.
        Op::Call { arguments, .. } => function.call_arguments(arguments).iter().any(|argument| is_it(argument.value)),
        _ => false,
    }) || function.conditions.iter().any(|&(_, test, _)| is_it(test))
}
