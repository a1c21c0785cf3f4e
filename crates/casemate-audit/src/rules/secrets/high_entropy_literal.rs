//! A text made by chance, under a name that speaks of a secret.

use super::telling;
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, TextContext};

/// `high-entropy-literal`
pub(crate) static RULE: Rule = Rule {
    id: "SEC1004",
    name: "high-entropy-literal",
    summary: "A random-looking text is bound to a name that speaks of a secret",
    severity: Severity::Medium,
    kind: Kind::Secret,
    persona: Persona::Default,
    cwe: &[798],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "13.3.1",
    page: include_str!("high_entropy_literal.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    telling::module(cx, &RULE);
}

pub(crate) fn check_text(cx: &mut TextContext<'_>) {
    telling::text(cx, &RULE);
}
