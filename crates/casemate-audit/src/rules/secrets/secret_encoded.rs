//! A secret that only its encoding hides.

use super::telling;
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, TextContext};

/// `secret-encoded`
pub(crate) static RULE: Rule = Rule {
    id: "SEC1009",
    name: "secret-encoded",
    summary: "A secret is written down encoded or in parts",
    severity: Severity::High,
    kind: Kind::Secret,
    persona: Persona::Default,
    cwe: &[798],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "13.3.1",
    page: include_str!("secret_encoded.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    telling::module(cx, &RULE);
}

pub(crate) fn check_text(cx: &mut TextContext<'_>) {
    telling::text(cx, &RULE);
}
