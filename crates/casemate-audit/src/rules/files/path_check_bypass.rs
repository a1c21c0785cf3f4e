//! A check of a path that lets paths through which lie elsewhere.

use casemate_python::syntax::{BinaryOp, CompareOp, Function, FunctionId, Op, Value};

use super::containment::{self, Test};
use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::told::{self, Told};
use crate::rules::values::called;
use crate::rules::{Context, evidence};

/// `path-check-bypass`
pub(crate) static RULE: Rule = Rule {
    id: "FIL802",
    name: "path-check-bypass",
    summary: "A check of a path can be walked around",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[22],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "5.3.2",
    page: include_str!("path_check_bypass.md"),
};

const RESOLVE: &str = "Resolve the path first, with `..` and links, and compare it with the resolved folder: `path = (BASE / name).resolve()`, then `path.is_relative_to(BASE)`.";
const SEPARATOR: &str = "Compare with the folder and a separator behind it (`base + os.sep`), or use `Path.is_relative_to` or `os.path.commonpath([base, path]) == base`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        if let [only] = arguments
            && containment::is_open_prefix(cx, id, function, callee, only.value)
            && (cx.persona == Persona::Pedantic
                || keeps_out(cx, id, function, callee) && !refuses_parents(cx, function, callee))
        {
            found.push(
                Told::new(
                    id,
                    function.span_of(value),
                    "the folder is compared without a separator behind it: `/srv/data-old` begins with `/srv/data` too",
                    SEPARATOR,
                )
                .confidence(Confidence::Medium),
            );
        }
    }
    // `os.path.commonprefix` compares letters, wherever the path comes from.
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            let Op::Compare { left, right, .. } = op else { continue };
            let is_prefix = [left, right].into_iter().any(|side| match function.op(side) {
                Op::Call { callee, arguments } => {
                    cx.facts.path(id, callee) == Some("os.path.commonprefix")
                        && !function
                            .call_arguments(arguments)
                            .first()
                            .is_some_and(|first| are_parts(cx, function, first.value))
                }
                _ => false,
            });
            // A folder with its separator behind it, or what is compared with nothing, is no such check.
            let with = if matches!(function.op(left), Op::Call { .. }) { right } else { left };
            let is_about_folder = !ends_with_separator(cx, function, with)
                && !matches!(function.op(function.plain(with)), Op::Constant(_) | Op::Build { .. });
            if is_prefix && (is_about_folder || cx.persona == Persona::Pedantic) {
                found.push(Told::new(id, function.span_of(value), "`commonprefix` compares letter by letter: `/srv/data-old` and `/srv/data` have the folder in common", SEPARATOR));
            }
        }
    }
    let kinds = ["path", "file-response"].map(|name| cx.knowledge.kind(name));
    for hit in &cx.facts.hits {
        if !kinds.contains(&Some(hit.reach.kind))
            || !hit.labels.meets(label::UNTRUSTED)
            || containment::judge(cx, hit).dismissed
            || cx.persona == Persona::Default && evidence::is_thin(cx, hit, label::UNTRUSTED)
        {
            continue;
        }
        for (id, test, kind) in containment::weak_tests(cx, hit) {
            let Some(function) = cx.module.function(id) else { continue };
            let message = match kind {
                Test::Unresolved => {
                    "the path is compared before it is resolved: `/srv/data/../../etc/passwd` begins with `/srv/data/` as well"
                }
                Test::Character => {
                    "looking for single characters does not keep a path in its folder: an absolute path, a link or another spelling gets through"
                }
                Test::Prefix | Test::Strong => continue,
            };
            found.push(Told::new(id, function.span_of(test), message, RESOLVE));
        }
    }
    told::report(cx, &RULE, found);
}

/// Whether a separator is put behind a folder: `base + os.sep`, `join(base, "")`.
fn ends_with_separator(cx: &Context<'_>, function: &Function, folder: Value) -> bool {
    let mut left = vec![folder];
    for _ in 0..16 {
        let Some(value) = left.pop() else { return false };
        match function.op(function.plain(value)) {
            Op::Phi(list) | Op::Or(list) => left.extend(function.list(list)),
            Op::Binary { op: BinaryOp::Add, right, .. } => {
                let written = cx.module.slice(function.span_of(right));
                if written.ends_with("sep") || matches!(written, "'/'" | "\"/\"") {
                    return true;
                }
            }
            Op::Call { callee, arguments } if called(cx.module, function, callee) == "join" => {
                let last =
                    function.call_arguments(arguments).last().map(|one| cx.module.slice(function.span_of(one.value)));
                if matches!(last, Some("''" | "\"\"")) {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

/// Whether something hangs on the comparison: the path comes from outside, or the function turns others away.
fn keeps_out(cx: &Context<'_>, id: FunctionId, function: &Function, callee: Value) -> bool {
    let is_outside = match function.op(callee) {
        Op::Attribute { of, .. } => cx.facts.fact(id, of).labels.meets(label::UNTRUSTED),
        _ => false,
    };
    let turns_away = function.values().any(|(_, op)| match op {
        Op::Raise(_) => true,
        Op::Call { callee, .. } => matches!(called(cx.module, function, callee), "abort" | "exit"),
        _ => false,
    });
    is_outside || turns_away
}

/// Whether `..` in this very path is asked for as well: what is put behind the folder then stays below it.
fn refuses_parents(cx: &Context<'_>, function: &Function, callee: Value) -> bool {
    let Op::Attribute { of: path, .. } = function.op(callee) else { return false };
    function.values().any(|(_, op)| {
        matches!(op, Op::Compare { op: CompareOp::In | CompareOp::NotIn, left, right }
            if function.plain(right) == function.plain(path) && cx.module.constant_str(function, left) == Some(".."))
    })
}

/// Whether what is compared are the parts of paths, one by one: `commonprefix([base.split(os.sep), path.parts])`.
fn are_parts(cx: &Context<'_>, function: &Function, value: Value) -> bool {
    let Op::Build { items, .. } = function.op(function.plain(value)) else { return false };
    function.list(items).iter().any(|&item| is_list(cx, function, item, 0))
}

fn is_list(cx: &Context<'_>, function: &Function, value: Value, depth: u32) -> bool {
    match function.op(function.plain(value)) {
        Op::Build { .. } => true,
        Op::Binary { left, right, .. } if depth < 6 => {
            is_list(cx, function, left, depth + 1) || is_list(cx, function, right, depth + 1)
        }
        Op::Attribute { name, .. } => cx.module.symbols.text(name) == "parts",
        Op::Call { callee, .. } => matches!(called(cx.module, function, callee), "split" | "list" | "splitall"),
        _ => false,
    }
}
