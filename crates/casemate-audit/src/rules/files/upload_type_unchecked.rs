//! The name of an upload decides what it is stored as, and nothing looks at its type.

use casemate_python::facts::Hit;
use casemate_python::flow::Tracer;
use casemate_python::syntax::{CompareOp, Op};

use super::containment;
use crate::finding::Severity;
use crate::models::{label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::taint::Verdict;
use crate::rules::values::called;
use crate::rules::{Context, Taint};

/// `upload-type-unchecked`
pub(crate) static RULE: Rule = Rule {
    id: "FIL805",
    name: "upload-type-unchecked",
    summary: "An upload is stored under a name, and so a type, that the sender chose",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[434],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "5.2.2",
    page: include_str!("upload_type_unchecked.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["upload-name"],
    from: label::FILE,
    without: casemate_python::facts::Labels::NONE,
    arrives: "is what the upload is stored as",
    message: "{call} stores an upload under the name its sender gave it ({source}), and nothing looks at its type: it may be a page, a script or a program",
    missing: "a list of allowed extensions, or a look at the content",
    remedy: "Choose the name yourself (`uuid4().hex`) and take the extension from a fixed list after looking at the content; keep uploads outside every folder that is served or imported.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let nothing = Verdict { dismissed: true, ..Verdict::default() };
    let Some((module, function)) = cx.function(hit.reach.module, hit.reach.function) else { return nothing };
    // `open(upload)` is no name; only a text with the name in it is.
    if !containment::is_text(cx, hit) || !containment::mentions_name(cx, hit) {
        return nothing;
    }
    // Reading is no storing.
    if let Op::Call { callee, arguments } = function.op(hit.reach.call) {
        let name = called(module, function, callee);
        let reads = matches!(name, "read_text" | "read_bytes" | "iterdir" | "rmdir" | "unlink" | "mkdir" | "delete");
        let is_open = matches!(name, "open" | "async_open" | "open_file");
        if reads || is_open && !containment::writes(module, function, function.call_arguments(arguments)) {
            return nothing;
        }
    }
    if cx.persona == Persona::Default && is_put_aside(cx, hit) {
        return nothing;
    }
    let looks = |id: casemate_python::syntax::FunctionId| checks_type(cx, id);
    if looks(hit.function) || hit.reach.module == cx.facts.module && looks(hit.reach.function) {
        return nothing;
    }
    Verdict::default()
}

/// Whether the name was made harmless and nothing says that the folder is served: the file lies where nobody runs it.
fn is_put_aside(cx: &Context<'_>, hit: &Hit) -> bool {
    let (way, _) = (Tracer { program: cx.program, modules: cx.all_facts }).way(cx.facts.module, hit, label::FILE);
    let is_made_harmless = way.into_iter().any(|(module, id, value)| {
        cx.function(module, id).is_some_and(|(source, body)| match body.op(value) {
            Op::Call { callee, .. } => {
                matches!(called(source, body, callee), "secure_filename" | "get_valid_filename" | "sanitize_filename")
            }
            _ => false,
        })
    });
    let is_served =
        [(cx.facts.module, hit.function), (hit.reach.module, hit.reach.function)].into_iter().any(|(module, id)| {
            cx.function(module, id).is_some_and(|(source, body)| {
                let text = source.slice(body.span).to_ascii_lowercase();
                ["static", "public", "media", "www", "htdocs", "upload_folder", "upload_dir"]
                    .iter()
                    .any(|word| text.contains(word))
            })
        });
    is_made_harmless && !is_served
}

/// Whether a function asks what type an upload has.
fn checks_type(cx: &Context<'_>, id: casemate_python::syntax::FunctionId) -> bool {
    let Some(function) = cx.module.function(id) else { return false };
    let from_upload = |value| cx.facts.fact(id, value).labels.meets(label::FILE);
    function.values().any(|(_, op)| match op {
        Op::Compare { op: CompareOp::In | CompareOp::NotIn | CompareOp::Eq | CompareOp::NotEq, left, right } => {
            let is_none =
                matches!(function.op(right), Op::Constant(_)) && cx.module.slice(function.span_of(right)).len() <= 4;
            from_upload(left) && !is_none && !matches!(cx.module.constant_str(function, right), Some(""))
        }
        Op::Call { callee, arguments } => {
            let name = called(cx.module, function, callee);
            if matches!(name, "endswith" | "fullmatch" | "match" | "guess" | "from_buffer" | "verify" | "what") {
                return true;
            }
            let says = words(name).iter().any(|word| {
                matches!(
                    word.as_str(),
                    "allowed"
                        | "valid"
                        | "validate"
                        | "validated"
                        | "check"
                        | "checked"
                        | "extension"
                        | "ext"
                        | "mime"
                        | "mimetype"
                        | "magic"
                        | "filetype"
                        | "sniff"
                        | "permitted"
                        | "supported"
                        | "accept"
                        | "accepted"
                )
            });
            says && name != "splitext" && (arguments.len > 0 || name.starts_with("validate"))
        }
        _ => false,
    })
}
