//! A command for a shell that is put together while the program runs, where nothing shows that a part of it comes from outside.

use super::sink_arguments;
use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `shell-true-dynamic`
pub(crate) static RULE: Rule = Rule {
    id: "INJ111",
    name: "shell-true-dynamic",
    summary: "A shell runs a command that is not a constant",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Pedantic,
    cwe: &[78],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.5",
    page: include_str!("shell_true_dynamic.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    for (id, call, argument) in sink_arguments(cx, "command") {
        let fact = cx.facts.fact(id, argument);
        let clean = cx.knowledge.kind("command").is_some_and(|kind| cx.facts.clean(id, argument) & (1 << kind) != 0);
        // What is shown to come from outside is told by the rule about that.
        if fact.constant || clean || fact.labels.meets(label::UNTRUSTED) {
            continue;
        }
        let Some(function) = cx.module.function(id) else { continue };
        let filled = Context::written(cx.module, function, argument);
        let finding = cx.report(
            &RULE,
            (cx.facts.module, id),
            function.span_of(call),
            format!("a shell runs `{filled}`, which is not a constant"),
        );
        finding.confidence = Confidence::Medium;
        finding.missing_guard = Some("a list of arguments without a shell, or `shlex.quote`".to_owned());
        finding.remedy =
            "Pass a list of arguments and leave out the shell, so that a value stays one argument whatever it holds."
                .to_owned();
    }
}
