//! A check that is gone when Python runs with -O.

use casemate_python::facts::Labels;
use casemate_python::syntax::{FunctionKind, Op, Span};

use crate::finding::{Confidence, Severity};
use crate::models::{label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::layout::Layout;
use crate::rules::network::FROM_OUTSIDE;
use crate::rules::pattern::{Found, tell};

/// `assert-for-security`
pub(crate) static RULE: Rule = Rule {
    id: "AUT407",
    name: "assert-for-security",
    summary: "An `assert` decides what somebody may do, and is gone when Python runs with -O",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[617, 703],
    owasp_2021: "A04",
    owasp_2025: "A10",
    asvs: "8.3.1",
    page: include_str!("assert_for_security.md"),
};

/// What somebody asks of the program; what it asked others for, and what it is given as a library, is examined otherwise.
const ASKED: Labels = Labels(FROM_OUTSIDE.0 & !label::TASK.0 & !label::PARAMETER.0);

const REMEDY: &str =
    "Raise what the framework answers with: `if not user.is_admin: raise HTTPException(status_code=403)`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !cx.module.text.contains("assert") {
        return;
    }
    let mut found = Vec::new();
    let mut layout = None;
    for (id, function) in cx.module.function_ids() {
        if function.kind != FunctionKind::Def || function.name.starts_with("test") {
            continue;
        }
        let layout = layout.get_or_insert_with(|| Layout::of(cx.module));
        for number in layout.within(function.span) {
            let span = layout.span(number);
            let text = cx.module.slice(span);
            let Some(test) = text.strip_prefix("assert").filter(|rest| rest.starts_with([' ', '('])) else { continue };
            // The statement of an inner function is told there.
            let Some((value, _)) = function.values().find(|(value, _)| span.contains(function.span_of(*value))) else {
                continue;
            };
            let Some(at) = cx.at(id, value) else { continue };
            // What a server tells an application is laid down by ASGI.
            let is_asgi = ["\"websocket.", "\"http.", "\"lifespan."].iter().any(|kind| test.contains(kind));
            if narrows(test) || is_asgi {
                continue;
            }
            let outside = function.values().any(|(value, op)| {
                span.contains(function.span_of(value))
                    && matches!(op, Op::Compare { .. } | Op::Call { .. })
                    && function
                        .operands_of(value)
                        .into_iter()
                        .any(|operand| cx.facts.fact(id, operand).labels.meets(ASKED))
            });
            let told = |message: &str, confidence| {
                let mut one = Found::new(at, message.to_owned(), REMEDY).confidence(confidence);
                one.span = Span { start: span.start, end: span.end };
                one
            };
            if decides_access(test) {
                found.push(told(
                    "an `assert` decides what somebody may do: with `python -O` it is not there",
                    Confidence::High,
                ));
            } else if outside {
                // Most of these are about the program itself; which are not, only who knows it can say.
                let message = "an `assert` examines what came from outside: with `python -O` it is not there";
                found.push(told(message, Confidence::Medium).suspicion());
            }
        }
    }
    tell(cx, &RULE, found);
}

/// Tests for the sake of the type checker.
fn narrows(test: &str) -> bool {
    let test = test.trim();
    test.ends_with("is not None")
        || test.starts_with("isinstance(")
        || test.starts_with("callable(")
        || test.starts_with("hasattr(")
        || test.contains("isinstance(") && !test.contains(" and ")
}

fn decides_access(test: &str) -> bool {
    let words = words(test);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    let pair = |wanted: &[[&str; 2]]| {
        words.windows(2).any(|pair| wanted.iter().any(|one| one[0] == pair[0] && one[1] == pair[1]))
    };
    pair(&[
        ["is", "admin"],
        ["is", "superuser"],
        ["is", "staff"],
        ["is", "authenticated"],
        ["is", "authorized"],
        ["is", "owner"],
        ["has", "perm"],
        ["has", "perms"],
        ["has", "permission"],
        ["has", "permissions"],
        ["has", "role"],
        ["has", "access"],
        ["check", "password"],
        ["compare", "digest"],
        ["verify", "password"],
        ["verify", "signature"],
        ["verify", "token"],
        ["check", "permission"],
        ["may", "edit"],
        ["user", "role"],
        ["valid", "signature"],
        ["password", "hash"],
    ]) || has(&["authorized", "authenticated"])
        || has(&["owner", "user"]) && test.contains("==") && has(&["current", "request", "session"])
}
