//! A VEX statement about a hole that is no longer there.

use casemate_packages::vex::Statement;
use casemate_python::syntax::LineIndex;

use super::known::Known;
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{ManifestText, Reported, text};

/// `vex-stale`
pub(crate) static RULE: Rule = Rule {
    id: "DEP1515",
    name: "vex-stale",
    summary: "A VEX statement silences nothing, or says too little to",
    severity: Severity::Info,
    kind: Kind::Dependency,
    persona: Persona::Default,
    cwe: &[1395],
    owasp_2021: "A06",
    owasp_2025: "A03",
    asvs: "15.1.1",
    page: include_str!("vex_stale.md"),
};

/// A VEX document that somebody brought.
#[derive(Clone, Debug)]
pub struct VexDocument {
    /// Relative to the root where it lies there, with `/` between its parts.
    pub path: String,
    /// The whole text.
    pub text: String,
    /// What it says.
    pub statements: Vec<Statement>,
}

impl VexDocument {
    /// Reads a document, or says why it is none.
    pub fn read(path: &str, text: &str) -> Result<Self, String> {
        let statements = casemate_packages::vex::read(text)?;
        Ok(Self { path: path.to_owned(), text: text.to_owned(), statements })
    }
}

/// Takes out of the findings what a statement settles, each with the reason.
pub(crate) fn settle(
    reported: &mut Vec<Reported>,
    documents: &[VexDocument],
) -> Vec<(crate::finding::Finding, String)> {
    let mut settled = Vec::new();
    if documents.is_empty() {
        return settled;
    }
    let statements =
        || documents.iter().flat_map(|document| document.statements.iter().map(move |one| (document, one)));
    let reason = |one: &Reported| {
        let detail = one.finding.dependency()?;
        let (document, statement) = statements().find(|(_, statement)| {
            let ids = detail.advisories.iter().map(String::as_str);
            statement.status.settles()
                && statement.is_justified()
                && statement.is_about(ids, &detail.package, &detail.version)
        })?;
        Some(format!("{} says {}", document.path, statement.told()))
    };
    for one in std::mem::take(reported) {
        match reason(&one) {
            Some(reason) => settled.push((one.finding, reason)),
            None => reported.push(one),
        }
    }
    settled
}

/// Statements that settle nothing, when it is known what there is.
pub(crate) fn check(documents: &[VexDocument], manifests: &[ManifestText], known: &Known) -> Vec<Reported> {
    let mut reported = Vec::new();
    for document in documents {
        let lines = LineIndex::new(&document.text);
        for statement in document.statements.iter().filter(|statement| statement.status.settles()) {
            let id = statement.ids.first().map(String::as_str).unwrap_or_default();
            let matches = known.holes.iter().any(|hole| {
                let package = known.dependency(manifests, hole).map(|(_, dependency)| dependency.name.as_str());
                package.is_some_and(|name| statement.is_about(hole.advisory.ids(), name, &hole.version.to_string()))
            });
            let (message, remedy) = match (matches, statement.is_justified()) {
                (false, _) => (
                    format!("{id} is no longer found, so that this statement silences nothing"),
                    "Delete it: should the hole come back, it would be silenced for a reason of the past.",
                ),
                (true, false) => (
                    format!("{id} is said to do no harm, but not why, so that it is reported nevertheless"),
                    "Give a justification or an impact statement, as OpenVEX demands of `not_affected`.",
                ),
                (true, true) => continue,
            };
            let mut one = text::report(&document.path, &document.text, &lines, &RULE, statement.span.clone(), message);
            one.finding.remedy = remedy.to_owned();
            reported.push(one);
        }
    }
    reported
}
