//! A tree whose files are given to others or changed, links included.

use casemate_python::syntax::{Function, Op, Value};

use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{given, speaks_of};

/// `symlink-followed`
pub(crate) static RULE: Rule = Rule {
    id: "FIL810",
    name: "symlink-followed",
    summary: "A tree is changed, and links lead out of it",
    severity: Severity::Low,
    kind: Kind::Pattern,
    persona: Persona::Pedantic,
    cwe: &[59],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "5.3.2",
    page: include_str!("symlink_followed.md"),
};

const REMEDY: &str =
    "Pass `follow_symlinks=False` (`os.lchown` does the same), and leave `followlinks` of `os.walk` off.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !speaks_of(cx, &["chown", "chmod"]) {
        return;
    }
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        let changes = matches!(cx.facts.path(id, callee), Some("os.chown" | "os.chmod" | "shutil.chown"));
        if !changes || given(cx, id, arguments, None, "follow_symlinks").is_false() {
            continue;
        }
        let Some(first) = arguments.first() else { continue };
        let is_walked = comes_from(
            function,
            first.value,
            0,
            &|of| matches!(function.op(of), Op::Call { callee, .. } if matches!(cx.facts.path(id, callee), Some("os.walk" | "os.fwalk" | "os.scandir" | "glob.glob" | "glob.iglob"))),
        );
        if is_walked {
            found.push(
                Told::new(
                    id,
                    function.span_of(value),
                    "a link in the tree leads the change to any file outside of it",
                    REMEDY,
                )
                .confidence(Confidence::Medium),
            );
        }
    }
    told::report(cx, &RULE, found);
}

/// Whether a value is made from one that the question says yes to.
fn comes_from(function: &Function, value: Value, depth: u32, is: &dyn Fn(Value) -> bool) -> bool {
    depth < 12
        && (is(value)
            || function
                .operands_of(value)
                .iter()
                .any(|&one| one.0 < value.0 && comes_from(function, one, depth + 1, is)))
}
