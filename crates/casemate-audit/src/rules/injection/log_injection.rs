//! Untrusted data in a log that is a text of lines.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::{BinaryOp, Op, Passing, Piece, Value};

use super::lines::loses_line_breaks;
use super::scene::Scene;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `log-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ129",
    name: "log-injection",
    summary: "Untrusted data with line breaks is written to a log",
    severity: Severity::Low,
    kind: Kind::Taint,
    persona: Persona::Pedantic,
    cwe: &[117],
    owasp_2021: "A09",
    owasp_2025: "A09",
    asvs: "16.4.1",
    page: include_str!("log_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["log-text"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "is written to the log",
    message: "{call} writes data from outside to the log, line breaks and all: {source}",
    missing: "a form that shows line breaks",
    remedy: "Log the value with `%r` (in an f-string `!r`), or write the log as JSON.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let Some(sink) = Scene::of(cx, hit, label::UNTRUSTED) else { return Verdict::DISMISSED };
    let (call, argument) = (hit.reach.call, hit.reach.argument);
    if sink.passing(call, argument) != Some(Passing::Position) {
        return Verdict::DISMISSED;
    }
    let arguments = sink.arguments(call);
    let first = arguments.iter().position(|one| sink.constant(one.value).is_some());
    let template = first.and_then(|at| sink.constant(arguments.get(at)?.value)).unwrap_or("");
    let at = arguments.iter().position(|one| one.value == argument).unwrap_or(0);
    if first.is_some_and(|first| at > first) && !shows_as_is(template, at - first.unwrap_or(0) - 1) {
        return Verdict::DISMISSED;
    }
    let Some((scene, value)) = Scene::of_text(cx, hit, label::UNTRUSTED) else { return Verdict::DISMISSED };
    Verdict::only_if(!loses_line_breaks(&scene, value) && !is_shown(&scene, value, 0))
}

/// Whether the placeholder of this number takes its value as it is: `%s` or `{}`, not `%r` or `%d`.
fn shows_as_is(template: &str, number: usize) -> bool {
    if template.contains('{') && !template.contains('%') {
        return !template.contains("!r}");
    }
    let mut left = number;
    let bytes = template.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte != b'%' {
            continue;
        }
        let kind = bytes.iter().skip(at).find(|byte| byte.is_ascii_alphabetic() || **byte == b'%').copied();
        if kind == Some(b'%') {
            at += 1;
            continue;
        }
        if left == 0 {
            return kind == Some(b's');
        }
        left -= 1;
    }
    true
}

/// Whether everything in question is filled in as `repr` shows it.
fn is_shown(scene: &Scene<'_>, value: Value, depth: u32) -> bool {
    match scene.function.op(scene.bare(value)) {
        Op::Format(list) if depth < 8 => scene.function.format_pieces(list).iter().all(|piece| match piece {
            Piece::Literal(_) => true,
            Piece::Hole(hole) => {
                let end = scene.function.span_of(*hole).end as usize;
                let after = scene.source.text.get(end..).unwrap_or("").trim_start();
                !scene.carries(*hole) || after.starts_with("!r") || is_shown(scene, *hole, depth + 1)
            }
        }),
        Op::Binary { op: BinaryOp::Mod, left, .. } => {
            scene.constant(left).is_some_and(|template| !template.contains("%s") && !template.contains(")s"))
        }
        _ => false,
    }
}
