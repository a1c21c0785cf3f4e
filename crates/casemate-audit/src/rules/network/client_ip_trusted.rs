//! The address of a caller as the caller tells it.

use casemate_python::syntax::{Collection, CompareOp, Constant, Function, FunctionId, Op, Span, Value};

use super::calls::{At, calls, items, name_of, tell, text};
use crate::finding::{Confidence, Severity};
use crate::models::{label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `client-ip-trusted`
pub(crate) static RULE: Rule = Rule {
    id: "NET317",
    name: "client-ip-trusted",
    summary: "A decision rests on an address that callers choose themselves",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[348, 290],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "15.3.4",
    page: include_str!("client_ip_trusted.md"),
};

const REMEDY: &str = "Use the address of the connection (`request.remote_addr`, `request.client.host`) and let the server take the forwarded one from your own proxy only: `ProxyFix(app, x_for=1)` behind exactly one proxy, `--forwarded-allow-ips` with its address.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(FunctionId, Span, String, Confidence)> = Vec::new();
    for call in calls(cx) {
        let everybody = call
            .keyword(cx, "forwarded_allow_ips")
            .or_else(|| call.keyword(cx, "trusted_hosts"))
            .or_else(|| (call.name == "ProxyHeadersMiddleware").then(|| call.position(1)).flatten());
        if everybody
            .is_some_and(|at| text(cx, at) == Some("*") || items(cx, at).iter().any(|&at| text(cx, at) == Some("*")))
        {
            found.push((
                call.id,
                call.span(),
                "forwarded addresses are believed whoever sends them".to_owned(),
                Confidence::High,
            ));
        }
    }
    // `forwarded_allow_ips = "*"` of a file for Gunicorn.
    if let Some(body) = cx.module.functions.first()
        && cx.module.path.rsplit('/').next().is_some_and(|name| name.contains("gunicorn"))
    {
        for &(name, value) in &body.assigned {
            let at = At { module: cx.facts.module, function: FunctionId(0), value };
            if cx.module.symbols.text(name) == "forwarded_allow_ips" && text(cx, at) == Some("*") {
                found.push((
                    FunctionId(0),
                    body.span_of(value),
                    "forwarded addresses are believed whoever sends them".to_owned(),
                    Confidence::High,
                ));
            }
        }
    }
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            if let Some(header) = header(cx, id, function, op)
                && let Some(decision) = decision(cx, id, function, value)
            {
                found.push((
                    id,
                    function.span_of(value),
                    format!("`{header}` is whatever the caller writes there, and {decision}"),
                    Confidence::Medium,
                ));
            }
        }
    }
    found.sort_by_key(|(_, span, _, _)| *span);
    found.dedup_by_key(|(_, span, _, _)| *span);
    for (id, span, message, confidence) in found {
        tell(cx, &RULE, id, span, message, REMEDY, confidence);
    }
}

/// The header that an instruction reads, if it tells the address of the caller.
fn header(cx: &Context<'_>, id: FunctionId, function: &Function, op: Op) -> Option<String> {
    let key = match op {
        Op::Subscript { of, index } if is_headers(cx, id, function, of) => cx.module.constant_str(function, index)?,
        Op::Call { callee, arguments } => {
            let Op::Attribute { of, name } = function.op(callee) else { return None };
            if !matches!(cx.module.symbols.text(name), "get" | "getlist" | "get_all")
                || !is_headers(cx, id, function, of)
            {
                return None;
            }
            cx.module.constant_str(function, function.call_arguments(arguments).first()?.value)?
        }
        _ => return None,
    };
    let name = key.to_ascii_lowercase().replace('_', "-");
    let name = name.strip_prefix("http-").unwrap_or(&name);
    matches!(
        name,
        "x-forwarded-for"
            | "x-real-ip"
            | "x-client-ip"
            | "client-ip"
            | "true-client-ip"
            | "x-originating-ip"
            | "forwarded"
            | "x-remote-addr"
            | "x-remote-ip"
    )
    .then(|| key.to_owned())
}

