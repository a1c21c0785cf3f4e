//! A provider's token, told by its own form or checksum.

use super::telling;
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, TextContext};

/// `provider-token`
pub(crate) static RULE: Rule = Rule {
    id: "SEC1001",
    name: "provider-token",
    summary: "A token that its provider would recognise is written down",
    severity: Severity::Critical,
    kind: Kind::Secret,
    persona: Persona::Default,
    cwe: &[798],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "13.3.1",
    page: include_str!("provider_token.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    telling::module(cx, &RULE);
}

pub(crate) fn check_text(cx: &mut TextContext<'_>) {
    telling::text(cx, &RULE);
}
