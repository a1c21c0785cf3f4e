//! A route that changes something and asks nobody who they are.

use casemate_python::facts::Entity;
use casemate_python::routes::Route;
use casemate_python::syntax::{Op, Value};

use super::inconsistent_protection::{is_odd_one_out, is_open_on_purpose};
use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::authorization::acts::{Act, acts_near};
use crate::rules::authorization::standing::{is_aside, is_public, may_change};
use crate::rules::values::called;

/// `endpoint-without-authentication`
pub(crate) static RULE: Rule = Rule {
    id: "AUT401",
    name: "endpoint-without-authentication",
    summary: "A route changes something for anybody",
    severity: Severity::High,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[306],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "8.2.1",
    page: include_str!("endpoint_without_authentication.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let all = cx.all_routes();
    for at in cx.routes_here() {
        let (Some(route), Some(standing)) = (all.get(at), cx.standings().get(at)) else { continue };
        if standing.is_protected()
            || !may_change(route)
            || is_public(cx, route, &standing.path)
            || is_aside(&cx.module.path)
            || has_secret(&standing.path)
            // A view of which nobody knows where it stands, nor what stands before it.
            || standing.path.is_empty() && cx.persona == Persona::Default
        {
            continue;
        }
        // The handler of a class that a library brings changes what its class says; its methods tell.
        let inherits = cx.function(route.module, route.handler).is_some_and(|(_, handler)| handler.name.is_empty());
        let acts = acts_near(cx, route.module, route.handler);
        if acts.is_empty() && !inherits {
            continue;
        }
        if super::admin_route_unprotected::is_for_administrators(cx, route, &standing.path).is_some() {
            continue;
        }
        let changing = || all.iter().zip(cx.standings()).filter(|(route, _)| may_change(route));
        // What is true of a large program says little about the part of it that is for everybody.
        let is_large = changing().count() > MANY_ROUTES && cx.persona == Persona::Default;
        let (mut guarded, mut total) = (0_usize, 0_usize);
        for (_, other) in changing().filter(|(other, _)| !is_large || other.module == route.module) {
            total += 1;
            guarded += usize::from(other.is_protected());
        }
        // Where most routes are guarded, one without a guard was forgotten; where none is, guards may stand elsewhere.
        let is_shown = (guarded >= 2 && guarded * 2 >= total || is_evident(route, &standing.path, &acts))
            && !(cx.persona == Persona::Default && (hands_request_on(cx, route) || is_open_on_purpose(cx, route)));
        if (!is_shown && cx.persona == Persona::Default) || is_odd_one_out(cx, at, Persona::Default) {
            continue;
        }
        let path = standing.path.clone();
        let span = cx.handler_span(route);
        let finding = cx.report(
            &RULE,
            (route.module, route.handler),
            span,
            format!("{} answers anybody: nothing before it or in it asks who is calling", named(route, &path)),
        );
        finding.confidence = if is_shown { Confidence::High } else { Confidence::Low };
        finding.missing_guard = Some("a decorator, dependency, mixin, permission class or middleware that turns strangers away, or a check in the handler".to_owned());
        finding.remedy = "Attach the guard that the other routes have, best to the whole router, blueprint or class, so that the next route has it too.".to_owned();
    }
}

/// Routes that change something, in a program of which each part has rules of its own.
const MANY_ROUTES: usize = 12;

/// Whether the handler gives the whole request to a function of the project, which may ask who is calling however deep.
fn hands_request_on(cx: &Context<'_>, route: &Route) -> bool {
    let (Some((module, function)), Some(facts)) =
        (cx.function(route.module, route.handler), cx.all_facts.get(route.module))
    else {
        return false;
    };
    function.values().any(|(_, op)| {
        let Op::Call { callee, arguments } = op else { return false };
        let reads = |word: &String| {
            matches!(
                word.as_str(),
                "form" | "serializer" | "parse" | "body" | "json" | "data" | "render" | "log" | "response" | "template"
            )
        };
        let is_request =
            |value: Value| matches!(Context::written(module, function, value).as_str(), "request" | "self.request");
        !matches!(facts.fact(route.handler, callee).entity, Entity::Path(_))
            && !words(called(module, function, callee)).iter().any(reads)
            && function.call_arguments(arguments).iter().any(|one| is_request(one.value))
    })
}

/// Whether the path and the act show by themselves that not everybody may do this.
fn is_evident(route: &Route, path: &str, acts: &[Act]) -> bool {
    let is_sensitive = words(path).iter().any(|word| {
        matches!(
            word.as_str(),
            "user"
                | "users"
                | "account"
                | "accounts"
                | "payment"
                | "payments"
                | "transfer"
                | "transfers"
                | "role"
                | "roles"
                | "permissions"
                | "employees"
                | "members"
                | "salary"
                | "apikeys"
        )
    });
    is_sensitive && acts.contains(&Act::Delete) && route.methods.iter().any(|method| method == "DELETE")
}

/// Whether whoever calls has been given a part of the address that nobody guesses.
fn has_secret(path: &str) -> bool {
    path.split('/').filter(|part| part.contains(['<', '{'])).any(|part| {
        words(part).iter().any(|word| matches!(word.as_str(), "secret" | "token" | "signature" | "hash" | "uidb64"))
    })
}

/// A route in words: `DELETE /cases/{id}`.
pub(crate) fn named(route: &Route, path: &str) -> String {
    let path = if path.is_empty() { "this view" } else { path };
    match route.methods.as_slice() {
        [] => format!("`{path}`"),
        methods => format!("`{} {path}`", methods.join("|")),
    }
}
