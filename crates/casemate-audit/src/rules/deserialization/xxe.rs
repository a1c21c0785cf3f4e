//! Untrusted XML read by a parser that resolves external entities.

use casemate_python::facts::Hit;
use casemate_python::syntax::{Argument, Op, Value};

use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::constant::{path, text};
use crate::rules::pattern::tell;
use crate::rules::suspicion::{has_hit, truth};
use crate::rules::taint::Verdict;
use crate::rules::told::{self, Told};
use crate::rules::values::{Given, Written, called, given_at, has_at_least};
use crate::rules::{Context, Taint, evidence};

/// `xxe`
pub(crate) static RULE: Rule = Rule {
    id: "DES707",
    name: "xxe",
    summary: "An XML document from outside may include files of the server",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[611, 827],
    owasp_2021: "A05",
    owasp_2025: "A02",
    asvs: "1.5.1",
    page: include_str!("xxe.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["xml"],
    from: label::UNTRUSTED,
    without: casemate_python::facts::Labels::NONE,
    arrives: "is read as XML",
    message: "{call} reads XML from outside with a parser that resolves entities: {source}; the document may include files of the server and addresses inside the network",
    missing: "a parser that resolves no entities",
    remedy: "Parse with `etree.XMLParser(resolve_entities=False, no_network=True)`, or with defusedxml.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let reach = hit.reach;
    let Some((module, function)) = cx.function(reach.module, reach.function) else { return Verdict::default() };
    let Some(facts) = cx.all_facts.get(reach.module) else { return Verdict::default() };
    let Op::Call { callee, arguments } = function.op(reach.call) else { return Verdict::default() };
    let path = facts.path(reach.function, callee).unwrap_or_default();
    let arguments = function.call_arguments(arguments);
    let call = Written { program: cx.program, home: reach.module, module, function, value: reach.call };
    let resolves = if path.starts_with("lxml.") {
        lxml_resolves(cx, call, path, arguments)
    } else {
        // The standard library's parsers need to be told.
        sets_external_entities(call)
    };
    Verdict { dismissed: !resolves || evidence::is_answer(cx, hit, label::UNTRUSTED), ..Verdict::default() }
}

/// Whether lxml resolves external entities in this call.
fn lxml_resolves(cx: &Context<'_>, call: Written<'_>, path: &str, arguments: &[Argument]) -> bool {
    // From 5.0 on only what a document itself defines is resolved unless asked for.
    let by_default = !has_at_least(cx.manifests, "lxml", [5, 0]);
    if path.ends_with(".iterparse") {
        return flag(given_at(call, arguments, usize::MAX, "resolve_entities"), by_default);
    }
    if path.ends_with(".feed") {
        return true;
    }
    match given_at(call, arguments, 1, "parser") {
        Given::Nothing => by_default && !sets_default_parser(cx),
        Given::Unknown | Given::Bool(_) => false,
        Given::Value(parser) => match parser_options(parser) {
            Some((name, options)) => match name {
                "HTMLParser" => false,
                "XMLParser" | "ETCompatXMLParser" => {
                    let resolve = options.iter().find(|(name, _)| *name == "resolve_entities").map(|(_, value)| *value);
                    match resolve {
                        // `def load(path, resolve_entities=False)`: who wants it has to ask.
                        Some(value) => {
                            let value = value.unless_told();
                            value.text() != Some("internal") && value.truth() != Some(false)
                        }
                        None => by_default,
                    }
                }
                _ => false,
            },
            // Made elsewhere: not known, unless its name says what it is.
            None => false,
        },
    }
}

/// The class of a parser that is made here, and what it is told.
fn parser_options(parser: Written<'_>) -> Option<(&str, Vec<(&str, Written<'_>)>)> {
    let Op::Call { callee, arguments } = parser.op() else { return None };
    let options = parser
        .function
        .call_arguments(arguments)
        .iter()
        .filter_map(|argument| match argument.passing {
            casemate_python::syntax::Passing::Keyword(name) => {
                Some((parser.module.symbols.text(name), parser.at(argument.value)))
            }
            _ => None,
        })
        .collect();
    // `from lxml.etree import XMLParser as Parser`
    let class = parser.at(callee).followed();
    Some((called(class.module, class.function, class.value), options))
}

