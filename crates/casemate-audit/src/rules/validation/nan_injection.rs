//! `float` of a text from outside that is then compared.

use casemate_python::syntax::{CompareOp, Function, FunctionId, Module, Op, Value};

use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{called, is_order, speaks_of};

/// `nan-injection`
pub(crate) static RULE: Rule = Rule {
    id: "VAL1208",
    name: "nan-injection",
    summary: "A number that is no number walks around a comparison",
    severity: Severity::Low,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[20, 1286],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "2.2.1",
    page: include_str!("nan_injection.md"),
};

const REMEDY: &str = "Refuse what is not finite first (`if not math.isfinite(value): …`), or take `Decimal` for money and numbers with bounds in the declaration (`Field(ge=0, allow_inf_nan=False)`).";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !speaks_of(cx, &["float"]) {
        return;
    }
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        if cx.facts.path(id, callee) != Some("float") {
            continue;
        }
        let Some(source) =
            arguments.first().filter(|argument| cx.facts.fact(id, argument.value).labels.meets(label::UNTRUSTED))
        else {
            continue;
        };
        let Some(compared) = compared(cx, id, value) else { continue };
        let message = format!(
            "`float` also takes `nan`, and every comparison with that is false: the check of `{}` lets it through",
            super::shown(cx.module.slice(function.span_of(value)))
        );
        let path = vec![
            cx.step(cx.facts.module, function.span_of(source.value), "comes from outside".to_owned()),
            cx.step(cx.facts.module, function.span_of(compared), "is compared".to_owned()),
        ];
        found.push(
            Told::new(id, function.span_of(value), message, REMEDY)
                .path(path)
                .missing("a check that the number is finite"),
        );
    }
    told::report(cx, &RULE, found);
}

/// Whether what does not hold is refused: `if not 0 <= number <= 10: raise …`. Nothing holds of `nan`, so it is refused too.
fn refuses_others(module: &Module, function: &Function, comparison: Value) -> bool {
    let holds_in = |test: Value| {
        let test = function.plain(test);
        test == comparison
            || matches!(function.op(test), Op::And(list) if function.list(list).iter().any(|&one| function.plain(one) == comparison))
    };
    // `if number >= 0: …, else: abort(400)`
    let leaves = |block| {
        function.values().any(|(value, op)| {
            function.block_of(value) == block
                && match op {
                    Op::Raise(_) => true,
                    Op::Call { callee, .. } => {
                        let name = called(module, function, callee);
                        name == "abort" || name.contains("error") || name.contains("BadRequest")
                    }
                    _ => false,
                }
        })
    };
    function.conditions.iter().any(|&(block, test, held)| {
        let (test, held) = match function.op(function.plain(test)) {
            Op::Not(of) => (of, !held),
            _ => (test, held),
        };
        !held && holds_in(test) && leaves(block)
    })
}

/// Where the number is compared, unless it is looked at first.
fn compared(cx: &Context<'_>, id: FunctionId, number: Value) -> Option<Value> {
    let function = cx.module.function(id)?;
    let is_it = |value: Value| function.plain(value) == number;
    let mut found = None;
    for (value, op) in function.values().skip(number.0 as usize + 1) {
        match op {
            Op::Compare { op, left, right }
                if is_order(op) && (is_it(left) || is_it(right)) && !refuses_others(cx.module, function, value) =>
            {
                found = found.or(Some(value));
            }
            Op::Call { callee, arguments } => {
                let looks = matches!(
                    called(cx.module, function, callee),
                    "isnan" | "isfinite" | "isinf" | "is_finite" | "is_nan" | "int" | "min" | "max"
                );
                if looks && function.call_arguments(arguments).iter().any(|argument| is_it(argument.value)) {
                    return None;
                }
            }
            // `x != x`
            Op::Compare { op: CompareOp::NotEq | CompareOp::Eq, left, right } if is_it(left) && is_it(right) => {
                return None;
            }
            _ => {}
        }
    }
    found
}
