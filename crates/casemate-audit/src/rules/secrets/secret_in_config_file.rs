//! A secret in a configuration file.

use super::telling;
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, TextContext};

/// `secret-in-config-file`
pub(crate) static RULE: Rule = Rule {
    id: "SEC1008",
    name: "secret-in-config-file",
    summary: "A configuration file holds a secret",
    severity: Severity::High,
    kind: Kind::Secret,
    persona: Persona::Default,
    cwe: &[798],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "13.3.1",
    page: include_str!("secret_in_config_file.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    telling::module(cx, &RULE);
}

pub(crate) fn check_text(cx: &mut TextContext<'_>) {
    telling::text(cx, &RULE);
}
