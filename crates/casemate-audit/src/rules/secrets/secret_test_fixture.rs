//! A token or key of live form in a test or an example.

use super::telling;
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, TextContext};

/// `secret-test-fixture`
pub(crate) static RULE: Rule = Rule {
    id: "SEC1011",
    name: "secret-test-fixture",
    summary: "A secret of live form stands in a test or an example",
    severity: Severity::Low,
    kind: Kind::Secret,
    persona: Persona::Default,
    cwe: &[798],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "13.3.1",
    page: include_str!("secret_test_fixture.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    telling::module(cx, &RULE);
}

pub(crate) fn check_text(cx: &mut TextContext<'_>) {
    telling::text(cx, &RULE);
}
