//! Untrusted data in the path of a file that is sent as the answer.

use super::containment;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Taint;

/// `arbitrary-file-response`
pub(crate) static RULE: Rule = Rule {
    id: "FIL803",
    name: "arbitrary-file-response",
    summary: "Somebody outside chooses which file is sent to him",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[22, 73],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "5.4.1",
    page: include_str!("arbitrary_file_response.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["file-response"],
    from: label::UNTRUSTED,
    without: casemate_python::facts::Labels::NONE,
    arrives: "names the file that is sent",
    message: "{call} sends a file whose path holds data from outside: {source}; with `../` or a path from the root it is any file the program may read",
    missing: "`send_from_directory`, or a check that the resolved path lies below the folder it belongs to",
    remedy: "Send from a fixed folder (`send_from_directory(FOLDER, name)`), or resolve the path and refuse it unless `path.is_relative_to(FOLDER)`.",
    judge: Some(containment::judge),
};
