//! A file that is checked and then used, while somebody can exchange it in between.

use casemate_python::syntax::{Op, Value};

use super::containment;
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::speaks_of;

/// `file-toctou`
pub(crate) static RULE: Rule = Rule {
    id: "FIL809",
    name: "file-toctou",
    summary: "A file is looked at first and used later",
    severity: Severity::Low,
    kind: Kind::Pattern,
    persona: Persona::Pedantic,
    cwe: &[367],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "15.4.2",
    page: include_str!("file_toctou.md"),
};

const ACCESS: &str = "Open the file and handle `PermissionError`; where the rights of another user are to hold, switch to that user first.";
const EXISTS: &str = "Create it in one step with mode `x` (`open(path, \"x\")`) and handle `FileExistsError`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !speaks_of(cx, &["access", "exists", "isfile"]) {
        return;
    }
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        let path = cx.facts.path(id, callee).unwrap_or_default();
        let is_access = path == "os.access";
        if !is_access && (!matches!(path, "os.path.exists" | "os.path.isfile") || cx.persona != Persona::Pedantic) {
            continue;
        }
        let Some(tested) = arguments.first().map(|argument| function.plain(argument.value)) else { continue };
        let used = function.values().skip(value.0 as usize + 1).find_map(|(later, op): (Value, Op)| {
            let Op::Call { callee, arguments } = op else { return None };
            let arguments = function.call_arguments(arguments);
            let opens = matches!(
                cx.facts.path(id, callee),
                Some("open" | "os.open" | "os.remove" | "os.unlink" | "os.chmod" | "os.chown")
            );
            let same = arguments.first().is_some_and(|argument| function.plain(argument.value) == tested);
            let creates = is_access || containment::writes(cx.module, function, arguments);
            (opens && same && creates).then_some(later)
        });
        if used.is_some() {
            let (message, remedy) = if is_access {
                (
                    "`os.access` asks for one moment, and the file is used in another: it can be exchanged in between",
                    ACCESS,
                )
            } else {
                (
                    "whether the file exists is asked first and it is created later: in between somebody else can put one there",
                    EXISTS,
                )
            };
            found.push(Told::new(id, function.span_of(value), message, remedy).confidence(Confidence::Medium));
        }
    }
    told::report(cx, &RULE, found);
}
