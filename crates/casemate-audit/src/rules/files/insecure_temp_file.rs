//! A temporary file whose name others on the machine can foresee.

use casemate_python::syntax::{Argument, Function, FunctionId, Op, Passing, Value};

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
            && !is_in_own_folder(cx, id, function, cx.keyword(arguments, "dir").or_else(|| third(arguments)))
            && !(cx.persona == Persona::Default && is_made_at_once(cx, id, function, value))
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

fn third(arguments: &[Argument]) -> Option<Value> {
    arguments.get(2).filter(|argument| argument.passing == Passing::Position).map(|argument| argument.value)
}

/// Whether the name is given to something that fails where there is a file already: a link or a folder is made there.
fn is_made_at_once(cx: &Context<'_>, id: FunctionId, function: &Function, name: Value) -> bool {
    function.values().any(|(_, op)| {
        let Op::Call { callee, arguments } = op else { return false };
        let place = match cx.facts.path(id, callee) {
            Some("os.symlink" | "os.link") => 1,
            Some("os.mkdir" | "os.mkfifo") => 0,
            _ => return false,
        };
        function.call_arguments(arguments).get(place).is_some_and(|one| function.bare(one.value) == name)
    })
}

/// Whether a folder was made for the program alone: nobody else can put anything there.
fn is_in_own_folder(cx: &Context<'_>, id: FunctionId, function: &Function, folder: Option<Value>) -> bool {
    folder.is_some_and(|folder| {
        let made = match function.op(function.bare(folder)) {
            // `self.folder = tempfile.mkdtemp()`
            Op::Attribute { name, .. } => {
                return cx.module.function_ids().any(|(id, function)| {
                    function.values().any(|(_, op)| match op {
                        Op::StoreAttribute { name: stored, value, .. } if stored == name => {
                            matches!(function.op(function.bare(value)), Op::Call { callee, .. } if cx.facts.path(id, callee) == Some("tempfile.mkdtemp"))
                        }
                        _ => false,
                    })
                });
            }
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
