//! Untrusted data in headers that nothing checks for line breaks.

use casemate_python::facts::{Hit, Labels};

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
    if loses_line_breaks(&scene, value) {
        return Verdict::DISMISSED;
    }
    let writes = matches!(scene.method(hit.reach.call), Some((_, "send" | "sendall" | "write" | "sendto")));
    // Bytes of any kind go through sockets; only a protocol of lines can be broken by lines.
    Verdict::only_if(!writes || scene.marked(value).contains("\r\n"))
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
