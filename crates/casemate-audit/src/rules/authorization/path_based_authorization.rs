//! A decision about rights that rests on how a path is written.

use casemate_python::syntax::{CompareOp, Constant, Function, FunctionKind, Op, Value};

use super::standing::is_aside;
use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::authentication::guards::turns_away;

/// `path-based-authorization`
pub(crate) static RULE: Rule = Rule {
    id: "AZN460",
    name: "path-based-authorization",
    summary: "Rights are decided by the text of the path",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[863],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "8.3.1",
    page: include_str!("path_based_authorization.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    if is_aside(&cx.module.path) {
        return;
    }
    let module = cx.facts.module;
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        if function.kind != FunctionKind::Def || !turns_away(cx, module, id) {
            continue;
        }
        for &(_, test, _) in &function.conditions {
            if let Some((value, is_loose)) = path_test(cx, function, test, 0)
                && (is_loose || cx.persona == Persona::Pedantic)
            {
                found.push((id, value, is_loose));
            }
        }
    }
    found.sort_by_key(|(id, value, _)| (*id, *value));
    found.dedup();
    for (id, value, is_loose) in found {
        let Some(function) = cx.module.function(id) else { continue };
        let span = function.span_of(value);
        let written = crate::rules::context::short(cx.module.slice(span));
        let message = format!("who may pass is decided by the text of the path: `{written}`");
        let finding = cx.report(&RULE, (module, id), span, message);
        finding.confidence = if is_loose { Confidence::Medium } else { Confidence::Low };
        finding.missing_guard = Some("a guard on the route itself".to_owned());
        finding.remedy = "Put the guard on the routes or their router; for exceptions compare the name of the matched route (`request.endpoint`, `resolver_match.view_name`) with a fixed list.".to_owned();
    }
}

/// A test of the path of the request, and whether it holds for paths that nobody meant: a part or an end of it.
fn path_test(cx: &Context<'_>, function: &Function, test: Value, depth: u32) -> Option<(Value, bool)> {
    if depth > 6 {
        return None;
    }
    match function.op(test) {
        Op::Not(of) | Op::Refine { of, .. } => path_test(cx, function, of, depth + 1),
        Op::And(list) | Op::Or(list) => {
            function.list(list).iter().find_map(|&operand| path_test(cx, function, operand, depth + 1))
        }
        Op::Compare { op: CompareOp::In | CompareOp::NotIn, left, right } => {
            let is_part = matches!(function.op(left), Op::Constant(Constant::Str(_))) && is_path(cx, function, right);
            is_part.then_some((test, true))
        }
        Op::Call { callee, arguments } => {
            let Op::Attribute { of, name } = function.op(callee) else { return None };
            let name = cx.module.symbols.text(name);
            match name {
                // Whether there is a slash at the end makes a page of it or a folder, and lets nobody in.
                "endswith"
                    if function
                        .call_arguments(arguments)
                        .first()
                        .is_some_and(|text| cx.module.constant_str(function, text.value) == Some("/")) =>
                {
                    None
                }
                "endswith" if is_path(cx, function, of) => Some((test, true)),
                "startswith" if is_path(cx, function, of) => Some((test, false)),
                "search"
                    if function
                        .call_arguments(arguments)
                        .iter()
                        .any(|argument| is_path(cx, function, argument.value)) =>
                {
                    Some((test, true))
                }
                "match"
                    if function
                        .call_arguments(arguments)
                        .iter()
                        .any(|argument| is_path(cx, function, argument.value)) =>
                {
                    Some((test, false))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn is_path(cx: &Context<'_>, function: &Function, value: Value) -> bool {
    let Op::Attribute { of, name } = function.op(function.bare(value)) else { return false };
    let on = words(cx.module.slice(function.span_of(of)));
    matches!(cx.module.symbols.text(name), "path" | "path_info" | "full_path" | "url")
        && on.iter().any(|word| matches!(word.as_str(), "request" | "req"))
}
