//! Versions of TLS that can be broken.

use casemate_python::syntax::{CompareOp, Function, FunctionId, Op, Span, Value};

use super::calls::{At, calls, path_of, tell, text};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `tls-old-version`
pub(crate) static RULE: Rule = Rule {
    id: "NET306",
    name: "tls-old-version",
    summary: "An old version of TLS is asked for or allowed",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[327, 757],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "12.1.1",
    page: include_str!("tls_old_version.md"),
};

const REMEDY: &str = "Use `ssl.create_default_context()`, or `ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)` with `context.minimum_version = ssl.TLSVersion.TLSv1_2`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(FunctionId, Span, &str)> = Vec::new();
    for call in calls(cx) {
        // What is only printed or compared is not asked for.
        let root = call.path.split('.').next().unwrap_or_default();
        if matches!(root, "logging" | "print" | "isinstance" | "getattr" | "dict" | "set" | "str" | "repr")
            || matches!(
                call.name,
                "debug" | "info" | "warning" | "error" | "critical" | "log" | "append" | "add" | "get"
            )
        {
            continue;
        }
        for argument in call.arguments {
            let at = call.at(argument.value);
            if let Some(version) = old(path_of(cx, at)) {
                found.push((call.id, call.span(), version));
            }
        }
        for keyword in ["ssl_version", "tls_version", "ssl_minimum_version", "minimum_version", "ssl_protocol"] {
            if let Some(version) = call.keyword(cx, keyword).and_then(|at| named(text(cx, at)?)) {
                found.push((call.id, call.span(), version));
            }
        }
    }
    for (id, function) in cx.module.function_ids() {
        for (at, op) in function.values() {
            let Op::StoreAttribute { name, value, .. } = op else { continue };
            // What may be at most is as bad as what must be at least.
            let asks = matches!(
                cx.module.symbols.text(name),
                "minimum_version" | "maximum_version" | "ssl_version" | "protocol"
            );
            let place = At { module: cx.facts.module, function: id, value };
            if asks
                && let Some(version) = old(path_of(cx, place))
                && (cx.persona == Persona::Pedantic || !is_asked_for(cx, function, at))
            {
                found.push((id, function.span_of(at), version));
            }
        }
        // `def connect(version=ssl.PROTOCOL_TLSv1)`
        for parameter in &function.parameters {
            let Some((default, parent)) = parameter.default.zip(function.parent) else { continue };
            let place = At { module: cx.facts.module, function: parent, value: default };
            if let Some(version) = old(path_of(cx, place)) {
                found.push((id, parameter.span, version));
            }
        }
    }
    for (id, span, version) in found {
        let message = format!("{version} can be broken by somebody between the two sides");
        tell(cx, &RULE, id, span, message, REMEDY, Confidence::High);
    }
}

/// Whether this is done only where somebody asked for this version by name: `if version == "TLSv1.1":`.
fn is_asked_for(cx: &Context<'_>, function: &Function, at: Value) -> bool {
    let block = function.block_of(at);
    let names = |value: Value| cx.module.constant_str(function, value).is_some_and(|text| named(text).is_some());
    function.conditions.iter().any(|&(of, test, held)| {
        of == block
            && held
            && matches!(function.op(test), Op::Compare { op: CompareOp::Eq, left, right } if names(left) || names(right))
    })
}

/// The version that a name of a library stands for, if it is an old one.
fn old(path: &str) -> Option<&'static str> {
    let name = path
        .strip_prefix("ssl.")
        .or_else(|| path.strip_prefix("OpenSSL.SSL."))
        .or_else(|| path.strip_prefix("urllib3.util.ssl_."))
        .or_else(|| path.strip_prefix("twisted.internet.ssl."))?;
    named(name.trim_start_matches("TLSVersion.").trim_start_matches("PROTOCOL_").trim_end_matches("_METHOD"))
}

fn named(version: &str) -> Option<&'static str> {
    Some(match version {
        "SSLv2" => "SSL 2",
        "SSLv3" => "SSL 3",
        "TLSv1" | "TLSv1.0" | "TLSv1_0" => "TLS 1.0",
        "TLSv1_1" | "TLSv1.1" => "TLS 1.1",
        _ => return None,
    })
}
