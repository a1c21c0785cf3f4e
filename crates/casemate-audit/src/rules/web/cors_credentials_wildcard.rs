//! Cross-origin sharing with credentials for every origin, or for more than was meant.

use casemate_python::syntax::{Argument, Collection, Function, FunctionId, Op, Span, Value};

use super::configured::{is_for_development, settings};
use super::middleware::is_middleware;
use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{Given, Written, called, given, mentions};

/// `cors-credentials-wildcard`
pub(crate) static RULE: Rule = Rule {
    id: "WEB605",
    name: "cors-credentials-wildcard",
    summary: "Every site may read answers in the session of its visitors",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[942, 346],
    owasp_2021: "A05",
    owasp_2025: "A02",
    asvs: "3.4.2",
    page: include_str!("cors_credentials_wildcard.md"),
};

const REMEDY: &str =
    "List the origins that may, one by one (`allow_origins=[\"https://app.example.org\"]`), or switch credentials off.";
const PATTERN: &str =
    "Escape the dots, and allow only labels in place of the wildcard: `https://[a-z0-9-]+\\.example\\.org`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !mentions(cx, &["CORS", "cors", "ccess-"]) {
        return;
    }
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        let span = function.span_of(value);
        let path = cx.facts.path(id, callee).unwrap_or_default();
        if is_middleware(cx, id, function, value, "CORSMiddleware") {
            let credentials = given(cx, id, arguments, None, "allow_credentials").is_true();
            let is_open = has_star(given(cx, id, arguments, None, "allow_origins"));
            if credentials && is_open {
                found.push(Told::new(id, span, "with `allow_credentials` every origin is answered by its own name: each site may read what its visitors may", REMEDY));
            } else if is_open {
                found.extend(public(cx, id, span));
            }
            if let Given::Value(pattern) = given(cx, id, arguments, None, "allow_origin_regex")
                && let Some(text) = pattern.text()
                && (credentials || is_anything(text))
                && let Some(message) = broad_pattern(text, true)
            {
                found.push(Told::new(id, span, message, PATTERN));
            }
        } else if matches!(
            path,
            "litestar.config.cors.CORSConfig" | "falcon.CORSMiddleware" | "falcon.middleware.CORSMiddleware"
        ) {
            found.extend(of_objects(cx, id, span, arguments));
        } else if matches!(path, "flask_cors.CORS" | "flask_cors.cross_origin" | "quart_cors.cors") {
            let credentials = given(cx, id, arguments, None, "supports_credentials").is_true()
                || given(cx, id, arguments, None, "allow_credentials").is_true();
            let origins = match given(cx, id, arguments, None, "origins") {
                Given::Nothing => given(cx, id, arguments, None, "allow_origin"),
                given => given,
            };
            let resources = given(cx, id, arguments, None, "resources");
            let is_open = has_star(origins) || origins.is_nothing() && (resources.is_nothing() || opens(resources));
            if !credentials && is_open {
                found.extend(public(cx, id, span));
            } else if is_open {
                found.push(Told::new(id, span, "with `supports_credentials` every origin is answered by its own name: each site may read what its visitors may", REMEDY));
            }
        }
    }
    reflected(cx, &mut found);
    django(cx, &mut found);
    told::report(cx, &RULE, found);
}

/// `CORSConfig(allow_origins=["*"], allow_credentials=True)`; for Falcon the credentials have origins of their own.
fn of_objects(cx: &Context<'_>, id: FunctionId, span: Span, arguments: &[Argument]) -> Option<Told> {
    let origins = given(cx, id, arguments, None, "allow_origins");
    let credentials = given(cx, id, arguments, None, "allow_credentials");
    let is_open = has_star(origins);
    let is_flag = !matches!(credentials, Given::Value(written) if written.text().is_some());
    if has_star(credentials) || is_open && is_flag && credentials.is_true() {
        let message =
            "every origin is answered by its own name, credentials included: each site may read what its visitors may";
        return Some(Told::new(id, span, message, REMEDY));
    }
    if is_open { public(cx, id, span) } else { None }
}

