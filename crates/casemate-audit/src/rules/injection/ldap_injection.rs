//! Untrusted data in a filter or distinguished name of LDAP.

use casemate_python::facts::Labels;

use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Taint;

/// `ldap-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ123",
    name: "ldap-injection",
    summary: "Untrusted data becomes part of an LDAP filter or name",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[90],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.6",
    page: include_str!("ldap_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["ldap-filter"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "becomes part of a filter",
    message: "{call} searches with a filter made of data from outside: {source}",
    missing: "`escape_filter_chars`",
    remedy: "Escape the value with `escape_filter_chars`, or build the filter with `filter_format`.",
    judge: None,
};

pub(crate) static NAMES: Taint = Taint {
    rule: &RULE,
    sinks: &["ldap-dn"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "becomes part of a distinguished name",
    message: "{call} uses a distinguished name made of data from outside: {source}",
    missing: "`escape_dn_chars`",
    remedy: "Escape the value with `escape_dn_chars` (ldap3: `escape_rdn`).",
    judge: None,
};
