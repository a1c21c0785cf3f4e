//! A package in a version with a known hole.

use crate::finding::{Detail, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::ProjectContext;

use super::known::{self, Hole, Surroundings};

/// `vulnerable-dependency`
pub(crate) static RULE: Rule = Rule {
    id: "DEP1501",
    name: "vulnerable-dependency",
    summary: "A package is used in a version with a known vulnerability",
    severity: Severity::High,
    kind: Kind::Dependency,
    persona: Persona::Default,
    cwe: &[1395],
    owasp_2021: "A06",
    owasp_2025: "A03",
    asvs: "15.2.1",
    page: include_str!("vulnerable_dependency.md"),
};

pub(crate) fn check(cx: &mut ProjectContext<'_>) {
    let known = cx.known;
    let surroundings = Surroundings::of(cx.manifests, cx.outlines);
    for hole in known.holes.iter().filter(|hole| !hole.advisory.is_malicious) {
        let Some((file, dependency)) = known.dependency(cx.manifests, hole) else { continue };
        let mut detail = known.detail(cx.manifests, hole, &surroundings);
        let mut message =
            format!("`{}` {} has a known vulnerability, {}", dependency.name.as_str(), hole.version, told(hole));
        if hole.advisory.rating.is_none() {
            message.push_str("; nobody has rated it, so it is taken for high");
        }
        if surroundings.is_unused(&dependency.name) && detail.required_by.is_empty() {
            message.push_str("; nothing in this project imports the package");
            detail.is_unused = true;
        }
        let remedy = match hole.advisory.fixed.first() {
            Some(fixed) => known::upgrade(file.manifest.kind, dependency, fixed),
            None => "No version mends it: replace the package, or make sure that what is affected cannot be reached \
                     and say so in a VEX document."
                .to_owned(),
        };
        let remedy = match detail.required_by.as_slice() {
            [] => remedy,
            way => format!("It comes in by {}. {remedy}", way.join(" → ")),
        };
        let severity = known::severity(&hole.advisory);
        let finding = cx.report(&RULE, file, dependency.span.clone(), message);
        finding.severity = severity;
        finding.remedy = remedy;
        finding.detail = Detail::Dependency(Box::new(detail));
    }
}

/// The id, and in a few words what it is.
pub(super) fn told(hole: &Hole) -> String {
    let summary = hole.advisory.summary.trim_end_matches('.');
    if summary.is_empty() { hole.advisory.id.clone() } else { format!("{}: {summary}", hole.advisory.id) }
}
