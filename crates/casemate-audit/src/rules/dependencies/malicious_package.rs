//! A package that was published to do harm.

use crate::finding::{Detail, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::ProjectContext;

use super::known::Surroundings;
use super::vulnerable_dependency::told;

/// `malicious-package`
pub(crate) static RULE: Rule = Rule {
    id: "DEP1503",
    name: "malicious-package",
    summary: "A package is known to be malicious",
    severity: Severity::Critical,
    kind: Kind::Dependency,
    persona: Persona::Default,
    cwe: &[506],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "15.2.4",
    page: include_str!("malicious_package.md"),
};

pub(crate) fn check(cx: &mut ProjectContext<'_>) {
    let known = cx.known;
    let surroundings = Surroundings::of(cx.manifests, cx.outlines);
    for hole in known.holes.iter().filter(|hole| hole.advisory.is_malicious) {
        let Some((file, dependency)) = known.dependency(cx.manifests, hole) else { continue };
        let detail = known.detail(cx.manifests, hole, &surroundings);
        let message = format!("`{}` {} is malicious, {}", dependency.name.as_str(), hole.version, told(hole));
        let way = match detail.required_by.as_slice() {
            [] => String::new(),
            way => format!("It comes in by {}. ", way.join(" → ")),
        };
        let finding = cx.report(&RULE, file, dependency.span.clone(), message);
        finding.remedy = format!(
            "{way}Remove it. Treat every machine that installed it as taken over: rebuild it, and replace every secret it could read."
        );
        finding.detail = Detail::Dependency(Box::new(detail));
    }
}