fn flag(given: Given<'_>, default: bool) -> bool {
    match given {
        Given::Nothing => default,
        Given::Unknown => false,
        Given::Bool(truth) => truth,
        Given::Value(value) => value.unless_told().truth() != Some(false),
    }
}

/// `etree.set_default_parser(…)`, in whichever module: it holds for all.
fn sets_default_parser(cx: &Context<'_>) -> bool {
    cx.program.mentioning(&["set_default_parser"]).any(|(id, module)| {
        let Some(facts) = cx.all_facts.get(id) else { return false };
        module.symbols.find("set_default_parser").is_some()
            && module.function_ids().any(|(id, function)| {
                function.values().any(|(_, op)| match op {
                    Op::Call { callee, .. } => facts.path(id, callee) == Some("lxml.etree.set_default_parser"),
                    _ => false,
                })
            })
    })
}

/// `parser.setFeature(feature_external_ges, True)`
fn sets_external_entities(call: Written<'_>) -> bool {
    call.function.values().any(|(_, op)| {
        let Op::Call { callee, arguments } = op else { return false };
        let arguments = call.function.call_arguments(arguments);
        called(call.module, call.function, callee) == "setFeature"
            && given_at(call, arguments, 1, "state").is_true()
            && arguments.first().is_some_and(|feature| {
                let written = call.module.slice(call.function.span_of(feature.value));
                written.contains("feature_external_ges")
                    || written.contains("feature_external_pes")
                    || written.contains("external-general-entities")
            })
    })
}

/// A parser that is told to resolve entities, given a document that is not the program's own: nobody asks for that by accident.
pub(crate) fn explicit(cx: &mut Context<'_>) {
    opened(cx);
    let kind = cx.knowledge.kind("xml");
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        let path = cx.facts.path(id, callee).unwrap_or_default();
        let is_read = matches!(
            path,
            "lxml.etree.parse" | "lxml.etree.fromstring" | "lxml.etree.XML" | "lxml.etree.fromstringlist"
        );
        let call = Written { program: cx.program, home: cx.facts.module, module: cx.module, function, value };
        let Some(first) = arguments.first().filter(|_| is_read) else { continue };
        let Given::Value(parser) = given_at(call, arguments, 1, "parser") else { continue };
        let Some(("XMLParser" | "ETCompatXMLParser", options)) = parser_options(parser) else { continue };
        let resolves = options.iter().any(|(name, value)| *name == "resolve_entities" && value.truth() == Some(true));
        let is_told = cx.facts.hits.iter().any(|hit| {
            Some(hit.reach.kind) == kind
                && (hit.reach.module, hit.reach.function, hit.reach.call) == (cx.facts.module, id, value)
                && hit.labels.meets(label::OUTSIDE)
        });
        // A constant names a file for `parse`, and is the document itself for all others. Of what a handler reads it is
        // known whether it came with the request.
        let is_handler = cx.routes().iter().any(|route| route.module == cx.facts.module && route.handler == id);
        // What is read from memory is the document, too.
        let is_document = !path.ends_with(".parse")
            || matches!(cx.facts.path(id, first.value), Some("io.BytesIO()" | "io.StringIO()"));
        let is_own = is_document && (is_handler || cx.facts.fact(id, first.value).constant);
        if resolves && !is_told && !is_own {
            let made = parser.function.span_of(parser.value);
            let way = vec![
                cx.step(parser.home, made, "the parser is told to resolve entities".to_owned()),
                cx.step(cx.facts.module, function.span_of(value), "reads a document with it".to_owned()),
            ];
            found.push(
                Told::new(
                    id,
                    function.span_of(value),
                    "the parser is told to resolve entities: whoever wrote the document may include files of the machine and addresses inside the network",
                    TAINT.remedy,
                )
                .severity(Severity::Medium)
                .confidence(Confidence::Medium)
                .path(way),
            );
        }
    }
    told::report(cx, &RULE, found);
}

