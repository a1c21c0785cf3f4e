//! A password inside a URL or another connection string.

use super::telling;
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, TextContext};

/// `connection-string-credentials`
pub(crate) static RULE: Rule = Rule {
    id: "SEC1005",
    name: "connection-string-credentials",
    summary: "A connection string holds a password",
    severity: Severity::High,
    kind: Kind::Secret,
    persona: Persona::Default,
    cwe: &[798],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "13.3.1",
    page: include_str!("connection_string_credentials.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    telling::module(cx, &RULE);
}

pub(crate) fn check_text(cx: &mut TextContext<'_>) {
    telling::text(cx, &RULE);
}
