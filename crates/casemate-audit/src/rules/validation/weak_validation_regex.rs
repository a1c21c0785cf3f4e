//! A pattern that checks less than it seems to.

use casemate_python::syntax::{Function, Op, Value};

use super::patterns;
use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};

/// `weak-validation-regex`
pub(crate) static RULE: Rule = Rule {
    id: "VAL1207",
    name: "weak-validation-regex",
    summary: "A regular expression that checks a value lets others through",
    severity: Severity::Low,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[20, 185],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "2.2.1",
    page: include_str!("weak_validation_regex.md"),
};

const END: &str = "Use `re.fullmatch`; `$` also matches before a line break at the end, `\\Z` does not.";
const SEARCH: &str = "Use `re.search`; `re.match` only looks at the beginning.";
const DOT: &str = "Escape the dots: `example\\.org`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let own = patterns::of(cx);
    if own.is_empty() {
        return;
    }
    let mut found = Vec::new();
    for (id, function, value, _, arguments) in cx.calls() {
        let Some((pattern, by)) = patterns::used_by(cx, &own, id, value) else { continue };
        if by == "match" && is_of_controls(&pattern.text) && refuses(cx, function, value) {
            let message = format!(
                "`{}` is looked for at the beginning alone: behind the first character everything is let through",
                super::shown(&pattern.text)
            );
            let span = function.span_of(value);
            found.push(Told::new(id, span, message, SEARCH).severity(Severity::Medium));
            continue;
        }
        if !matches!(by.as_str(), "match" | "search") || !decides(cx, function, value) {
            continue;
        }
        let is_from_outside =
            arguments.iter().any(|argument| cx.facts.fact(id, argument.value).labels.meets(label::UNTRUSTED));
        let text = pattern.text.as_str();
        let (starts, ends) = (by == "match" || text.starts_with('^') || text.starts_with("\\A"), ends(text));
        let span = function.span_of(value);
        if is_from_outside && is_class_only(text) && (!starts || ends == End::Open) {
            let message = format!(
                "`{}` is satisfied by a part of the text: what comes before or behind it is not looked at",
                super::shown(text)
            );
            found.push(Told::new(id, span, message, END).severity(Severity::Medium).confidence(Confidence::Medium));
        } else if is_from_outside && starts && ends == End::Line && is_class_only(text.trim_end_matches('$')) {
            let message = format!("`{}` also accepts a line break at the end", super::shown(text));
            found.push(Told::new(id, span, message, END));
        }
    }
    for pattern in &own {
        // One that begins anywhere searches, one that begins at the start checks.
        if pattern.text.starts_with(['^', '\\'])
            && is_host(&pattern.text)
            && !matches!(pattern.by.as_str(), "sub" | "subn" | "split" | "findall" | "finditer")
            && has_open_dot(&pattern.text)
        {
            let message = format!(
                "the dots of `{}` stand for any character, so that another name matches too",
                super::shown(&pattern.text)
            );
            found.push(Told::new(pattern.function, pattern.span, message, DOT).confidence(Confidence::Medium));
        }
    }
    told::report(cx, &RULE, found);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Open,
    Line,
    Text,
}

fn ends(pattern: &str) -> End {
    if pattern.ends_with("\\Z") || pattern.ends_with("\\z") {
        End::Text
    } else if pattern.ends_with('$') && !pattern.ends_with("\\$") {
        End::Line
    } else {
        End::Open
    }
}

/// `[a-z0-9_]+` and the like: a list of the characters a value may have.
fn is_class_only(pattern: &str) -> bool {
    let inner = pattern.trim_start_matches('^').trim_start_matches("\\A").trim_end_matches('$');
    let inner = inner.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(inner);
    let is_class =
        inner.starts_with('[') && !inner.starts_with("[^") || inner.starts_with("\\w") || inner.starts_with("\\d");
    is_class
        && (inner.ends_with('+') || inner.ends_with('}'))
        && inner.matches('[').count() <= 1
        && !inner.contains('|')
}

/// `[\x00-\x1f]`, `[\r\n]`: characters that end lines or say nothing, which no value may begin with alone.
fn is_of_controls(pattern: &str) -> bool {
    let inner = pattern.trim_end_matches(['+', '*']);
    let Some(inner) = inner.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) else { return false };
    !inner.starts_with('^')
        && !inner.contains([']', '['])
        && ["\\r", "\\n", "\\x0", "\r", "\n", "\0"].iter().any(|sign| inner.contains(sign))
        // White space in front is another matter.
        && !inner.contains([' ', '\t'])
        && !inner.contains("\\s")
        && !inner.contains("\\t")
}

/// Whether what matches is an error: `if re.match(…): raise …`.
fn refuses(cx: &Context<'_>, function: &Function, value: Value) -> bool {
    let code = cx.module.slice(function.span);
    let Some(from) = function.span_of(value).end.checked_sub(function.span.start) else { return false };
    let rest = code.get(from as usize..).unwrap_or_default();
    // What stands below the test.
    rest.split_once(':')
        .is_some_and(|(test, below)| !test.contains('\n') && !test.contains(" not ") && refuses_below(below))
}

fn refuses_below(below: &str) -> bool {
    // A comment may stand behind the test.
    let (here, lines) = below.split_once('\n').unwrap_or((below, ""));
    let here = here.trim_start();
    here.starts_with("raise") || (here.is_empty() || here.starts_with('#')) && lines.trim_start().starts_with("raise")
}

/// Whether what comes of a match is only whether there is one.
fn decides(cx: &Context<'_>, function: &Function, value: Value) -> bool {
    let mut is_tested = false;
    for (_, op) in function.values().skip(value.0 as usize + 1) {
        match op {
            Op::Attribute { of, .. } | Op::Subscript { of, .. } if function.plain(of) == value => return false,
            Op::Refine { test, .. } if function.plain(test) == value => is_tested = true,
            Op::Not(of) if function.plain(of) == value => is_tested = true,
            Op::Call { callee, arguments } => {
                let is_bool = matches!(function.op(callee), Op::Name(name) if cx.module.symbols.text(name) == "bool");
                is_tested |=
                    is_bool && function.call_arguments(arguments).iter().any(|argument| argument.value == value);
            }
            _ => {}
        }
    }
    is_tested
}

/// Whether a pattern is about a host or the address of a page.
fn is_host(pattern: &str) -> bool {
    (pattern.contains("http") && pattern.contains("://") || pattern.starts_with("^www"))
        && (pattern.contains(".com") || pattern.contains(".org") || pattern.contains(".net") || pattern.contains(".io"))
}

fn has_open_dot(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    bytes.iter().enumerate().any(|(at, &byte)| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at)).copied();
        let rest = pattern.get(at + 1..).unwrap_or_default();
        byte == b'.'
            && before.is_some_and(|before| before.is_ascii_alphanumeric())
            && ["com", "org", "net", "io"].iter().any(|end| rest.starts_with(end))
    })
}
