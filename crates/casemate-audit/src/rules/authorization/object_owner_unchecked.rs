//! An object loaded by an id that the caller chose, whoever it belongs to.

use super::acts::{asks_permission, callers, class_name, loads, owner_column, tenant_column, ties_caller};
use super::standing::{authorizes, is_aside, is_public};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::authentication::endpoint_without_authentication::named;
use crate::rules::authentication::guards::turns_away;

/// `object-owner-unchecked`
pub(crate) static RULE: Rule = Rule {
    id: "AZN451",
    name: "object-owner-unchecked",
    summary: "An object of anybody is served to whoever knows its id",
    severity: Severity::High,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[639],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "8.2.2",
    page: include_str!("object_owner_unchecked.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let all = cx.all_routes();
    for at in cx.routes_here() {
        let (Some(route), Some(standing)) = (all.get(at), cx.standings().get(at)) else { continue };
        // Where nobody is asked who they are, there is nobody an object could belong to.
        if !standing.is_protected() || is_public(cx, route, &standing.path) || is_aside(&cx.module.path) {
            continue;
        }
        // SECURITY: a guard that looks at roles or owners may well decide this too; it is trusted here.
        if standing.guards.iter().any(authorizes) {
            continue;
        }
        let loads = loads(cx, route.module, route.handler);
        let Some((source, function)) = cx.function(route.module, route.handler) else { continue };
        if loads.is_empty()
            || ties_caller(function, &callers(source, function))
            || asks_permission(source, function)
            || turns_away(cx, route.module, route.handler)
        {
            continue;
        }
        for load in loads {
            let owner = owner_column(cx, load.model).or_else(|| tenant_column(cx, load.model));
            if owner.is_none() && cx.persona == Persona::Default {
                continue;
            }
            let model = class_name(cx, load.model);
            let span = function.span_of(load.call);
            let belongs = match &owner {
                Some(owner) => format!("nothing compares its `{owner}` with who is calling"),
                None => "nothing asks whether the caller may have it".to_owned(),
            };
            let message = format!("{} serves any `{model}` by its id: {belongs}", named(route, &standing.path));
            let finding = cx.report(&RULE, (route.module, route.handler), span, message);
            finding.confidence = if owner.is_some() { Confidence::High } else { Confidence::Low };
            finding.missing_guard = Some(
                "a condition on the caller in the query, or a check of the loaded object against the caller".to_owned(),
            );
            finding.remedy = match &owner {
                Some(owner) => format!(
                    "Ask for the object and its owner in one query, such as `{model}` with this id and `{owner}` of the caller, and answer 404 when there is none."
                ),
                None => {
                    "Check with a policy function whether the caller may have this object, and answer 404 when not."
                        .to_owned()
                }
            };
        }
    }
}
