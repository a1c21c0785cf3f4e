//! A route that changes something when it is only read.

use casemate_python::facts::Entity;
use casemate_python::names::ModuleId;
use casemate_python::routes::Framework;
use casemate_python::syntax::{Function, FunctionId, Op, Value};

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
        let has = |wanted: &[&str]| route.methods.iter().any(|method| wanted.contains(&method.as_str()));
        // `methods=["GET", "DELETE"]`: a browser sends the one where the other was meant.
        let only_reads = has(&["GET"]) && !has(&["POST", "PUT", "PATCH"]);
        if !only_reads || is_public(cx, route, &standing.path) {
            continue;
        }
        let Some((source, function)) = cx.function(route.module, route.handler) else { continue };
        let mut said = words(&standing.path);
        said.extend(words(&function.name));
        let asks_method = has(&["DELETE"]) && source.slice(function.span).contains(".method");
        let Some((call, act)) = acts(source, function)
            .into_iter()
            .find(|(_, act)| *act == Act::Delete)
            .or_else(|| acts(source, function).first().copied())
            .or_else(|| handed_on(cx, route.module, route.handler, function).map(|call| (call, Act::Delete)))
            .filter(|_| !asks_method)
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

/// A call of a function of the project that removes something, by its name and by what it does.
fn handed_on(cx: &Context<'_>, module: ModuleId, id: FunctionId, function: &Function) -> Option<Value> {
    let facts = cx.all_facts.get(module)?;
    function.values().find_map(|(value, op)| {
        let Op::Call { callee, .. } = op else { return None };
        let (Entity::Function(home, called) | Entity::Method(home, called)) = facts.fact(id, callee).entity else {
            return None;
        };
        let (source, body) = cx.function(home, called)?;
        let says = words(&body.name)
            .first()
            .is_some_and(|word| matches!(word.as_str(), "delete" | "remove" | "destroy" | "purge" | "erase"));
        let removes = || {
            acts(source, body).iter().any(|(_, act)| *act == Act::Delete)
                || body.values().any(|(_, op)| match op {
                    Op::Call { callee, .. } => match body.op(callee) {
                        Op::Attribute { name, .. } | Op::Name(name) => {
                            matches!(source.symbols.text(name), "remove" | "unlink" | "rmtree" | "rmdir")
                        }
                        _ => false,
                    },
                    _ => false,
                })
        };
        (says && removes()).then_some(value)
    })
}
