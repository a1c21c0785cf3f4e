//! Code that is evaluated though it is not a constant, where nothing shows that it comes from outside.

use casemate_python::syntax::{Function, FunctionId, Op, Value};

use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `dynamic-eval`
pub(crate) static RULE: Rule = Rule {
    id: "INJ116",
    name: "dynamic-eval",
    summary: "Code that is not a constant is evaluated",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Pedantic,
    cwe: &[95],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.3.2",
    page: include_str!("dynamic_eval.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let calls: Vec<_> = cx.calls().collect();
    for (id, function, call, callee, arguments) in calls {
        let Some(name @ ("eval" | "exec")) = cx.facts.path(id, callee) else { continue };
        let Some(first) = arguments.first() else { continue };
        let fact = cx.facts.fact(id, first.value);
        // What is shown to come from outside is told by the rule about that; `compile` makes code objects of files.
        if fact.constant || fact.labels.meets(label::UNTRUSTED) || is_compiled(cx, id, function, first.value) {
            continue;
        }
        let filled = Context::written(cx.module, function, first.value);
        let message = format!("`{name}` runs `{filled}`, which is not a constant");
        let finding = cx.report(&RULE, (cx.facts.module, id), function.span_of(call), message);
        finding.confidence = Confidence::Medium;
        finding.missing_guard = Some("a parser that runs nothing".to_owned());
        finding.remedy = "Use `ast.literal_eval` for data, and a dictionary of functions for a choice.".to_owned();
    }
}

fn is_compiled(cx: &Context<'_>, id: FunctionId, function: &Function, value: Value) -> bool {
    match function.op(value) {
        Op::Call { callee, .. } => cx.facts.path(id, callee) == Some("compile"),
        _ => false,
    }
}
