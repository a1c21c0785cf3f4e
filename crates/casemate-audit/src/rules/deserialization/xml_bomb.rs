//! A parser that unfolds what a document defines, without a limit.

use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::told::{self, Told};
use crate::rules::values::given;
use crate::rules::{Context, evidence};

/// `xml-bomb`
pub(crate) static RULE: Rule = Rule {
    id: "DES708",
    name: "xml-bomb",
    summary: "An XML document from outside may unfold without bound",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[776],
    owasp_2021: "A05",
    owasp_2025: "A02",
    asvs: "1.5.1",
    page: include_str!("xml_bomb.md"),
};

const DEFUSED: &str = "Parse with defusedxml, which refuses entities: `from defusedxml.ElementTree import fromstring`.";
const HUGE: &str =
    "Leave `huge_tree` off; where large documents are expected, limit their size and set `resolve_entities=False`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        let path = cx.facts.path(id, callee).unwrap_or_default();
        let is_lxml = matches!(
            path,
            "lxml.etree.XMLParser"
                | "lxml.etree.iterparse"
                | "lxml.etree.XMLPullParser"
                | "lxml.etree.ETCompatXMLParser"
        );
        if is_lxml
            && given(cx, id, arguments, None, "huge_tree").is_true()
            && !given(cx, id, arguments, None, "resolve_entities").is_false()
        {
            let message = "`huge_tree` takes off the limits of what a document may unfold to";
            found.push(Told::new(id, function.span_of(value), message, HUGE));
        }
    }
    let kind = cx.knowledge.kind("xml-entities");
    for hit in &cx.facts.hits {
        let reach = hit.reach;
        if Some(reach.kind) == kind
            && hit.labels.meets(label::UNTRUSTED)
            && reach.module == cx.facts.module
            && !evidence::is_answer(cx, hit, label::UNTRUSTED)
        {
            let Some(function) = cx.module.function(reach.function) else { continue };
            let message = "XML from outside is read by a parser that unfolds entities: a document of a kilobyte may come to gigabytes (libexpat before 2.4.1 has no limit)";
            let path = cx.path(hit, label::UNTRUSTED, "is read as XML");
            found.push(
                Told::new(reach.function, function.span_of(reach.call), message, DEFUSED)
                    .confidence(Confidence::Medium)
                    .path(path),
            );
        }
    }
    told::report(cx, &RULE, found);
}
