//! A token that says where its own key is.

use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Taint;

/// `jwt-header-key-source`
pub(crate) static RULE: Rule = Rule {
    id: "JWT510",
    name: "jwt-header-key-source",
    summary: "The header of a token chooses the key that verifies it",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[347, 22],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "9.1.3",
    page: include_str!("jwt_header_key_source.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["key-source", "sql", "sqlalchemy-text"],
    from: label::UNVERIFIED,
    without: casemate_python::facts::Labels::NONE,
    arrives: "chooses what is read",
    message: "what {call} reads is chosen by a token that nobody has verified: {source}",
    missing: "a look-up of the key id in a fixed set of keys",
    remedy: "Look the key id up in a dictionary of your own keys (`KEYS[header[\"kid\"]]`), and never follow `jku`, `x5u` or `jwk` of a token.",
    judge: None,
};
