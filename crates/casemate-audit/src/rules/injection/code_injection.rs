//! Untrusted data that is run as code.

use casemate_python::facts::Labels;

use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Taint;

/// `code-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ115",
    name: "code-injection",
    summary: "Untrusted data is run as Python code",
    severity: Severity::Critical,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[95, 94],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.3.2",
    page: include_str!("code_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["code"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "is run as code",
    message: "{call} runs data from outside as code: {source}",
    missing: "a parser that runs nothing, such as `ast.literal_eval`",
    remedy: "Read data with `json.loads` or `ast.literal_eval`, and choose actions from a dictionary of functions.",
    judge: None,
};
