//! Versions of TLS that can be broken.

use casemate_python::syntax::{BinaryOp, CompareOp, Function, FunctionId, Op, Passing, Span, Value};

use super::calls::{At, calls, entries, path_of, tell, text};
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
            // `SSLContext(**{"protocol": …})`
            let spread = match argument.passing {
                Passing::DoubleStar => entries(cx, at).into_iter().map(|(_, held)| held).collect(),
                _ => vec![at],
            };
            if let Some(version) = spread.into_iter().find_map(|at| old(path_of(cx, at))) {
                found.push((call.id, call.span(), version));
            }
        }
        // `SecurityPolicy.TLS_1_0` of the AWS CDK, and its texts
        for keyword in ["security_policy", "tls_security_policy", "minimum_protocol_version"] {
            let Some(at) = call.keyword(cx, keyword) else { continue };
            let named = path_of(cx, at).rsplit('.').next().unwrap_or_default().to_owned();
            let told = text(cx, at).unwrap_or(&named);
            let version = match told {
                "TLS_1_0" | "Policy-Min-TLS-1-0-2019-07" | "TLS_V1" | "TLSv1" | "TLS_V1_2016" => "TLS 1.0",
                "TLS_V1_1_2016" | "TLSv1.1_2016" => "TLS 1.1",
                "SSL_V3" | "SSLv3" => "SSL 3",
                _ => continue,
            };
            found.push((call.id, call.span(), version));
        }
        for keyword in ["ssl_version", "tls_version", "ssl_minimum_version", "minimum_version", "ssl_protocol"] {
            if let Some(version) = call.keyword(cx, keyword).and_then(|at| named(text(cx, at)?)) {
                found.push((call.id, call.span(), version));
            }
        }
    }
    if cx.persona == Persona::Pedantic {
        negotiated(cx, &mut found);
    }
    allowed(cx, &mut found);
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

/// Contexts that take whatever version the other side proposes, where the function sets no lower end. Versions of OpenSSL and of systems have their own lower ends; so only who asks is told.
fn negotiated(cx: &Context<'_>, found: &mut Vec<(FunctionId, Span, &str)>) {
    const ANY: &str = "TLS 1.0, which is negotiated unless a lower end is set,";
    for call in calls(cx) {
        let any = match call.path {
            "ssl.SSLContext" | "OpenSSL.SSL.Context" => match call.position(0).or_else(|| call.keyword(cx, "protocol"))
            {
                Some(at) => {
                    let path = path_of(cx, at);
                    ["PROTOCOL_SSLv23", "PROTOCOL_TLS", "SSLv23_METHOD", "TLS_METHOD"]
                        .iter()
                        .any(|name| path.rsplit('.').next() == Some(*name))
                }
                None => call.path == "ssl.SSLContext" && !call.is_open(cx),
            },
            _ => false,
        };
        let text = match call.id.0 {
            0 => cx.module.text.as_str(),
            _ => cx.module.slice(call.function.span),
        };
        if any && !["minimum_version", "OP_NO_TLSv1", "set_min_proto_version"].iter().any(|word| text.contains(word)) {
            found.push((call.id, call.span(), ANY));
        }
    }
}

/// Versions that are shut out by default and let in again.
fn allowed(cx: &Context<'_>, found: &mut Vec<(FunctionId, Span, &str)>) {
    for (id, function) in cx.module.function_ids() {
        for (at, op) in function.values() {
            let Op::StoreAttribute { name, value, .. } = op else { continue };
            if cx.module.symbols.text(name) != "options" {
                continue;
            }
            // `context.options &= ~ssl.OP_NO_SSLv3`
            let Op::Binary { op: BinaryOp::BitAnd, right, .. } = function.op(value) else { continue };
            let written = cx.module.slice(function.span_of(right));
            let version = ["SSLv2", "SSLv3", "TLSv1_1", "TLSv1"].into_iter().find(|version| {
                written.trim_start().starts_with('~') && written.ends_with(&format!("OP_NO_{version}"))
            });
            found.extend(version.and_then(named).map(|version| (id, function.span_of(at), version)));
        }
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
