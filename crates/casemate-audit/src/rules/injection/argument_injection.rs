//! Untrusted data as an argument of a program that takes it for an option when it begins with a dash.

use casemate_python::facts::{Hit, Labels};

use super::argv::{Argv, has_harmful_options, takes_value};
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `argument-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ112",
    name: "argument-injection",
    summary: "Untrusted data may be taken for an option of a program",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[88],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.5",
    page: include_str!("argument_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["argv"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "becomes an argument",
    message: "{call} passes data from outside where the program may take it for an option: {source}",
    missing: "`--` before the value, or a check that it does not begin with `-`",
    remedy: "Put `\"--\"` before the value, or give it a fixed beginning such as `./` or `https://`, or turn down what begins with `-`.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let Some(argv) = Argv::of(cx, hit, label::UNTRUSTED) else { return Verdict::DISMISSED };
    let Some(program) = argv.program() else { return Verdict::DISMISSED };
    if !has_harmful_options(program) {
        return Verdict::DISMISSED;
    }
    let mut before: Option<&str> = None;
    for (at, &element) in argv.elements.iter().enumerate().skip(1) {
        let word = argv.scene.constant(element);
        if word == Some("--") {
            return Verdict::DISMISSED;
        }
        let is_value = before.is_some_and(|option| takes_value(program, option));
        if argv.is_this(at, hit) && !is_value && !argv.scene.is_clean(element, "argv") && argv.scene.leads(element) {
            return Verdict::default();
        }
        before = word;
    }
    // Appended later: what stands before it is not known.
    Verdict::only_if(argv.is_filled(hit))
}
