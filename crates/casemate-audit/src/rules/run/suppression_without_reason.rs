//! A comment that silences without saying why, too long, or nothing at all.

use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};

/// `suppression-without-reason`
pub(crate) static RULE: Rule = Rule {
    id: "CFG1614",
    name: "suppression-without-reason",
    summary: "A suppression gives no reason, has expired, or matches nothing",
    severity: Severity::Info,
    kind: Kind::Run,
    persona: Persona::Pedantic,
    cwe: &[],
    owasp_2021: "",
    owasp_2025: "",
    asvs: "15.1.1",
    page: include_str!("suppression_without_reason.md"),
};
