//! A generator that begins where anybody can begin it.

use super::insecure_random::foreseen;
use super::secrecy::{Generator, made_of};
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::number;
use crate::rules::pattern::tell;

/// `predictable-seed`
pub(crate) static RULE: Rule = Rule {
    id: "CRY910",
    name: "predictable-seed",
    summary: "A generator that makes secrets begins at a place that can be foreseen",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[335],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "11.5.1",
    page: include_str!("predictable_seed.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for &site in cx.sites() {
        let seeds = matches!(
            site.path,
            "random.seed"
                | "random.Random"
                | "random.Random().seed"
                | "numpy.random.seed"
                | "numpy.random.default_rng"
                | "numpy.random.RandomState"
        );
        let Some(seed) =
            site.position(0).or_else(|| site.keyword(cx, "seed")).or_else(|| site.keyword(cx, "a")).filter(|_| seeds)
        else {
            continue;
        };
        let is_constant = number(cx, seed).is_some() || cx.facts.fact(seed.id, seed.value).constant;
        let is_clock = made_of(cx, seed).iter().any(|made| made.generator == Generator::Clock);
        let what = match (is_constant, is_clock) {
            (true, _) => "a constant",
            (_, true) => "the time",
            _ => continue,
        };
        found.push(site.found(
            format!("the generator begins with {what}, and this module makes secrets with it: the same begin makes the same secrets"),
            "Make the secrets with `secrets`, which needs no seed and cannot be given one.",
        ));
    }
    // A seed for a simulation is right; only where secrets come of it is it wrong.
    if !found.is_empty() && foreseen(cx).is_empty() {
        found.clear();
    }
    tell(cx, &RULE, found);
}
