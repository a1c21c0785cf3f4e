//! The answer of a language model that an interpreter runs.

use casemate_python::facts::{Hit, Labels};

use super::is_run;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `model-output-executed`
pub(crate) static RULE: Rule = Rule {
    id: "LLM1301",
    name: "model-output-executed",
    summary: "What a language model said is run as code, as a command or as SQL",
    severity: Severity::Critical,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[1426, 94],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.3.2",
    page: include_str!("model_output_executed.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["code", "command", "executable", "argv", "template", "import", "sql", "sqlalchemy-text", "django-sql"],
    from: label::MODEL,
    without: Labels::NONE,
    arrives: "is run",
    message: "{call} runs what a language model wrote: {source}",
    missing: "a fixed list of actions, or a sandbox",
    remedy: "Let the model choose from a fixed list of functions and check the arguments; run code only in a sandbox without secrets and network.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    Verdict::only_if(is_run(cx, hit, label::MODEL))
}
