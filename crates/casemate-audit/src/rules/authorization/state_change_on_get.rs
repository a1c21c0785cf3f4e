//! A route that changes something when it is only read.

use casemate_python::routes::Framework;

use super::acts::{Act, acts};
use super::standing::{is_aside, is_public};
use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::authentication::endpoint_without_authentication::named;

/// `state-change-on-get`
pub(crate) static RULE: Rule = Rule {
    id: "AZN459",
    name: "state-change-on-get",
    summary: "Reading a route changes something",
    severity: Severity::Medium,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[352],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "3.5.3",
    page: include_str!("state_change_on_get.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    if is_aside(&cx.module.path) {
        return;
    }
    let all = cx.all_routes();
    for at in cx.routes_here() {
        let (Some(route), Some(standing)) = (all.get(at), cx.standings().get(at)) else { continue };
        let only_reads =
            !route.methods.is_empty() && route.methods.iter().all(|method| matches!(method.as_str(), "GET" | "HEAD"));
        if !only_reads || is_public(cx, route, &standing.path) {
            continue;
        }
        let Some((source, function)) = cx.function(route.module, route.handler) else { continue };
        let mut said = words(&standing.path);
        said.extend(words(&function.name));
        let Some((call, act)) = acts(source, function)
            .into_iter()
            .find(|(_, act)| *act == Act::Delete)
            .or_else(|| acts(source, function).first().copied())
        else {
            continue;
        };
        // A visit that is counted changes something too, and nobody minds.
        let is_meant = said.iter().any(|word| {
            matches!(
                word.as_str(),
                "delete"
                    | "remove"
                    | "destroy"
                    | "update"
                    | "edit"
                    | "create"
                    | "add"
                    | "set"
                    | "toggle"
                    | "approve"
                    | "reject"
                    | "cancel"
                    | "close"
                    | "archive"
                    | "reset"
                    | "promote"
                    | "disable"
                    | "enable"
                    | "transfer"
                    | "pay"
                    | "like"
                    | "vote"
                    | "publish"
            )
        });
        let is_clear = act == Act::Delete || is_meant;
        if !is_clear && cx.persona == Persona::Default {
            continue;
        }
        let what = match act {
            Act::Delete => "deletes",
            Act::Create => "stores something",
            Act::Change => "changes what is stored",
        };
        let span = function.span_of(call);
        let message = format!("{} {what} when it is only read", named(route, &standing.path));
        let finding = cx.report(&RULE, (route.module, route.handler), span, message);
        finding.confidence = if is_clear { Confidence::Medium } else { Confidence::Low };
        finding.missing_guard = Some("a method that is made for changing: POST, PUT, PATCH or DELETE".to_owned());
        finding.remedy = match route.framework {
            Framework::Django => "Put `@require_POST` on the view and send a form with the CSRF token.".to_owned(),
            _ => "Answer to POST or DELETE instead, with a CSRF token where a cookie says who is calling.".to_owned(),
        };
    }
}
