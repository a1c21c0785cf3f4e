//! Untrusted data that names a module or file to load as code.

use casemate_python::facts::Labels;

use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Taint;

/// `dynamic-import`
pub(crate) static RULE: Rule = Rule {
    id: "INJ117",
    name: "dynamic-import",
    summary: "Untrusted data names the module that is loaded",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[470],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.3.2",
    page: include_str!("dynamic_import.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["import"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "names what is loaded",
    message: "{call} loads code that data from outside names: {source}",
    missing: "a fixed list of modules",
    remedy: "Look the module up in a dictionary that you wrote and take only its key from outside.",
    judge: None,
};
