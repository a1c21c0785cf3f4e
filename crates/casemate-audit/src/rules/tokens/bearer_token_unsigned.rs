//! A login that hands out a token with neither signature nor end.

use casemate_python::syntax::{Collection, Function, FunctionId, Op, Passing, Span, Value};

use crate::finding::{Confidence, Severity};
use crate::models::{label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::authentication::{is_login, route_words};
use crate::rules::{Context, context};

/// `bearer-token-unsigned`
pub(crate) static RULE: Rule = Rule {
    id: "JWT513",
    name: "bearer-token-unsigned",
    summary: "A token is handed out that has neither a signature nor an expiry",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[345, 613],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "9.1.1",
    page: include_str!("bearer_token_unsigned.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    for route in cx.routes() {
        let (_, path) = cx.chain(route);
        let (path_words, handler_words) = route_words(cx, route, &path);
        let makes_account =
            path_words.iter().chain(&handler_words).any(|word| matches!(word.as_str(), "register" | "signup"));
        if !is_login(&path_words, &handler_words) && !makes_account {
            continue;
        }
        let Some((_, handler)) = cx.function(route.module, route.handler) else { continue };
        for (name, token, at) in handed_out(cx, handler) {
            let fact = cx.facts.fact(route.handler, token);
            let random = fact.labels.meets(label::RANDOM);
            let encoded = fact.labels.meets(label::ENCODED);
            if !(random || encoded)
                || fact.labels.meets(label::MAC)
                || is_bounded(cx, route.handler, handler, token, random)
            {
                continue;
            }
            let what = if random {
                "random text that nothing gives an end"
            } else {
                "text that is only encoded, so anybody can write one"
            };
            let finding = cx.report(
                &RULE,
                (route.module, route.handler),
                at,
                format!("`{path}` hands out `{name}`, which is {what}: it has no expiry and no signature"),
            );
            finding.confidence = if random { Confidence::Medium } else { Confidence::High };
            finding.missing_guard = Some("a signature with an expiry claim, or a stored session with one".to_owned());
            finding.remedy =
                "Issue a signed token that ends soon: `jwt.encode({\"sub\": …, \"exp\": …, \"iss\": …, \"aud\": …}, key, algorithm=\"RS256\")`, and verify all of it; or store the session with an expiry and check that.".to_owned();
            break;
        }
    }
}

/// Values a handler returns under the name of a token: name, value, and where it is put into the answer.
fn handed_out(cx: &Context<'_>, handler: &Function) -> Vec<(String, Value, Span)> {
    let mut found = Vec::new();
    for &returned in &handler.returns {
        collect(cx, handler, returned, &mut found, &mut 2000);
    }
    for (value, op) in handler.values() {
        // `response.set_cookie("session", token)`
        if let Op::Call { callee, arguments } = op
            && let Op::Attribute { name, .. } = handler.op(callee)
            && cx.module.symbols.text(name) == "set_cookie"
        {
            let arguments = handler.call_arguments(arguments);
            let bounded = ["max_age", "expires"].iter().any(|name| cx.keyword(arguments, name).is_some());
            let named = arguments.first().and_then(|first| cx.module.constant_str(handler, first.value));
            if let (Some(named), Some(second), false) = (named, arguments.get(1), bounded)
                && names_token(named)
            {
                found.push((named.to_owned(), second.value, handler.span_of(value)));
            }
        }
    }
    found
}

fn collect(
    cx: &Context<'_>,
    handler: &Function,
    value: Value,
    found: &mut Vec<(String, Value, Span)>,
    steps: &mut u32,
) {
    // SECURITY: answers are small; lists of lists of the same lists are none.
    *steps = steps.saturating_sub(1);
    if *steps == 0 {
        return;
    }
    match handler.op(value) {
        Op::Build { collection: Collection::Dict, items } => {
            for pair in handler.list(items).chunks_exact(2) {
                let Some(key) = cx.module.constant_str(handler, pair[0]) else { continue };
                if names_token(key) {
                    found.push((key.to_owned(), pair[1], handler.span_of(pair[1])));
                } else {
                    collect(cx, handler, pair[1], found, steps);
                }
            }
        }
        Op::Build { items, .. } => {
            for &item in handler.list(items) {
                collect(cx, handler, item, found, steps);
            }
        }
        Op::Call { arguments, .. } => {
            // `jsonify(token=…)`, `JSONResponse({"token": …})`, `Token(access_token=…)`
            for argument in handler.call_arguments(arguments) {
                match argument.passing {
                    Passing::Keyword(name) if names_token(cx.module.symbols.text(name)) => {
                        found.push((
                            cx.module.symbols.text(name).to_owned(),
                            argument.value,
                            handler.span_of(argument.value),
                        ));
                    }
                    _ => collect(cx, handler, argument.value, found, steps),
                }
            }
        }
        Op::Refine { of, .. } | Op::Await(of) => collect(cx, handler, of, found, steps),
        Op::Phi(list) => {
            for &choice in handler.list(list).iter().filter(|choice| choice.0 < value.0) {
                collect(cx, handler, choice, found, steps);
            }
        }
        _ => {}
    }
}

fn names_token(name: &str) -> bool {
    let words = words(name);
    if words.iter().any(|word| matches!(word.as_str(), "csrf" | "xsrf" | "type" | "request" | "page" | "device")) {
        return false;
    }
    matches!(words.last().map(String::as_str), Some("token" | "bearer" | "session" | "jwt"))
        || words.windows(2).any(|pair| pair[0] == "session" && pair[1] == "id")
}

/// Whether something in the handler gives the token an end or a signature, or may do so out of sight.
fn is_bounded(cx: &Context<'_>, id: FunctionId, handler: &Function, token: Value, random: bool) -> bool {
    let mentions_end = |span: Span| {
        words(cx.module.slice(span)).iter().any(|word| {
            matches!(
                word.as_str(),
                "exp"
                    | "expires"
                    | "expiry"
                    | "expire"
                    | "expiration"
                    | "ttl"
                    | "ex"
                    | "px"
                    | "timeout"
                    | "lifetime"
                    | "age"
                    | "setex"
                    | "valid"
                    | "until"
                    | "deadline"
                    | "timedelta"
            )
        })
    };
    let whole = handler.span;
    if random && mentions_end(whole) {
        return true;
    }
    // The token itself, and what it is made from, seen from where it was made.
    let origin = context::origin_of(handler, token);
    Context::uses(handler, origin).into_iter().any(|used| match handler.op(used) {
        Op::Call { callee, .. } => {
            let name = cx.callee_name(id, handler, callee);
            let last = name.rsplit('.').next().unwrap_or("");
            // A call of the project or one not known may well store it with an end; making text of it does not.
            let shapes = matches!(
                last,
                "hex"
                    | "str"
                    | "decode"
                    | "encode"
                    | "b64encode"
                    | "urlsafe_b64encode"
                    | "jsonify"
                    | "JSONResponse"
                    | "dumps"
                    | "format"
                    | "hexdigest"
                    | "make_response"
                    | "strip"
                    | "rstrip"
                    | "set_cookie"
                    | "dict"
                    | "json"
                    | "repr"
                    | "bytes"
                    | "Response"
                    | "join"
                    | "ORJSONResponse"
                    | "JsonResponse"
                    | "info"
                    | "debug"
                    | "print"
            );
            !shapes && !is_returned_model(handler, used)
        }
        // Kept in a table of this process: `SESSIONS[token] = user`.
        Op::StoreItem { .. } | Op::StoreAttribute { .. } => mentions_end(handler.span_of(used)),
        _ => false,
    })
}

/// `return Token(access_token=…)`
fn is_returned_model(handler: &Function, call: Value) -> bool {
    handler.returns.contains(&call)
}
