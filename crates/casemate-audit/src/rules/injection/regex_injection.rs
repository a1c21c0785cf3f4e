//! Untrusted data as the pattern of a regular expression.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::Op;

use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::taint::Verdict;
use crate::rules::{Context, Taint, evidence};

/// `regex-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ131",
    name: "regex-injection",
    summary: "Untrusted data is used as a regular expression",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[1333],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "1.2.9",
    page: include_str!("regex_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["regex"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "is used as a pattern",
    message: "{call} takes data from outside for a pattern: {source}",
    missing: "`re.escape`",
    remedy: "Escape the value with `re.escape`, or search with `in`; for patterns that people write, use `google-re2`.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    // The module `regex` can be told when to give up.
    let gives_up = cx.function(hit.reach.module, hit.reach.function).is_some_and(|(module, function)| {
        let Op::Call { callee, .. } = function.op(hit.reach.call) else { return false };
        module.slice(function.span_of(callee)).starts_with("regex.") && module.slice(function.span).contains("timeout")
    });
    Verdict::only_if(!gives_up && !evidence::is_answer(cx, hit, label::UNTRUSTED))
}
