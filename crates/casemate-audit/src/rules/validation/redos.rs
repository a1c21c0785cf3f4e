//! A regular expression whose ways to match a text double with its length.

use super::automaton::{Growth, ambiguity};
use super::patterns::{self, Pattern};
use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::told::{self, Told};
use crate::rules::{Context, caller};

/// `redos`
pub(crate) static RULE: Rule = Rule {
    id: "VAL1205",
    name: "redos",
    summary: "A regular expression can take forever to refuse a text",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[1333],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "1.3.12",
    page: include_str!("redos.md"),
};

pub(super) const REMEDY: &str = "Make each text match in one way only: let neighbours that repeat share no character, and put what separates them into the repetition (`\\w+(?:\\s\\w+)*` for `(\\w+\\s?)*`). On Python 3.11 and newer, possessive `++` and atomic `(?>…)` do it too. Or limit the length of the text first.";

/// From this power of the length on, a few thousand letters are enough.
pub(super) const TOO_FAST: usize = 3;

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    let all = patterns::of(cx);
    for pattern in &all {
        let Some(ambiguity) = ambiguity(&pattern.text, pattern.flags) else { continue };
        let told = match ambiguity.growth {
            Growth::Exponential => {
                let message = format!(
                    "the time to refuse a text doubles with each repetition in it, for instance {}",
                    ambiguity.witness()
                );
                Told::new(pattern.function, pattern.span, message, REMEDY)
            }
            // The square honest texts never notice; only a text from outside makes it matter. Where data comes in, it is
            // followed to the pattern; in a library nobody sees what callers give.
            Growth::Polynomial
                if cx.persona == Persona::Pedantic
                    || ambiguity.power >= TOO_FAST
                        && !cx.is_called()
                        && caller::is_product(&cx.module.path, cx)
                        && meets_callers(cx, &all, pattern) =>
            {
                let message = format!(
                    "the time to refuse a text grows with {}, for instance {}",
                    ambiguity.pace(),
                    ambiguity.witness()
                );
                Told::new(pattern.function, pattern.span, message, REMEDY)
                    .severity(Severity::Low)
                    .confidence(Confidence::Medium)
            }
            Growth::Polynomial => continue,
        };
        found.push(told);
    }
    told::report(cx, &RULE, found);
}

/// Whether what callers of a library give is seen to meet a pattern. A grammar of one's own reads one's own files.
fn meets_callers(cx: &Context<'_>, all: &[Pattern], pattern: &Pattern) -> bool {
    let kind = cx.knowledge.kind("matched-text");
    cx.facts.hits.iter().any(|hit| {
        let reach = hit.reach;
        Some(reach.kind) == kind
            && reach.module == cx.facts.module
            && (hit.labels.meets(label::UNTRUSTED | label::REQUEST)
                || hit.labels.meets(label::CALLER) && caller::is_entry(cx, hit))
            && patterns::used_by(cx, all, reach.function, reach.call)
                .is_some_and(|(used, _)| used.call == pattern.call && used.function == pattern.function)
    })
}
