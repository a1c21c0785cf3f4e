//! A private key.

use super::telling;
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, TextContext};

/// `private-key`
pub(crate) static RULE: Rule = Rule {
    id: "SEC1002",
    name: "private-key",
    summary: "A private key is written down",
    severity: Severity::Critical,
    kind: Kind::Secret,
    persona: Persona::Default,
    cwe: &[321],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "13.3.1",
    page: include_str!("private_key.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    telling::module(cx, &RULE);
}

pub(crate) fn check_text(cx: &mut TextContext<'_>) {
    telling::text(cx, &RULE);
}
