//! Untrusted data in the commands and unchecked keys of cache servers.

use casemate_python::facts::Labels;

use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Taint;

/// `cache-command-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ132",
    name: "cache-command-injection",
    summary: "Untrusted data becomes a command or a key of a cache server that nothing checks",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[93],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.3.9",
    page: include_str!("cache_command_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["cache-command"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "becomes a command or key of a cache server",
    message: "{call} sends a command or key with data from outside: {source}",
    missing: "a command in the code and a checked key",
    remedy: "Write the command in the code; hash the key, or turn down spaces and line breaks.",
    judge: None,
};
