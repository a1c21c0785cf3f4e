//! Parameters of tools that arrive at interpreters.

use casemate_python::facts::Hit;

use super::is_run;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `tool-parameter-injection`
pub(crate) static RULE: Rule = Rule {
    id: "LLM1306",
    name: "tool-parameter-injection",
    summary: "What a language model gives to a tool becomes code, a command or SQL",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[78, 918],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.3.3",
    page: include_str!("tool_parameter_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["code", "command", "executable", "argv", "template", "import", "sql", "sqlalchemy-text", "django-sql"],
    from: label::TOOL,
    without: label::UNTRUSTED,
    arrives: "is run",
    message: "{call} runs what a language model gave to a tool: {source}",
    missing: "placeholders, or a check against a fixed list",
    remedy: "Treat parameters of tools like data from a request: placeholders, lists of arguments, fixed lists.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    Verdict::only_if(is_run(cx, hit, label::TOOL))
}
