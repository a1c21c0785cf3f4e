//! Passwords and tokens that travel in the query string.

use std::collections::BTreeMap;

use casemate_python::routes::{Framework, Input, Role};
use casemate_python::syntax::{Function, FunctionId, Op, Span, Value};

use super::guards::checks_access;
use super::route_words;
use crate::finding::{Confidence, Severity};
use crate::models::{is_password, is_secret, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `credentials-in-query`
pub(crate) static RULE: Rule = Rule {
    id: "AUT420",
    name: "credentials-in-query",
    summary: "A password or token is taken from the query string",
    severity: Severity::Medium,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[598],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "14.2.1",
    page: include_str!("credentials_in_query.md"),
};

const REMEDY: &str = "Take a password in the body of a POST request (a Pydantic model, or a form), and a token in the `Authorization` header or a cookie.";

pub(crate) fn check(cx: &mut Context<'_>) {
    declared(cx);
    read(cx);
}

/// Parameters that a framework fills from the query string.
fn declared(cx: &mut Context<'_>) {
    // One finding a function: a dependency of twenty routes is mended once.
    let mut by_function: BTreeMap<FunctionId, Vec<(Span, String, String)>> = BTreeMap::new();
    let home = cx.facts.module;
    for route in cx.fed_routes() {
        let (path, handler) = route_words(cx, route, &route.path);
        if is_link(&path) || is_link(&handler) {
            continue;
        }
        let guarded = cx.chain(route).0.iter().any(|guard| checks_access(cx, guard));
        for input in
            route.inputs.iter().filter(|input| input.role == Role::Query && input.taken_by.0 == home && !input.safe)
        {
            // Behind a guard of its own, an optional key is one to look for, not one to come in with.
            let filters = guarded && input.taken_by.1 == route.handler && is_optional(cx, input);
            if is_credential(&input.name) && !filters {
                let inputs = by_function.entry(input.taken_by.1).or_default();
                if !inputs.iter().any(|(span, ..)| *span == input.span) {
                    inputs.push((input.span, input.name.clone(), route.path.clone()));
                }
            }
        }
    }
    for (id, mut inputs) in by_function {
        inputs.sort();
        let names: Vec<String> = inputs.iter().map(|(_, name, _)| format!("`{name}`")).collect();
        let Some((span, _, path)) = inputs.first().cloned() else { continue };
        let (verb, pronoun) = if names.len() == 1 { ("is", "it ends up") } else { ("are", "they end up") };
        let finding = cx.report(
            &RULE,
            (home, id),
            span,
            format!("{} of `{path}` {verb} taken from the query string, so {pronoun} in server logs, browser history and `Referer` headers", names.join(" and ")),
        );
        finding.remedy = REMEDY.to_owned();
    }
}

/// Reads such as `request.args["password"]`.
fn read(cx: &mut Context<'_>) {
    let mut found: Vec<(FunctionId, Value, String)> = Vec::new();
    let routes = cx.routes();
    for (id, function) in cx.module.function_ids() {
        if is_link(&words(&function.qualified)) {
            continue;
        }
        let route = routes.iter().find(|route| route.handler == id);
        if route.is_some_and(|route| is_link(&words(&route.path))) {
            continue;
        }
        let is_django_view = route.is_some_and(|route| route.framework == Framework::Django);
        for (value, op) in function.values() {
            let (container, key) = match op {
                Op::Subscript { of, index } => (of, index),
                Op::Call { callee, arguments } => {
                    match (function.op(callee), function.call_arguments(arguments).first()) {
                        (Op::Attribute { of, name }, Some(first))
                            if matches!(cx.module.symbols.text(name), "get" | "pop" | "getlist") =>
                        {
                            (of, first.value)
                        }
                        _ => continue,
                    }
                }
                _ => continue,
            };
            let from_query = match cx.facts.path(id, container) {
                Some(path) => matches!(
                    path,
                    "flask.request.args"
                        | "starlette.Request().query_params"
                        | "django.HttpRequest().GET"
                        | "django.HttpRequest().query_params"
                ),
                None => match function.op(container) {
                    Op::Attribute { name, .. } => cx.module.symbols.text(name) == "GET" && is_django_view,
                    _ => false,
                },
            };
            let Some(key) = cx.module.constant_str(function, key) else { continue };
            if from_query
                && is_credential(key)
                && !names_cookie(cx, function, value)
                && !is_checked_once(cx, function, key, value)
            {
                found.push((id, value, key.to_owned()));
            }
        }
        // A class of FastAPI that does the reading.
        for (value, op) in function.values() {
            if let Op::Call { callee, .. } = op
                && matches!(
                    cx.facts.path(id, callee),
                    Some("fastapi.security.APIKeyQuery" | "fastapi.security.api_key.APIKeyQuery")
                )
            {
                found.push((id, value, "API key".to_owned()));
            }
        }
    }
    let mut told: Vec<FunctionId> = Vec::new();
    for (id, value, key) in found {
        let Some(function) = cx.module.function(id) else { continue };
        // One finding a handler.
        if id != FunctionId(0) && told.contains(&id) {
            continue;
        }
        told.push(id);
        let finding = cx.report(
            &RULE,
            (cx.facts.module, id),
            function.span_of(value),
            format!("`{key}` is taken from the query string, so it ends up in server logs, browser history and `Referer` headers"),
        );
        finding.confidence = Confidence::High;
        finding.remedy = REMEDY.to_owned();
    }
}

fn is_optional(cx: &Context<'_>, input: &Input) -> bool {
    let (module, id, index) = input.taken_by;
    !is_password(&input.name)
        && cx
            .function(module, id)
            .and_then(|(_, function)| function.parameters.get(index))
            .is_some_and(|parameter| parameter.default.is_some())
}

/// Whether a value only names a cookie: a browser that waits for a download sends such a token.
fn names_cookie(cx: &Context<'_>, function: &Function, value: Value) -> bool {
    Context::uses(function, value).into_iter().any(|used| {
        let Op::Call { callee, arguments } = function.op(used) else { return false };
        let Op::Attribute { name, .. } = function.op(callee) else { return false };
        cx.module.symbols.text(name) == "set_cookie"
            && function.call_arguments(arguments).first().is_some_and(|first| function.bare(first.value) == value)
    })
}

/// Whether a token is one that a link carries and that says itself how long it holds: `loads(token, max_age=3600)`,
/// `check_token(user, token)`.
fn is_checked_once(cx: &Context<'_>, function: &Function, key: &str, value: Value) -> bool {
    words(key).last().is_some_and(|word| word == "token")
        && Context::uses(function, value).into_iter().any(|used| {
            let Op::Call { callee, arguments } = function.op(used) else { return false };
            let name = match function.op(callee) {
                Op::Attribute { name, .. } | Op::Name(name) => cx.module.symbols.text(name),
                _ => cx.module.slice(function.span_of(callee)),
            };
            matches!(name, "check_token" | "unsign")
                || matches!(name, "loads" | "load")
                    && cx.keyword(function.call_arguments(arguments), "max_age").is_some()
        })
}

fn is_credential(name: &str) -> bool {
    let words = words(name);
    // Tokens against cross-site requests, and those that name a page of results, open nothing.
    if words.iter().any(|word| {
        matches!(
            word.as_str(),
            "csrf"
                | "xsrf"
                | "page"
                | "next"
                | "cursor"
                | "csrfmiddlewaretoken"
                | "hash"
                | "digest"
                | "signature"
                | "sig"
        )
    }) {
        return false;
    }
    is_password(name) || is_secret(name) || matches!(words.last().map(String::as_str), Some("apikey" | "jwt"))
}

/// Links sent by mail must carry a token; it is used once and soon expires.
fn is_link(words: &[String]) -> bool {
    words.iter().any(|word| {
        matches!(
            word.as_str(),
            "verify"
                | "confirm"
                | "confirmation"
                | "verification"
                | "activate"
                | "activation"
                | "reset"
                | "unsubscribe"
                | "invite"
                | "invitation"
                | "magic"
                | "callback"
                | "webhook"
                | "subscribe"
                | "download"
                | "accept"
                | "share"
                | "shared"
                | "recover"
                | "recovery"
                | "forgot"
        )
    })
}