/// Without credentials only what everybody may read anyway is read by other sites, and what a network keeps in. Only who
/// asks for suspicions is told.
fn public(cx: &Context<'_>, id: FunctionId, span: Span) -> Option<Told> {
    (cx.persona == Persona::Pedantic).then(|| {
        Told::new(id, span, "every site may read the answers, also those that only a network may ask for", REMEDY)
            .severity(Severity::Low)
            .confidence(Confidence::Low)
    })
}

fn has_star(given: Given<'_>) -> bool {
    let Given::Value(written) = given else { return false };
    let is_star = |written: Written<'_>| matches!(written.text(), Some("*" | ".*"));
    is_star(written) || written.items().is_some_and(|items| items.into_iter().any(is_star))
}

/// `resources={r"/*": {"origins": "*"}}`
fn opens(resources: Given<'_>) -> bool {
    let Given::Value(table) = resources else { return false };
    table.entries().is_some_and(|entries| {
        entries.into_iter().any(|(_, options)| {
            options.entries().is_some_and(|options| {
                options.into_iter().any(|(name, value)| name == "origins" && has_star(Given::Value(value)))
            })
        })
    })
}

fn is_anything(pattern: &str) -> bool {
    matches!(
        pattern.trim_start_matches('^').trim_end_matches('$'),
        ".*" | ".+" | "https?://.*" | "https://.*" | "http://.*" | "(.*)" | "https?://.+"
    )
}

/// What is wrong with a pattern of origins; `is_full` says that it has to match the whole of one.
fn broad_pattern(pattern: &str, is_full: bool) -> Option<String> {
    if is_anything(pattern) {
        return Some("every origin matches the pattern: each site may read what its visitors may".to_owned());
    }
    // Not the dots of `.*`, and not those in brackets.
    let bytes = pattern.as_bytes();
    let mut in_class = false;
    for (at, &byte) in bytes.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at)).copied();
        let after = bytes.get(at + 1).copied();
        match byte {
            b'[' if before != Some(b'\\') => in_class = true,
            b']' if before != Some(b'\\') => in_class = false,
            b'.' if !in_class
                && before.is_some_and(|byte| byte.is_ascii_alphanumeric())
                && after.is_some_and(|byte| byte.is_ascii_alphanumeric()) =>
            {
                return Some(format!(
                    "the dots of `{pattern}` stand for any letter, so that somebody can register a name that matches"
                ));
            }
            _ => {}
        }
    }
    let is_open = !is_full && !pattern.ends_with('$') && !pattern.ends_with("\\Z");
    is_open.then(|| format!("`{pattern}` has no end, so that names which begin so match too"))
}

/// `response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]`
fn reflected(cx: &Context<'_>, found: &mut Vec<Told>) {
    let is_pedantic = cx.persona == Persona::Pedantic;
    for (id, function) in cx.module.function_ids() {
        let header = |value: Value| cx.module.constant_str(function, value).map(str::to_ascii_lowercase);
        let stored: Vec<(Value, Value, String)> = function
            .values()
            .filter_map(|(at, op)| match op {
                Op::StoreItem { index, value, .. } => Some((at, value, header(index)?)),
                Op::Call { callee, arguments }
                    if matches!(
                        called(cx.module, function, callee),
                        "add" | "set" | "setdefault" | "set_header" | "add_header"
                    ) =>
                {
                    match function.call_arguments(arguments) {
                        [name, value] => Some((at, value.value, header(name.value)?)),
                        _ => None,
                    }
                }
                _ => None,
            })
            .collect();
        // `Response(…, headers={"Access-Control-Allow-Origin": "*"})`
        for (value, op) in function.values() {
            let Op::Build { collection: Collection::Dict, items } = op else { continue };
            let is_open = function.list(items).chunks_exact(2).any(|pair| {
                matches!(pair, [name, value] if header(*name).as_deref() == Some("access-control-allow-origin")
                    && cx.module.constant_str(function, *value) == Some("*"))
            });
            if is_open && is_pedantic {
                found.extend(public(cx, id, function.span_of(value)));
            }
        }
        let credentials = stored.iter().any(|(_, _, name)| name == "access-control-allow-credentials");
        for (at, value, name) in &stored {
            if name != "access-control-allow-origin" {
                continue;
            }
            let is_star = cx.module.constant_str(function, *value) == Some("*");
            if is_star && !credentials {
                found.extend(public(cx, id, function.span_of(*at)));
            }
            let fact = cx.facts.fact(id, *value);
            let is_checked =
                cx.facts.clean(id, *value) == casemate_python::facts::Kinds::MAX || is_tested(function, *value);
            if fact.labels.meets(label::HEADER) && !is_checked && is_origin(cx, function, *value) {
                let told = Told::new(
                    id,
                    function.span_of(*at),
                    "the origin of the request is answered as allowed, whichever it is",
                    REMEDY,
                );
                // Without credentials every visitor of another site is a stranger, as with `*`.
                if credentials {
                    found.push(told);
                } else if is_pedantic {
                    found.push(told.severity(Severity::Medium).confidence(Confidence::Medium));
                }
            } else if is_star && credentials && is_pedantic {
                let message = "browsers ignore `*` together with credentials; whatever was meant, list the origins";
                found.push(Told::new(id, function.span_of(*at), message, REMEDY).severity(Severity::Low));
            } else if is_star && is_pedantic {
                // Where nobody signs in, it may be the network alone that keeps others out.
                let message =
                    "every site may read what is answered here to its visitors, also what only their network may reach";
                let told = Told::new(id, function.span_of(*at), message, REMEDY);
                found.push(told.severity(Severity::Low).confidence(Confidence::Low));
            }
        }
    }
}

