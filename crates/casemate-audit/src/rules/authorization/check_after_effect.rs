//! A permission that is asked for when it is too late.

use casemate_python::syntax::{Constant, Function, FunctionKind, Module, Op, Value};

use super::acts::{Act, acts};
use super::standing::is_aside;
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `check-after-effect`
pub(crate) static RULE: Rule = Rule {
    id: "AZN461",
    name: "check-after-effect",
    summary: "The permission is checked after the act",
    severity: Severity::Medium,
    kind: Kind::Program,
    persona: Persona::Pedantic,
    cwe: &[367],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "15.4.2",
    page: include_str!("check_after_effect.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    if is_aside(&cx.module.path) {
        return;
    }
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        if function.kind != FunctionKind::Def {
            continue;
        }
        let first =
            refusals(cx.module, function).into_iter().find(|&refusal| is_about_caller(cx.module, function, refusal));
        let Some(first) = first else { continue };
        // What can be taken back is none: a commit, a save and a removal cannot.
        let act = acts(cx.module, function).into_iter().find(|&(value, act)| {
            act != Act::Create
                && value < first
                && always_before(function, value, first)
                && !is_pending(cx.module, function, value)
        });
        if let Some((act, _)) = act
            && !asks_earlier(cx.module, function, act)
        {
            found.push((id, act, first));
        }
    }
    for (id, act, refusal) in found {
        let Some(function) = cx.module.function(id) else { continue };
        let (span, late) = (function.span_of(act), function.span_of(refusal));
        let written = crate::rules::context::short(cx.module.slice(late));
        let message = format!("this happens before the caller is refused by `{written}`");
        let finding = cx.report(&RULE, (cx.facts.module, id), span, message);
        finding.confidence = Confidence::Medium;
        finding.missing_guard = Some("the check before the act".to_owned());
        finding.remedy = "Check first, act then, and do both in one transaction.".to_owned();
    }
}

/// Where a caller is refused for lack of a permission.
fn refusals(module: &Module, function: &Function) -> Vec<Value> {
    let is_refused = |value: Value| {
        let written = module.slice(function.span_of(value));
        written.contains("403")
            || written.contains("PermissionDenied")
            || written.contains("Forbidden")
            || written.contains("NotAuthorized")
    };
    function
        .values()
        .filter_map(|(value, op)| match op {
            Op::Raise(of) if is_refused(of) => Some(value),
            Op::Call { callee, arguments } => {
                let aborts = module.slice(function.span_of(callee)).ends_with("abort");
                let first = function.call_arguments(arguments).first().map(|argument| function.op(argument.value));
                (aborts && matches!(first, Some(Op::Constant(Constant::Int(403))))).then_some(value)
            }
            _ => None,
        })
        .collect()
}

/// Whether what leads to a refusal asks about the caller; others refuse because of the state of something.
fn is_about_caller(module: &Module, function: &Function, refusal: Value) -> bool {
    let block = function.block_of(refusal);
    let tests = function.conditions.iter().filter(|(at, ..)| *at == block);
    tests.into_iter().any(|&(_, test, _)| {
        let written = module.slice(function.span_of(test)).to_lowercase();
        ["user", "owner", "role", "perm", "can_", "may_", "admin", "caller", "author"]
            .iter()
            .any(|word| written.contains(word))
    })
}

/// Whether the act stands in a block that every way to the refusal goes through: no branch ends in between.
fn always_before(function: &Function, act: Value, refusal: Value) -> bool {
    let (act, refusal) = (function.block_of(act), function.block_of(refusal));
    // Conditions that hold where the act is must hold where the refusal is.
    let of =
        |block| function.conditions.iter().filter(move |(at, ..)| *at == block).map(|&(_, test, held)| (test, held));
    of(act).all(|condition| of(refusal).any(|other| other == condition))
}

/// What a later commit makes final.
fn is_pending(module: &Module, function: &Function, act: Value) -> bool {
    let Op::Call { callee, .. } = function.op(act) else { return true };
    let written = module.slice(function.span_of(callee));
    written.contains("session.delete") || written.contains("db.delete")
}

/// Whether a permission has been asked for before the act.
fn asks_earlier(module: &Module, function: &Function, act: Value) -> bool {
    let before: Vec<(Value, Op)> = function.values().take_while(|(value, _)| *value < act).collect();
    before.iter().any(|(_, op)| match op {
        Op::Compare { left, right, .. } => [left, right].iter().any(|side| {
            let written = module.slice(function.span_of(**side));
            written.contains("user") || written.contains("owner") || written.contains("role")
        }),
        Op::Call { callee, .. } => {
            let written = module.slice(function.span_of(*callee)).to_lowercase();
            ["permission", "authoriz", "can_", "has_perm", "check_", "ensure_", "require_"]
                .iter()
                .any(|word| written.contains(word))
        }
        _ => false,
    })
}
