//! Data from outside in mails in HTML.

use casemate_python::facts::Labels;

use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Taint;
use crate::rules::network::FROM_OUTSIDE;

/// `html-email-injection`
pub(crate) static RULE: Rule = Rule {
    id: "XSS208",
    name: "html-email-injection",
    summary: "Untrusted data becomes part of a mail in HTML",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[79],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.1",
    page: include_str!("html_email_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["email-html"],
    from: FROM_OUTSIDE,
    without: Labels::NONE,
    arrives: "becomes part of a mail",
    message: "{call} puts data from outside into a mail in HTML: {source}",
    missing: "escaping, or a template that escapes",
    remedy: "Render a template that escapes by itself, or escape the value (`html.escape(value)`).",
    judge: None,
};
