//! A parser that unfolds what a document defines, without a limit.

use casemate_python::syntax::Module;

use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::suspicion::has_hit;
use crate::rules::told::{self, Told};
use crate::rules::values::given;
use crate::rules::{Context, caller, evidence};

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
const RPC: &str = "Call `defusedxml.xmlrpc.monkey_patch()` before the server is made, or exchange JSON.";
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
        let is_from_outside = hit.labels.meets(label::UNTRUSTED) && !evidence::is_answer(cx, hit, label::UNTRUSTED);
        if Some(reach.kind) == kind
            && reach.module == cx.facts.module
            && (is_from_outside || caller::counts(cx, &RULE, hit))
        {
            let Some(function) = cx.module.function(reach.function) else { continue };
            let message = "XML from outside is read by a parser that unfolds entities: a document of a kilobyte may come to gigabytes (libexpat before 2.4.1 has no limit)";
            let path = cx.path(hit, label::OUTSIDE, "is read as XML");
            found.push(
                Told::new(reach.function, function.span_of(reach.call), message, DEFUSED)
                    .confidence(Confidence::Medium)
                    .path(path),
            );
        }
    }
    found.extend(servers(cx));
    // What is read with them is given to them elsewhere; only who asks for suspicions is told.
    if cx.persona == Persona::Pedantic {
        for (id, function, value, callee, _) in cx.calls() {
            let path = cx.facts.path(id, callee).unwrap_or_default();
            if has_hit(cx, "xml-entities", id, label::OUTSIDE) {
                continue;
            }
            if matches!(
                path,
                "xml.sax.make_parser"
                    | "xml.sax.expatreader.create_parser"
                    | "xml.etree.ElementTree.XMLParser"
                    | "xml.parsers.expat.ParserCreate"
            ) {
                let message = "the parser unfolds entities: a document of a kilobyte may come to gigabytes (libexpat before 2.4.1 has no limit)";
                found.push(
                    Told::new(id, function.span_of(value), message, DEFUSED)
                        .severity(Severity::Low)
                        .confidence(Confidence::Low),
                );
            }
        }
    }
    told::report(cx, &RULE, found);
}

/// Servers of XML-RPC: they read XML from everybody, and only what defusedxml changes in them keeps it small.
fn servers(cx: &Context<'_>) -> Vec<Told> {
    let is_server = |path: &str| {
        matches!(
            path,
            "xmlrpc.server.SimpleXMLRPCServer"
                | "xmlrpc.server.DocXMLRPCServer"
                | "xmlrpc.server.MultiPathXMLRPCServer"
                | "xmlrpc.server.CGIXMLRPCRequestHandler"
                | "SimpleXMLRPCServer.SimpleXMLRPCServer"
        )
    };
    let mut found = Vec::new();
    for (id, function, value, callee, _) in cx.calls() {
        if cx.facts.path(id, callee).is_some_and(is_server) {
            found.push((id, function.span_of(value)));
        }
    }
    for class in &cx.module.classes {
        let Some(around) = cx.module.function(class.parent) else { continue };
        let named = class.bases.iter().find(|base| cx.facts.path(class.parent, **base).is_some_and(is_server));
        found.extend(named.map(|&base| (class.parent, around.span_of(base))));
    }
    let is_defused = |module: &Module| {
        module.imports.iter().any(|import| {
            import.module.starts_with("defusedxml.xmlrpc")
                || import.module == "defusedxml" && import.name.as_deref() == Some("xmlrpc")
        })
    };
    if found.is_empty() || cx.program.module_ids().any(|(_, module)| is_defused(module)) {
        return Vec::new();
    }
    let message = "the server reads XML from everybody with a parser that unfolds entities and gzip without a limit: a request of a kilobyte may come to gigabytes (libexpat before 2.4.1 has no limit)";
    let told = |(id, span)| Told::new(id, span, message, RPC).confidence(Confidence::Medium);
    found.into_iter().map(told).collect()
}
