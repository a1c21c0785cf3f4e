//! A source that was not understood in full: reported, never silent.

use crate::audit::Problem;
use crate::finding::{Confidence, Detail, Finding, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Reported;

/// `analysis-incomplete`
pub(crate) static RULE: Rule = Rule {
    id: "CFG1615",
    name: "analysis-incomplete",
    summary: "A source could not be read or understood in full",
    severity: Severity::Info,
    kind: Kind::Run,
    persona: Persona::Default,
    cwe: &[],
    owasp_2021: "",
    owasp_2025: "",
    asvs: "15.1.1",
    page: include_str!("analysis_incomplete.md"),
};

pub(crate) fn finding(problem: &Problem) -> Reported {
    let line = problem.place.start.line;
    let finding = Finding {
        rule: &RULE,
        severity: RULE.severity,
        confidence: Confidence::High,
        place: problem.place.clone(),
        function: String::new(),
        message: problem.message.clone(),
        path: Vec::new(),
        missing_guard: None,
        remedy: "Mend the file, or leave it out with `exclude` if it is not meant to be Python.".to_owned(),
        statement: problem.message.clone(),
        fingerprint: String::new(),
        detail: Detail::None,
        fix: None,
    };
    Reported { finding, lines: (line, problem.place.end.line) }
}
