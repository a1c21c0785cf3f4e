//! An upload that is read whole, with nothing that limits its size.

use casemate_python::routes::{Framework, Role};
use casemate_python::syntax::{Constant, FunctionId, Op, Value};

use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{called, is_order};

/// `upload-unlimited`
pub(crate) static RULE: Rule = Rule {
    id: "FIL804",
    name: "upload-unlimited",
    summary: "An upload may be as large as its sender likes",
    severity: Severity::Medium,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[770],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "5.2.1",
    page: include_str!("upload_unlimited.md"),
};

const REMEDY_ASGI: &str = "Refuse bodies above a limit in a middleware or the proxy before the application, and read in pieces (`while chunk := await file.read(65536)`) with a count of what came.";
const REMEDY_FLASK: &str = "Set `app.config[\"MAX_CONTENT_LENGTH\"] = 16 * 1024 * 1024`, so that Flask refuses larger bodies before it reads them.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for route in cx.routes().into_iter().filter(|route| route.module == cx.facts.module) {
        let id = route.handler;
        let Some(function) = cx.module.function(id) else { continue };
        let told = match route.framework {
            Framework::FastApi | Framework::Starlette => {
                let uploads: Vec<usize> = route
                    .inputs
                    .iter()
                    .filter(|input| input.role == Role::File && input.taken_by.1 == id && input.annotation.contains("UploadFile"))
                    .map(|input| input.taken_by.2)
                    .collect();
                whole_read(cx, id, &uploads).map(|at| {
                    Told::new(id, function.span_of(at), "the whole upload is read into memory, however large it is: a few requests at once end the process", REMEDY_ASGI)
                })
            }
            Framework::Flask => uploaded(cx, id).map(|at| {
                Told::new(id, function.span_of(at), "an upload may be of any size, for the application sets no `MAX_CONTENT_LENGTH`: it fills disk and memory", REMEDY_FLASK)
            }),
            _ => None,
        };
        if let Some(told) = told
            && !asks_size(cx, id)
            && !is_limited(cx)
        {
            found.push(
                told.confidence(Confidence::Medium)
                    .missing("a limit of the size: of the server, a middleware, the framework or the handler"),
            );
        }
    }
    told::report(cx, &RULE, found);
}

/// `await file.read()` of one of these parameters.
fn whole_read(cx: &Context<'_>, id: FunctionId, uploads: &[usize]) -> Option<Value> {
    let function = cx.module.function(id)?;
    function.values().find_map(|(value, op)| {
        let Op::Call { callee, arguments } = op else { return None };
        let Op::Attribute { of, name } = function.op(callee) else { return None };
        let of = match function.op(function.plain(of)) {
            Op::Attribute { of, name } if cx.module.symbols.text(name) == "file" => of,
            _ => of,
        };
        let is_upload =
            matches!(function.op(function.plain(of)), Op::Parameter(at) if uploads.contains(&(at as usize)));
        (is_upload && arguments.len == 0 && cx.module.symbols.text(name) == "read").then_some(value)
    })
}

/// `request.files[…]`
fn uploaded(cx: &Context<'_>, id: FunctionId) -> Option<Value> {
    let function = cx.module.function(id)?;
    function.values().find_map(|(value, _)| (cx.facts.path(id, value) == Some("flask.request.files")).then_some(value))
}

/// Whether a function looks at how much there is.
fn asks_size(cx: &Context<'_>, id: FunctionId) -> bool {
    let Some(function) = cx.module.function(id) else { return false };
    function.values().any(|(_, op)| match op {
        Op::Attribute { name, .. } => matches!(cx.module.symbols.text(name), "size" | "content_length"),
        Op::Constant(Constant::Str(text)) => cx.module.string(text).eq_ignore_ascii_case("content-length"),
        Op::Compare { op, left, right } if is_order(op) => [left, right].into_iter().any(|side| {
            matches!(function.op(function.plain(side)), Op::Call { callee, .. } if called(cx.module, function, callee) == "len")
        }),
        Op::Call { callee, .. } => words(called(cx.module, function, callee)).iter().any(|word| word == "size" || word == "limit"),
        _ => false,
    })
}

/// Whether anything in the project limits bodies.
fn is_limited(cx: &Context<'_>) -> bool {
    const SIGNS: &[&str] = &[
        "MAX_CONTENT_LENGTH",
        "max_content_length",
        "MAX_FORM_MEMORY_SIZE",
        "ContentSizeLimit",
        "LimitUploadSize",
        "max_upload_size",
        "MAX_UPLOAD_SIZE",
        "content-length",
    ];
    cx.any_module(&RULE, SIGNS, |_| true)
}
