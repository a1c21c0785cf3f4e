//! Untrusted data in what converters of documents and media read.

use casemate_python::facts::Labels;

use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Taint;

/// `converter-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ133",
    name: "converter-injection",
    summary: "Untrusted data becomes a document or an option of a converter",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[88, 918],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.8",
    page: include_str!("converter_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["converter"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "is read by a converter",
    message: "{call} converts what comes from outside: {source}",
    missing: "escaping, and options in the code",
    remedy: "Escape what goes into the document or render it with a template, forbid local files and the network in the converter, and write options in the code.",
    judge: None,
};
