//! Untrusted data in the path of a file that is opened, written, moved or removed.

use super::containment;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Taint;

/// `path-traversal`
pub(crate) static RULE: Rule = Rule {
    id: "FIL801",
    name: "path-traversal",
    summary: "Somebody outside chooses which file the program opens, writes or removes",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[22, 73],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "5.3.2",
    page: include_str!("path_traversal.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["path"],
    from: label::UNTRUSTED,
    without: casemate_python::facts::Labels::NONE,
    arrives: "names a file",
    message: "{call} is given a path with data from outside in it: {source}; with `../` or a path from the root it is any other file",
    missing: "a check that the path, with `..` and links resolved, lies below the folder it belongs to",
    remedy: "Resolve the whole path and compare: `path = (BASE / name).resolve()`, then refuse it unless `path.is_relative_to(BASE)`. Better, let names from outside be keys of a table, or numbers.",
    judge: Some(containment::judge),
};
