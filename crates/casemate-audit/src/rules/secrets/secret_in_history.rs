//! A secret that was taken out of the files and is still in the history of the repository.

use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};

/// `secret-in-history`
pub(crate) static RULE: Rule = Rule {
    id: "SEC1006",
    name: "secret-in-history",
    summary: "Removed secret still reachable in git",
    severity: Severity::High,
    kind: Kind::Secret,
    persona: Persona::Default,
    cwe: &[540],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "13.3.1",
    page: include_str!("secret_in_history.md"),
};