/// Parsers that are told to read what documents name, wherever the documents come from. Nobody turns entities on by accident;
/// of what only helps them, only who asks for suspicions hears.
fn opened(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for &site in cx.sites() {
        let says = |name: &str, wanted: bool| site.keyword(cx, name).and_then(|at| truth(cx, at)) == Some(wanted);
        let (opens, is_plain) = match site.name() {
            "setFeature" => {
                let named = |at: crate::rules::constant::At<'_>| {
                    text(cx, at).is_some_and(|name| name.contains("features/external-"))
                        || path(cx, at).is_some_and(|path| {
                            path.ends_with("feature_external_ges") || path.ends_with("feature_external_pes")
                        })
                };
                let is_on = site.argument(cx, 1, "state").and_then(|at| truth(cx, at)) == Some(true);
                (is_on && site.argument(cx, 0, "name").is_some_and(named), true)
            }
            "XMLParser" | "ETCompatXMLParser" if site.path.starts_with("lxml.") && !is_handed_on(&site) => {
                let resolves = says("resolve_entities", true);
                (resolves || says("no_network", false) || says("load_dtd", true), resolves)
            }
            _ => (false, false),
        };
        // Where the document is shown to be somebody else's, the reading is told.
        let is_told = match site.at.id.0 {
            // One for the whole module.
            0 => cx.module.function_ids().any(|(id, _)| has_hit(cx, "xml", id, label::OUTSIDE)),
            _ => has_hit(cx, "xml", site.at.id, label::OUTSIDE),
        };
        if opens && !is_told {
            let message = "the parser is told to read what a document names: files of the machine and addresses inside the network".to_owned();
            let mut one = site.found(message, TAINT.remedy).severity(Severity::Medium).confidence(Confidence::Medium);
            let option = site.arguments.first().map_or(site.at.span(), |one| site.at.with(one.value).span());
            one.path = vec![
                cx.step(site.at.home, option, "says what is done with entities".to_owned()),
                cx.step(site.at.home, site.at.span(), "the parser is told to resolve them".to_owned()),
            ];
            found.push(if is_plain && !reads_own(cx, &site) { one } else { one.suspicion() });
        }
    }
    tell(cx, &RULE, found);
}

/// Whether a parser is seen to read a constant, or what did not come with the request that a handler answers.
fn reads_own(cx: &Context<'_>, site: &crate::rules::pattern::Site<'_>) -> bool {
    let Some(parser) = site.receiver() else { return false };
    let function = site.at.function;
    let is_handler = || cx.routes().iter().any(|route| route.module == site.at.home && route.handler == site.at.id);
    // `io.StringIO("<order/>")` is one, too.
    let is_constant = |value: Value| {
        let is_one = |value: Value| cx.facts.fact(site.at.id, value).constant;
        is_one(value)
            || matches!(function.op(value), Op::Call { arguments, .. }
                if function.call_arguments(arguments).iter().all(|one| is_one(one.value)))
    };
    function.values().any(|(_, op)| {
        let Op::Call { callee, arguments } = op else { return false };
        let (Op::Attribute { of, name }, Some(first)) =
            (function.op(callee), function.call_arguments(arguments).first())
        else {
            return false;
        };
        site.at.name(name) == "parse"
            && function.bare(of) == function.bare(parser.value)
            && (is_handler() || is_constant(first.value))
    })
}

/// Whether a parser is given to what reads with it, which is looked at there.
fn is_handed_on(site: &crate::rules::pattern::Site<'_>) -> bool {
    let function = site.at.function;
    function.values().any(|(value, op)| match op {
        Op::Call { arguments, .. } => {
            value != site.at.value
                && function.call_arguments(arguments).iter().any(|one| function.bare(one.value) == site.at.value)
        }
        _ => false,
    })
}
