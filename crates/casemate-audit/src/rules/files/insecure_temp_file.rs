//! A temporary file whose name others on the machine can foresee.

use casemate_python::syntax::{Function, FunctionId, Op, Value};

use super::temporary::{self, Name};
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::mentions;

/// `insecure-temp-file`
pub(crate) static RULE: Rule = Rule {
    id: "FIL806",
    name: "insecure-temp-file",
    summary: "A temporary file has a name that others can foresee",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[377],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "15.4.2",
    page: include_str!("insecure_temp_file.md"),
};

const REMEDY: &str = "Let `tempfile` make the file and its name in one step: `tempfile.NamedTemporaryFile()`, `tempfile.mkstemp()`, or `tempfile.TemporaryDirectory()` for several.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !mentions(cx, &["/tmp", "mktemp", "gettempdir", "tempnam", "tmpnam", "/dev/shm"]) {
        return;
    }
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        if let Some(path) = cx.facts.path(id, callee)
            && matches!(path, "tempfile.mktemp" | "os.tempnam" | "os.tmpnam")
            && !is_in_own_folder(cx, id, function, cx.keyword(arguments, "dir"))
        {
            let message = format!(
                "`{path}` only names a file: until it is opened, somebody else can put a link or a file of his own there"
            );
            found.push(Told::new(id, function.span_of(value), message, REMEDY));
        }
    }
    for written in temporary::written(cx) {
        if written.name == Name::Foreseeable {
            let Some(function) = cx.module.function(written.function) else { continue };
            // Whose it is has been looked at.
            if cx.persona == Persona::Default && cx.module.slice(function.span).contains("st_uid") {
                continue;
            }
            let message = "the file lies in a folder that everybody may write to, and its name can be foreseen: a link put there first decides what is overwritten";
            found.push(Told::new(written.function, function.span_of(written.call), message, REMEDY));
        }
    }
    told::report(cx, &RULE, found);
}

/// Whether a folder was made for the program alone: nobody else can put anything there.
fn is_in_own_folder(cx: &Context<'_>, id: FunctionId, function: &Function, folder: Option<Value>) -> bool {
    folder.is_some_and(|folder| {
        let made = match function.op(function.bare(folder)) {
            Op::Call { callee, .. } => cx.facts.path(id, callee),
            Op::Enter(of) => match function.op(function.bare(of)) {
                Op::Call { callee, .. } => cx.facts.path(id, callee),
                _ => None,
            },
            _ => None,
        };
        matches!(made, Some("tempfile.mkdtemp" | "tempfile.TemporaryDirectory"))
    })
}