fn is_tested(function: &Function, value: Value) -> bool {
    matches!(function.op(value), Op::Refine { test, .. } if matches!(function.op(test), Op::Compare { .. } | Op::Call { .. } | Op::And(_)))
}

fn is_origin(cx: &Context<'_>, function: &Function, value: Value) -> bool {
    let mut value = value;
    for _ in 0..8 {
        value = match function.op(value) {
            Op::Refine { of, .. } => of,
            Op::Subscript { index, .. } => {
                return cx
                    .module
                    .constant_str(function, index)
                    .is_some_and(|name| name.eq_ignore_ascii_case("origin") || name == "HTTP_ORIGIN");
            }
            Op::Call { arguments, .. } => {
                return function.call_arguments(arguments).first().is_some_and(|first| {
                    cx.module
                        .constant_str(function, first.value)
                        .is_some_and(|name| name.eq_ignore_ascii_case("origin") || name == "HTTP_ORIGIN")
                });
            }
            Op::Or(list) => match function.list(list).first() {
                Some(&first) => first,
                None => return false,
            },
            Op::Attribute { name, .. } => return cx.module.symbols.text(name) == "origin",
            _ => return false,
        };
    }
    false
}

/// Settings of django-cors-headers.
fn django(cx: &Context<'_>, found: &mut Vec<Told>) {
    let Some(body) = cx.module.functions.first() else { return };
    let truth = |name: &str| {
        crate::rules::values::held_by(cx.module, body, name)
            .and_then(|value| crate::rules::values::written(cx, FunctionId(0), value))
            .and_then(Written::truth)
    };
    if is_for_development(cx, "") {
        return;
    }
    if truth("CORS_ALLOW_CREDENTIALS") != Some(true) {
        for setting in settings(cx, |name| matches!(name, "CORS_ALLOW_ALL_ORIGINS" | "CORS_ORIGIN_ALLOW_ALL")) {
            if setting.value.truth() == Some(true) {
                found.extend(public(cx, setting.function, setting.span));
            }
        }
        return;
    }
    for setting in settings(cx, |name| matches!(name, "CORS_ALLOW_ALL_ORIGINS" | "CORS_ORIGIN_ALLOW_ALL")) {
        if setting.value.truth() == Some(true) {
            let message = "with `CORS_ALLOW_CREDENTIALS` every origin is answered by its own name: each site may read what its visitors may";
            found.push(Told::new(setting.function, setting.span, message, REMEDY));
        }
    }
    for setting in settings(cx, |name| matches!(name, "CORS_ALLOWED_ORIGIN_REGEXES" | "CORS_ORIGIN_REGEX_WHITELIST")) {
        for item in setting.value.items().unwrap_or_default() {
            if let Some(message) = item.text().and_then(|text| broad_pattern(text, false)) {
                found.push(Told::new(setting.function, item.function.span_of(item.value), message, PATTERN));
            }
        }
    }
}
