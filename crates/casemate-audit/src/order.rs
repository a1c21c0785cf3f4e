//! What to mend first: the order of findings in every report.

use std::cmp::{Ordering, Reverse};

use crate::finding::{Finding, Liveness};

/// Sorts by what to mend first; the same for the same findings, in whatever order they come.
pub fn most_urgent_first(findings: &mut [Finding]) {
    findings.sort_by(compare);
}

/// The more urgent one first: the worse, what is known to be usable now, the surer, what can be mended; then by place.
pub fn compare(a: &Finding, b: &Finding) -> Ordering {
    let urgency = |finding: &Finding| {
        (
            Reverse(finding.severity),
            aliveness(finding),
            Reverse(finding.confidence),
            reach(finding),
            finding.rule.kind.topic(),
        )
    };
    urgency(a).cmp(&urgency(b)).then_with(|| by_place(a, b))
}

/// The order in which a reader of the sources meets them.
pub fn by_place(a: &Finding, b: &Finding) -> Ordering {
    let place = |finding: &Finding| (finding.rule.id, finding.path.len());
    a.place
        .cmp(&b.place)
        .then_with(|| place(a).cmp(&place(b)))
        .then_with(|| about(a).cmp(&about(b)))
        .then_with(|| a.message.cmp(&b.message))
        .then_with(|| a.fingerprint.cmp(&b.fingerprint))
}

/// What tells findings of one rule at one place apart: the advisory, or the commit.
pub(crate) fn about(finding: &Finding) -> (&str, &str) {
    match (finding.dependency(), finding.secret()) {
        (Some(detail), _) => (&detail.package, detail.advisories.first().map_or("", String::as_str)),
        (_, Some(detail)) => ("", detail.commit.as_ref().map_or("", |commit| &commit.id)),
        _ => ("", ""),
    }
}

fn aliveness(finding: &Finding) -> u8 {
    match finding.secret().and_then(|secret| secret.liveness) {
        Some(Liveness::Live) => 0,
        None | Some(Liveness::Unknown) => 1,
        Some(Liveness::Dead) => 2,
    }
}

/// Of dependencies: what is used before what is not, and what an upgrade mends before what nobody has mended.
fn reach(finding: &Finding) -> (u8, bool) {
    let Some(detail) = finding.dependency() else { return (1, false) };
    let used = match detail.is_reachable {
        Some(true) => 0,
        None => 1,
        Some(false) => 2,
    };
    (used, detail.fixed.is_empty())
}