fn is_headers(cx: &Context<'_>, id: FunctionId, function: &Function, of: Value) -> bool {
    if cx.facts.fact(id, of).labels.meets(label::HEADER) {
        return true;
    }
    matches!(function.op(of), Op::Attribute { name, .. } if matches!(cx.module.symbols.text(name), "headers" | "META" | "environ" | "_headers"))
}

/// What is decided by the address.
fn decision(cx: &Context<'_>, id: FunctionId, function: &Function, value: Value) -> Option<String> {
    // Who sent it was looked at first: it came through a proxy that is trusted.
    let asks_proxy = function.conditions.iter().any(|&(_, test, _)| {
        let test = cx.module.slice(function.span_of(test)).to_ascii_lowercase();
        test.contains("proxy") || test.contains("proxies") || test.contains("trusted")
    });
    if asks_proxy && cx.persona == Persona::Default {
        return None;
    }
    let about = made_of(cx, function, value);
    let carries = |one: Value| about.contains(&one);
    for (_, op) in function.values().skip(value.0 as usize + 1) {
        match op {
            Op::Compare { op: CompareOp::Eq | CompareOp::NotEq | CompareOp::In | CompareOp::NotIn, left, right }
                if carries(left) || carries(right) =>
            {
                let other = if carries(left) { right } else { left };
                let is_nothing = matches!(function.op(other), Op::Constant(Constant::None))
                    || cx
                        .module
                        .constant_str(function, other)
                        .is_some_and(|text| !text.contains('.') && !text.contains(':') && text != "localhost");
                if !is_nothing && !carries(other) {
                    return Some("access is decided by it".to_owned());
                }
            }
            Op::Call { callee, arguments } => {
                let name = name_of(cx.module, function, callee);
                let whole = cx.module.slice(function.span_of(callee));
                let passed = function.call_arguments(arguments).iter().any(|argument| carries(argument.value));
                if passed && decides(&words(whole)) {
                    return Some(format!("`{name}` goes by it"));
                }
            }
            _ => {}
        }
    }
    // A function that is called for the address: whoever uses it as the key of a limit or to let somebody in.
    let returned = function.returns.iter().any(|&one| carries(one));
    let limits = cx.module.text.contains(&format!("key_func={}", function.name)) || decides(&words(&function.name));
    let _ = id;
    (returned && limits).then(|| "limits and checks go by it".to_owned())
}

/// Values that are this one in another form, or a part of it: what is passed along with a request to somebody else is not
/// what he answers.
fn made_of(cx: &Context<'_>, function: &Function, value: Value) -> Vec<Value> {
    let mut found = vec![value];
    for used in Context::uses(function, value) {
        let has = |one: Value| found.contains(&one);
        let is_it = match function.op(used) {
            Op::Build { collection: Collection::Dict, .. } => false,
            Op::Call { callee, arguments } => {
                let is_plain = !matches!(function.op(callee), Op::Attribute { .. })
                    || matches!(name_of(cx.module, function, callee), "ip_address" | "ip_network" | "inet_aton");
                let passed = || function.call_arguments(arguments).iter().any(|one| has(one.value));
                has(callee) || is_plain && passed()
            }
            Op::Refine { of, .. } => has(of),
            _ => function.operands_of(used).into_iter().any(has),
        };
        if is_it {
            found.push(used);
        }
    }
    found
}

fn decides(words: &[String]) -> bool {
    words.iter().any(|word| {
        matches!(
            word.as_str(),
            "limit"
                | "limiter"
                | "ratelimit"
                | "rate"
                | "throttle"
                | "ban"
                | "banned"
                | "block"
                | "blocked"
                | "blacklist"
                | "blocklist"
                | "whitelist"
                | "allowlist"
                | "allowed"
                | "allow"
                | "trusted"
                | "attempts"
                | "permit"
                | "permitted"
                | "lockout"
                | "is_private"
        )
    })
}
