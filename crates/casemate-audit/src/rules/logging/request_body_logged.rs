//! Whole requests in logs.

use casemate_python::facts::{Hit, Labels};
use casemate_python::flow::Tracer;
use casemate_python::syntax::Op;

use super::is_log;
use crate::finding::Severity;
use crate::models::{label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::taint::Verdict;
use crate::rules::values::called;
use crate::rules::{Context, Taint};

/// `request-body-logged`
pub(crate) static RULE: Rule = Rule {
    id: "LOG1102",
    name: "request-body-logged",
    summary: "The whole of a request is written to a log",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[532],
    owasp_2021: "A09",
    owasp_2025: "A09",
    asvs: "16.2.5",
    page: include_str!("request_body_logged.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["log-record"],
    from: label::REQUEST,
    without: Labels::NONE,
    arrives: "is written down as a whole",
    message: "{call} writes down all of a request, with the passwords and tokens in it: {source}",
    missing: "",
    remedy: "Log the fields you need by name, or leave out what is secret first: `{key: value for key, value in headers.items() if key.lower() not in {\"authorization\", \"cookie\"}}`.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    // What browsers report of policies they were given is asked for, and logged to be read.
    let is_report = cx.module.function(hit.function).is_some_and(|function| {
        let class = function.class.and_then(|class| cx.module.class(class)).map_or("", |class| class.name.as_str());
        let names = [words(&function.name), words(class)].concat();
        let speaks = cx.module.slice(function.span).to_ascii_lowercase();
        names.iter().any(|word| word == "csp") || speaks.contains("security violation") || speaks.contains("csp report")
    });
    // The names of what came are none of it.
    let (way, _) = (Tracer { program: cx.program, modules: cx.all_facts }).way(cx.facts.module, hit, label::REQUEST);
    let is_names = way.into_iter().any(|(home, id, value)| {
        cx.function(home, id).is_some_and(|(module, function)| {
            matches!(function.op(value), Op::Call { callee, .. } if called(module, function, callee) == "keys")
        })
    });
    Verdict { dismissed: is_report || is_names || !is_log(cx, hit), ..Verdict::default() }
}
