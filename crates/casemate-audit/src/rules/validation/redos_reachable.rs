//! Untrusted text that a regular expression with ambiguous repetitions is tried on.

use casemate_python::facts::Hit;

use super::automaton::{Growth, ambiguity};
use super::redos::{REMEDY, TOO_FAST};
use super::{patterns, sizes};
use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::told::{self, Told};
use crate::rules::{Context, evidence};

/// `redos-reachable`
pub(crate) static RULE: Rule = Rule {
    id: "VAL1206",
    name: "redos-reachable",
    summary: "A text from outside meets a regular expression that can take forever",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[1333],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "1.3.12",
    page: include_str!("redos_reachable.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let Some(kind) = cx.knowledge.kind("matched-text") else { return };
    let hits: Vec<&Hit> = cx
        .facts
        .hits
        .iter()
        .filter(|hit| hit.reach.kind == kind && hit.labels.meets(label::UNTRUSTED | label::REQUEST))
        .collect();
    if hits.is_empty() {
        return;
    }
    let mut found = Vec::new();
    let own = patterns::of(cx);
    for hit in hits {
        let reach = hit.reach;
        // The pattern stands where it is matched.
        if reach.module != cx.facts.module {
            continue;
        }
        // The square of what a server answers that the program chose is its own affair.
        let is_answer = evidence::is_answer(cx, hit, label::UNTRUSTED);
        let Some((pattern, by)) = patterns::used_by(cx, &own, reach.function, reach.call) else { continue };
        let mut flags = pattern.flags;
        flags.is_full = by == "fullmatch";
        let Some(ambiguity) = ambiguity(&pattern.text, flags) else { continue };
        if sizes::is_limited(cx, hit.function, hit.argument, hit.call)
            || sizes::is_limited(cx, reach.function, reach.argument, reach.call)
        {
            continue;
        }
        // Servers take a few thousand letters for a header or a path, and their square is soon done.
        let is_short = (hit.labels & label::UNTRUSTED)
            .without(label::HEADER | label::COOKIE | label::PATH | label::HOST)
            .is_empty()
            && !hit.labels.meets(label::REQUEST);
        let is_slow = ambiguity.growth == Growth::Polynomial && ambiguity.power < TOO_FAST;
        let is_doubtful = is_short && is_slow
            || is_answer && ambiguity.growth == Growth::Polynomial
            || hit.labels.meets(label::UNTRUSTED) && evidence::is_thin(cx, hit, label::UNTRUSTED);
        if is_doubtful && cx.persona == Persona::Default {
            continue;
        }
        let Some(function) = cx.module.function(reach.function) else { continue };
        let grows = match ambiguity.growth {
            Growth::Exponential => "doubles with each repetition in the text".to_owned(),
            Growth::Polynomial => format!("grows with {}", ambiguity.pace()),
        };
        let message = format!(
            "a text from outside meets a pattern whose time to refuse it {grows}, for instance {}",
            ambiguity.witness()
        );
        let path = cx.path(hit, label::UNTRUSTED, "is matched");
        let told = Told::new(reach.function, function.span_of(reach.call), message, REMEDY)
            .path(path)
            .missing("a limit of its length");
        found.push(match ambiguity.growth {
            Growth::Exponential => told,
            Growth::Polynomial => told.severity(Severity::Medium).confidence(Confidence::Medium),
        });
    }
    told::report(cx, &RULE, found);
}
