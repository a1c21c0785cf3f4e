//! The command line or the environment in a shell command or in code.

use casemate_python::facts::{Hit, Labels};

use super::os_command_injection::is_vague;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `cli-and-env-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ136",
    name: "cli-and-env-injection",
    summary: "An argument or variable of the environment becomes part of a shell command or of code",
    severity: Severity::Low,
    kind: Kind::Taint,
    persona: Persona::Pedantic,
    cwe: &[78],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.5",
    page: include_str!("cli_and_env_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["command", "code"],
    from: Labels(label::ARGUMENT.0 | label::ENVIRONMENT.0),
    without: label::UNTRUSTED,
    arrives: "becomes part of a command or of code",
    message: "{call} takes a command or code from the command line or the environment: {source}",
    missing: "a list of arguments, or a parser that runs nothing",
    remedy: "Run programs with a list of arguments, and read values with `int`, `json.loads` or `ast.literal_eval`.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    Verdict::only_if(!is_vague(cx, hit))
}
