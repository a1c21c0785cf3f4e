//! Secrets and passwords in prompts that leave the house.

use casemate_python::facts::Labels;

use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Taint;

/// `secret-or-pii-in-prompt`
pub(crate) static RULE: Rule = Rule {
    id: "LLM1309",
    name: "secret-or-pii-in-prompt",
    summary: "A secret becomes part of a prompt for a hosted model",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[201],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "14.2.3",
    page: include_str!("secret_or_pii_in_prompt.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["prompt", "system-prompt", "agent-prompt"],
    from: Labels(label::SECRET.0 | label::PASSWORD.0 | label::PERSONAL.0),
    without: Labels::NONE,
    arrives: "becomes part of a prompt",
    message: "{call} sends a secret to a hosted model: {source}",
    missing: "a prompt without secrets",
    remedy: "Leave the secret out of the prompt and let a tool of the application use it.",
    judge: None,
};
