//! Normalisation of a text that was checked before.

use casemate_python::syntax::{CompareOp, Function, Op, Value};

use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{called, speaks_of};

/// `unicode-bypass`
pub(crate) static RULE: Rule = Rule {
    id: "VAL1209",
    name: "unicode-bypass",
    summary: "A text is changed after it was checked",
    severity: Severity::Low,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[176, 180],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.1.2",
    page: include_str!("unicode_bypass.md"),
};

const REMEDY: &str = "Normalise and decode first, check afterwards, and use only what was checked.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !speaks_of(cx, &["normalize", "unquote", "unquote_plus", "unescape", "unidecode", "url_unquote"]) {
        return;
    }
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        let path = cx.facts.path(id, callee).unwrap_or_default();
        let changed = match path {
            "unicodedata.normalize" => {
                let form = arguments.first().and_then(|form| cx.module.constant_str(function, form.value));
                arguments.get(1).filter(|_| matches!(form, Some("NFKC" | "NFKD")))
            }
            "urllib.parse.unquote"
            | "urllib.parse.unquote_plus"
            | "html.unescape"
            | "unidecode.unidecode"
            | "werkzeug.urls.url_unquote" => arguments.first(),
            _ => None,
        };
        let Some(argument) = changed else { continue };
        let Some(test) = checked(cx, function, argument.value).or_else(|| escaped(cx, id, function, argument.value))
        else {
            continue;
        };
        if !cx.facts.fact(id, argument.value).labels.meets(label::UNTRUSTED) {
            continue;
        }
        let message = format!(
            "`{}` makes characters that the check before did not see",
            super::shown(cx.module.slice(function.span_of(value)))
        );
        let path = vec![
            cx.step(cx.facts.module, function.span_of(test), "is checked".to_owned()),
            cx.step(cx.facts.module, function.span_of(value), "is changed".to_owned()),
        ];
        found.push(Told::new(id, function.span_of(value), message, REMEDY).path(path));
    }
    told::report(cx, &RULE, found);
}

/// What was escaped before: the characters that mean something to HTML come back.
fn escaped(
    cx: &Context<'_>,
    id: casemate_python::syntax::FunctionId,
    function: &Function,
    value: Value,
) -> Option<Value> {
    let value = function.plain(value);
    let Op::Call { callee, .. } = function.op(value) else { return None };
    let path = cx.facts.path(id, callee)?;
    matches!(
        path,
        "html.escape"
            | "markupsafe.escape"
            | "flask.escape"
            | "django.utils.html.escape"
            | "jinja2.escape"
            | "cgi.escape"
    )
    .then_some(value)
}

/// A test about the characters of a value that it has passed.
fn checked(cx: &Context<'_>, function: &Function, value: Value) -> Option<Value> {
    let mut value = value;
    for _ in 0..12 {
        let Op::Refine { of, test, .. } = function.op(value) else { return None };
        if is_about_characters(cx, function, test, 0) {
            return Some(test);
        }
        value = of;
    }
    None
}

fn is_about_characters(cx: &Context<'_>, function: &Function, test: Value, depth: u32) -> bool {
    if depth > 6 {
        return false;
    }
    match function.op(test) {
        Op::Not(of) => is_about_characters(cx, function, of, depth + 1),
        Op::And(list) | Op::Or(list) => {
            function.list(list).iter().any(|&one| is_about_characters(cx, function, one, depth + 1))
        }
        Op::Compare { op: CompareOp::In | CompareOp::NotIn, left, .. } => {
            cx.module.constant_str(function, left).is_some()
        }
        Op::Call { callee, .. } => matches!(
            called(cx.module, function, callee),
            "startswith" | "endswith" | "match" | "fullmatch" | "search" | "isalnum" | "isalpha" | "find"
        ),
        _ => false,
    }
}
