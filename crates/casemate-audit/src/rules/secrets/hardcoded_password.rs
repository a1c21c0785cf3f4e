//! A password, by the role that a constant plays.

use super::telling;
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, TextContext};

/// `hardcoded-password`
pub(crate) static RULE: Rule = Rule {
    id: "SEC1003",
    name: "hardcoded-password",
    summary: "A password is written into the code",
    severity: Severity::High,
    kind: Kind::Secret,
    persona: Persona::Default,
    cwe: &[259, 798],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "13.3.1",
    page: include_str!("hardcoded_password.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    telling::module(cx, &RULE);
}

pub(crate) fn check_text(cx: &mut TextContext<'_>) {
    telling::text(cx, &RULE);
}
