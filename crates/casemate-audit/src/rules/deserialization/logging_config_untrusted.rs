//! A logging configuration that comes from a socket or a request.

use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{given, speaks_of};

/// `logging-config-untrusted`
pub(crate) static RULE: Rule = Rule {
    id: "DES706",
    name: "logging-config-untrusted",
    summary: "Somebody else configures the logging, which runs code",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[95],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.3.2",
    page: include_str!("logging_config_untrusted.md"),
};

const LISTEN: &str = "Do without it, or pass `verify=` a function that checks a signature of what came.";
const CONFIG: &str = "Let the request choose among configurations you wrote, or change only levels (`logging.getLogger(name).setLevel(...)`).";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !speaks_of(cx, &["listen", "dictConfig", "fileConfig"]) {
        return;
    }
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        if cx.facts.path(id, callee) == Some("logging.config.listen")
            && given(cx, id, arguments, Some(1), "verify").is_nothing()
        {
            let message =
                "every account of the machine may send a configuration, and a configuration calls what it names";
            found.push(Told::new(id, function.span_of(value), message, LISTEN));
        }
    }
    let kind = cx.knowledge.kind("logging-config");
    for hit in &cx.facts.hits {
        let reach = hit.reach;
        if Some(reach.kind) == kind && hit.labels.meets(label::UNTRUSTED) && reach.module == cx.facts.module {
            let Some(function) = cx.module.function(reach.function) else { continue };
            let message = "a logging configuration from outside names classes and functions, and they are called";
            let path = cx.path(hit, label::UNTRUSTED, "configures the logging");
            found.push(
                Told::new(reach.function, function.span_of(reach.call), message, CONFIG)
                    .severity(Severity::High)
                    .path(path),
            );
        }
    }
    told::report(cx, &RULE, found);
}
