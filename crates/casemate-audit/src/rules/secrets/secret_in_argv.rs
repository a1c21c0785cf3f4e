//! A secret on a command line, which every process of the machine can read.

use casemate_python::facts::Hit;
use casemate_python::flow::StepKind;
use casemate_python::syntax::{Op, Passing, Value};

use super::is_shown_secret;
use crate::finding::{Confidence, Severity};
use crate::models::{label, sink};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::context;

/// `secret-in-argv`
pub(crate) static RULE: Rule = Rule {
    id: "SEC1010",
    name: "secret-in-argv",
    summary: "A secret is passed on a command line",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[214],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "13.3.1",
    page: include_str!("secret_in_argv.md"),
};

/// Values that what is put on a command line is made of, which are looked at.
const MAX_OPERANDS: usize = 64;

pub(crate) fn check(cx: &mut Context<'_>) {
    let wanted = label::PASSWORD | label::SECRET;
    for hit in cx.facts.hits.iter().filter(|hit| hit.reach.kind == sink::COMMAND && hit.labels.meets(wanted)) {
        let reach = hit.reach;
        let Some((module, function)) = cx.function(reach.module, reach.function) else { continue };
        let Op::Call { callee, arguments } = function.op(reach.call) else { continue };
        // What is handed over by `env=` or `input=` is not on the command line.
        let is_beside = function.call_arguments(arguments).iter().any(|argument| {
            argument.value == reach.argument
                && matches!(argument.passing, Passing::Keyword(name) if !matches!(module.symbols.text(name), "args" | "command" | "cmd"))
        });
        let trace = cx.trace(hit, wanted);
        let named = trace.iter().take(3).filter_map(|step| {
            let module = cx.program.module(step.module)?;
            Some(match step.kind {
                StepKind::Parameter(name) | StepKind::Named(name) => module.symbols.text(name).to_owned(),
                StepKind::Source | StepKind::Through => module.slice(step.span).to_owned(),
                _ => return None,
            })
        });
        let source = named.into_iter().find(|source| is_shown_secret(source)).or_else(|| read_as(cx, hit));
        let Some(source) = source else { continue };
        if is_beside {
            continue;
        }
        let span = function.span_of(reach.call);
        let called = context::short(module.slice(function.span_of(callee)));
        let path = cx.path(hit, wanted, "is put on a command line");
        let finding = cx.report(
            &RULE,
            (reach.module, reach.function),
            span,
            format!(
                "`{}` is put on the command line of a program by `{called}`, where every user of the machine can read it while it runs",
                context::short(&source)
            ),
        );
        finding.confidence = if hit.labels.meets(label::PASSWORD) { Confidence::High } else { Confidence::Medium };
        finding.path = path;
        finding.missing_guard = Some(
            "a way that other processes cannot read (standard input, a file that only its owner reads)".to_owned(),
        );
        finding.remedy = "Hand it over by standard input (`subprocess.run([…], input=secret)`), or in a file or environment that only the called program sees (`env={**os.environ, \"PGPASSWORD\": secret}`).".to_owned();
    }
}

/// What a secret of the environment or of a table is read as: `os.environ["DB_PASSWORD"]`.
fn read_as(cx: &Context<'_>, hit: &Hit) -> Option<String> {
    let function = cx.module.function(hit.function)?;
    let mut reached = vec![hit.argument];
    let mut at = 0;
    while let Some(&value) = reached.get(at).filter(|_| at < MAX_OPERANDS) {
        at += 1;
        let written = match function.op(value) {
            Op::Subscript { .. } | Op::Attribute { .. } => Some(function.span_of(value)),
            Op::Call { callee, arguments } => {
                let first = function.call_arguments(arguments).first();
                let reads = matches!(function.op(callee), Op::Attribute { name, .. } if matches!(cx.module.symbols.text(name), "get" | "getenv"));
                first.filter(|_| reads).map(|first| function.span_of(first.value))
            }
            _ => None,
        };
        if let Some(written) = written.map(|span| cx.module.slice(span))
            && is_shown_secret(written)
        {
            return Some(written.to_owned());
        }
        reached.extend(
            function.operands_of(value).into_iter().filter(|operand| *operand != Value::NONE && operand.0 < value.0),
        );
    }
    None
}
