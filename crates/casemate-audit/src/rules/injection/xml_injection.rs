//! Untrusted data in XML that is put together as text.

use casemate_python::facts::{Hit, Labels};

use super::scene::Scene;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `xml-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ126",
    name: "xml-injection",
    summary: "Untrusted data becomes part of an XML text",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[91],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.1",
    page: include_str!("xml_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["xml-text"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "becomes part of an XML text",
    message: "{call} takes XML that was put together with data from outside: {source}",
    missing: "escaping, or a document built with a library",
    remedy: "Build the document with `xml.etree.ElementTree`, or escape each value with `xml.sax.saxutils.escape`.",
    judge: Some(judge),
};

/// Only what is put together here: a document that comes whole from outside adds nothing to ours.
fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let Some((scene, value)) = Scene::of_text(cx, hit, label::UNTRUSTED) else { return Verdict::DISMISSED };
    let text = scene.marked(value);
    let start = text.trim_start();
    let is_xml = start.starts_with('<')
        && !start.starts_with("<html")
        && !start.starts_with("<!DOCTYPE html")
        && text.contains('>');
    Verdict::only_if(is_xml && text.contains('\u{1}'))
}
