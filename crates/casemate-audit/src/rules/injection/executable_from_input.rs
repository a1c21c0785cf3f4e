//! Untrusted data that names the program to run.

use casemate_python::facts::{Hit, Labels};

use super::argv::Argv;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `executable-from-input`
pub(crate) static RULE: Rule = Rule {
    id: "INJ113",
    name: "executable-from-input",
    summary: "Untrusted data chooses the program that is run",
    severity: Severity::Critical,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[78],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.5",
    page: include_str!("executable_from_input.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["executable"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "names the program that is run",
    message: "{call} runs a program that data from outside names: {source}",
    missing: "a fixed list of programs",
    remedy: "Look the program up in a dictionary that you wrote and take only its key from outside.",
    judge: None,
};

pub(crate) static LISTED: Taint = Taint {
    rule: &RULE,
    sinks: &["argv"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "names the program that is run",
    message: "{call} runs a program that data from outside names: {source}",
    missing: "a fixed list of programs",
    remedy: "Look the program up in a dictionary that you wrote and take only its key from outside.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let Some(argv) = Argv::of(cx, hit, label::UNTRUSTED) else { return Verdict::DISMISSED };
    let Some(&first) = argv.elements.first() else { return Verdict::DISMISSED };
    Verdict::only_if(
        argv.is_this(0, hit)
            && argv.scene.carries(first)
            && !argv.scene.is_clean(first, "argv")
            && argv.scene.leads(first),
    )
}
