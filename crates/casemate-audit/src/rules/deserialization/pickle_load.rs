//! Pickle-family loading of data whose origin is not known.

use casemate_python::syntax::Op;

use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{given, speaks_of};

/// `pickle-load`
pub(crate) static RULE: Rule = Rule {
    id: "DES702",
    name: "pickle-load",
    summary: "Pickle and its kin load data whose origin is not shown",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Pedantic,
    cwe: &[502],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "1.5.2",
    page: include_str!("pickle_load.md"),
};

const REMEDY: &str =
    "Where the data can be changed by anybody but the program itself, use JSON or another format that holds data only.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !speaks_of(cx, &["load", "loads", "open", "read_pickle", "Unpickler", "DbfilenameShelf", "decode", "recv"]) {
        return;
    }
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        let loads = match cx.facts.path(id, callee) {
            Some(
                "pickle.load" | "pickle.loads" | "pickle.Unpickler().load" | "shelve.open" | "shelve.DbfilenameShelf",
            ) => true,
            Some(
                "multiprocessing.connection.Client().recv"
                | "multiprocessing.connection.Listener().accept().recv"
                | "multiprocessing.connection.Connection().recv",
            ) => true,
            Some("numpy.load") => given(cx, id, arguments, Some(2), "allow_pickle").is_true(),
            _ => false,
        };
        let told_already = cx.facts.hits.iter().any(|hit| {
            hit.reach.call == value
                && hit.reach.function == id
                && hit.reach.module == cx.facts.module
                && hit.labels.meets(label::UNTRUSTED)
        });
        let is_own = arguments.first().is_some_and(|argument| {
            // `pickle.loads(pickle.dumps(x))` copies.
            let first = function.plain(argument.value);
            matches!(function.op(first), Op::Call { callee, .. } if cx.facts.path(id, callee).is_some_and(|path| path.ends_with(".dumps")))
                || matches!(function.op(first), Op::Constant(_))
        });
        if loads && !told_already && !is_own {
            let message = "whoever can change what is loaded here runs code in the program";
            found.push(Told::new(id, function.span_of(value), message, REMEDY).confidence(Confidence::Low));
        }
    }
    told::report(cx, &RULE, found);
}
