//! Untrusted data in headers that nothing checks for line breaks.

use casemate_python::facts::{Entity, Hit, Labels, TextPart};
use casemate_python::flow::Tracer;
use casemate_python::syntax::{BinaryOp, Constant, Function, Op, Value};

use super::lines::loses_line_breaks;
use super::scene::{Scene, hit_at};
use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::told::{self, Told};
use crate::rules::{Context, Taint, Verdict, caller};

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
    if loses_line_breaks(&scene, value) || comes_in_lines(cx, hit) || is_handed_over(cx, hit) {
        return Verdict::DISMISSED;
    }
    let writes = matches!(scene.method(hit.reach.call), Some((_, "send" | "sendall" | "write" | "sendto")));
    // Bytes of any kind go through sockets; only a protocol of lines can be broken by lines.
    // What a peer sent goes back to a socket: peers break lines of their own.
    let is_peer =
        writes && cx.persona == Persona::Default && (hit.labels & label::UNTRUSTED).without(label::NETWORK).is_empty();
    Verdict::only_if(!is_peer && (!writes || scene.marked(value).contains("\r\n")))
}

/// Whether it is a function of the project that writes, with what it was handed: how, stands in there.
fn is_handed_over(cx: &Context<'_>, hit: &Hit) -> bool {
    let reach = hit.reach;
    let (Some(facts), Some((_, body))) = (cx.all_facts.get(reach.module), cx.function(reach.module, reach.function))
    else {
        return false;
    };
    let Op::Call { callee, .. } = body.op(reach.call) else { return false };
    matches!(facts.fact(reach.function, callee).entity, Entity::Function(..) | Entity::Method(..))
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
        // What another server answered came in lines.
        let is_handed_on = (hit.labels & label::UNTRUSTED).without(label::ANSWER | label::NETWORK).is_empty();
        if cx.persona == Persona::Default && is_handed_on {
            continue;
        }
        TAINT.report(cx, &hit, Verdict::default());
    }
}

/// What puts lines of a header together from any name and any value, as clients, servers and writers of messages do
/// themselves: `f"{name}: {value}\r\n"`.
pub(crate) fn writers(cx: &mut Context<'_>) {
    // Most hand on what a parser has cut at line breaks already.
    if cx.persona != Persona::Pedantic
        || !cx.module.text.contains("\\r\\n")
        || !caller::is_product(&cx.module.path, cx)
        || turns_down_breaks(&cx.module.text)
    {
        return;
    }
    let mut found: Vec<Told> = Vec::new();
    let mut lines = Vec::new();
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            let is_line = match op {
                Op::Format(_) | Op::Binary { op: BinaryOp::Add | BinaryOp::Mod, .. } => {
                    is_line_of_header(&cx.facts.text_of(cx.program, id, value))
                }
                Op::Call { callee, .. } => match function.op(callee) {
                    Op::Attribute { of, name } if cx.module.symbols.text(name) == "format" => {
                        matches!(function.op(function.plain(of)), Op::Constant(_))
                            && is_line_of_header(&cx.facts.text_of(cx.program, id, value))
                    }
                    _ => false,
                },
                Op::Build { items, .. } => are_parts_of_line(cx, function, function.list(items)),
                _ => false,
            };
            let span = function.span_of(value);
            // `a + b + c` holds `a + b`.
            if !is_line || lines.contains(&span.start) {
                continue;
            }
            lines.push(span.start);
            let message = "a line of a header is put together from any name and value; with a line break in one of them whoever gives it writes further lines";
            let step = |note: &str| cx.step(cx.facts.module, span, note.to_owned());
            let path = vec![step("whatever is given for name and value"), step("becomes a line of a header")];
            let told = Told::new(id, span, message, TAINT.remedy).confidence(Confidence::Medium).missing(TAINT.missing);
            found.push(told.severity(Severity::Low).path(path));
        }
    }
    told::report(cx, &RULE, found);
}

/// `{}: {}\r\n`: two values that are filled in, and a line that ends.
fn is_line_of_header(parts: &[TextPart]) -> bool {
    if let [TextPart::Literal(text), TextPart::Hole(_), TextPart::Hole(_)] = parts {
        return matches!(text.as_str(), "%s: %s\r\n" | "%s:%s\r\n" | "{}: {}\r\n" | "{0}: {1}\r\n" | "{}:{}\r\n");
    }
    matches!(parts, [TextPart::Hole(_), TextPart::Literal(between), TextPart::Hole(_), TextPart::Literal(end), ..]
        if matches!(between.as_str(), ": " | ":") && end == "\r\n")
}

/// `[name, b": ", value, b"\r\n"]`
fn are_parts_of_line(cx: &Context<'_>, function: &Function, items: &[Value]) -> bool {
    let written = |value: Value| match function.op(function.plain(value)) {
        Op::Constant(Constant::Str(text) | Constant::Bytes(text)) => Some(cx.module.string(text)),
        _ => None,
    };
    items.windows(4).any(|window| {
        let [name, between, value, end] = window else { return false };
        let is_filled = |value: Value| value != Value::NONE && !matches!(function.op(value), Op::Constant(_));
        is_filled(*name)
            && is_filled(*value)
            && *between != Value::NONE
            && *end != Value::NONE
            && written(*between) == Some(": ")
            && written(*end) == Some("\r\n")
    })
}

/// Whether a module looks for line breaks anywhere, or for control characters.
fn turns_down_breaks(text: &str) -> bool {
    text.lines().any(|line| {
        let speaks = ["\\n", "\\r", "\\x0", "\\000", "\\s"].iter().any(|part| line.contains(part));
        let asks = ["compile(", "search(", "match(", "replace(", "translate(", ".sub(", "splitlines(", ".count("]
            .iter()
            .any(|part| line.contains(part));
        let is_member = line.split_once(" in ").is_some_and(|(before, _)| {
            let before = before.trim_end();
            before.ends_with(['"', '\'']) && (before.contains("\\n") || before.contains("\\r"))
        });
        speaks && asks || is_member
    })
}
