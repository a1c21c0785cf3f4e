//! Untrusted data in headers that nothing checks for line breaks.

use casemate_python::facts::{Hit, Labels};
use casemate_python::flow::Tracer;
use casemate_python::syntax::{Constant, Op};

use super::lines::loses_line_breaks;
use super::scene::{Scene, hit_at};
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `header-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ127",
    name: "header-injection",
    summary: "Untrusted data with line breaks becomes part of a header",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[113, 93],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "4.2.4",
    page: include_str!("header_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["header"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "becomes part of a header",
    message: "{call} writes a header with data from outside, line breaks and all: {source}",
    missing: "a check for line breaks",
    remedy: "Turn down values with `\\r` or `\\n`, or percent-encode them, or let a framework write the header.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let Some((scene, value)) = Scene::of_text(cx, hit, label::UNTRUSTED) else { return Verdict::DISMISSED };
    if loses_line_breaks(&scene, value) || comes_in_lines(cx, hit) {
        return Verdict::DISMISSED;
    }
    let writes = matches!(scene.method(hit.reach.call), Some((_, "send" | "sendall" | "write" | "sendto")));
    // Bytes of any kind go through sockets; only a protocol of lines can be broken by lines.
    // What a peer sent goes back to a socket: peers break lines of their own.
    let is_peer =
        writes && cx.persona == Persona::Default && (hit.labels & label::UNTRUSTED).without(label::NETWORK).is_empty();
    Verdict::only_if(!is_peer && (!writes || scene.marked(value).contains("\r\n")))
}

/// Whether the data was cut into lines on its way.
fn comes_in_lines(cx: &Context<'_>, hit: &Hit) -> bool {
    let (way, _) = (Tracer { program: cx.program, modules: cx.all_facts }).way(cx.facts.module, hit, label::UNTRUSTED);
    way.into_iter().any(|(module, id, value)| {
        let Some((source, body)) = cx.function(module, id) else { return false };
        let Op::Call { callee, arguments } = body.op(value) else { return false };
        let Op::Attribute { name, .. } = body.op(body.bare(callee)) else { return false };
        let first = body.call_arguments(arguments).first();
        match source.symbols.text(name) {
            "splitlines" => true,
            "split" | "rsplit" => first.is_none_or(|first| match body.op(body.bare(first.value)) {
                Op::Constant(Constant::Str(text)) => source.string(text).contains('\n'),
                Op::Constant(Constant::Bytes(_)) => source.slice(body.span_of(first.value)).contains("\\n"),
                _ => false,
            }),
            _ => false,
        }
    })
}

/// `start_response(status, [(name, value)])`, which is given to the application as a parameter.
pub(crate) fn check(cx: &mut Context<'_>) {
    let mut hits: Vec<Hit> = Vec::new();
    for (id, function, call, callee, arguments) in cx.calls() {
        let written = cx.module.slice(function.span_of(callee));
        let (Some(headers), "start_response") = (arguments.get(1), written.rsplit('.').next().unwrap_or("")) else {
            continue;
        };
        let Some(scene) = Scene::here(cx, id, label::UNTRUSTED) else { continue };
        if scene.carries(headers.value)
            && !scene.is_clean(headers.value, "header")
            && !loses_line_breaks(&scene, headers.value)
        {
            hits.push(hit_at(cx, id, call, headers.value));
        }
    }
    for hit in hits {
        TAINT.report(cx, &hit, Verdict::default());
    }
}
