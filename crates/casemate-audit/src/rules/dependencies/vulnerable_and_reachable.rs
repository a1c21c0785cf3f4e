//! Code that uses what an advisory says is affected.

use rustc_hash::FxHashSet;

use crate::finding::{Confidence, Detail, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

use super::known::{self, Surroundings};

/// `vulnerable-and-reachable`
pub(crate) static RULE: Rule = Rule {
    id: "DEP1502",
    name: "vulnerable-and-reachable",
    summary: "The code uses the part of a package that has a known vulnerability",
    severity: Severity::High,
    kind: Kind::Dependency,
    persona: Persona::Default,
    cwe: &[1395],
    owasp_2021: "A06",
    owasp_2025: "A03",
    asvs: "15.2.1",
    page: include_str!("vulnerable_and_reachable.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let Some(known) = cx.known else { return };
    let mut seen = FxHashSet::default();
    let mut told = Vec::new();
    for one in &cx.holes_used {
        let Some(hole) = known.holes.get(one.hole) else { continue };
        let Some((file, dependency)) = known.dependency(cx.manifests, hole) else { continue };
        // The package may stand in several files; the code uses it once.
        if seen.insert((&dependency.name, &hole.version, &hole.advisory.id, &one.symbol)) {
            told.push((one.symbol.clone(), one.function, one.span, one.is_exact, hole, file, dependency));
        }
    }
    let module = cx.facts.module;
    for (symbol, function, span, is_exact, hole, file, dependency) in told {
        let (name, id) = (dependency.name.as_str(), &hole.advisory.id);
        let message = format!(
            "`{symbol}` is what {id} is about, and `{name}` {} in {} has that vulnerability",
            hole.version, file.manifest.path
        );
        let remedy = match hole.advisory.fixed.first() {
            Some(fixed) => known::upgrade(file.manifest.kind, dependency, fixed),
            None => format!("No version mends it: do without `{symbol}`, or replace the package."),
        };
        let mut detail = known.detail(&[], hole, &Surroundings::default());
        detail.package = name.to_owned();
        detail.is_reachable = Some(true);
        let finding = cx.report(&RULE, (module, function), span, message);
        finding.severity = raised(known::severity(&hole.advisory));
        finding.confidence = if is_exact { Confidence::High } else { Confidence::Medium };
        finding.remedy = remedy;
        finding.detail = Detail::Dependency(Box::new(detail));
    }
}

/// What is in use is worse than what merely lies there.
fn raised(severity: Severity) -> Severity {
    match severity {
        Severity::Info => Severity::Low,
        Severity::Low => Severity::Medium,
        Severity::Medium => Severity::High,
        Severity::High | Severity::Critical => Severity::Critical,
    }
}
