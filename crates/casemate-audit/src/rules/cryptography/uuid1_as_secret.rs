//! A UUID that is made of what others know.

use super::secrecy::{Generator, Purpose, bindings, is_asked_by_another, made_of};
use crate::finding::Severity;
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::pattern::{Found, tell};

/// `uuid1-as-secret`
pub(crate) static RULE: Rule = Rule {
    id: "CRY911",
    name: "uuid1-as-secret",
    summary: "A UUID made of the time or of a name stands for a secret",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[340],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "11.5.1",
    page: include_str!("uuid1_as_secret.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    if !cx.module.text.contains("uuid") {
        return;
    }
    let mut found: Vec<Found> = Vec::new();
    for binding in bindings(cx) {
        if matches!(binding.purpose, Purpose::Recovery | Purpose::Fresh) {
            continue;
        }
        let made = made_of(cx, binding.value);
        if made.iter().any(|one| one.generator == Generator::Secure) {
            continue;
        }
        let Some(one) = made.iter().find(|one| matches!(one.generator, Generator::Uuid1 | Generator::NamedUuid)) else {
            continue;
        };
        let why = if one.generator == Generator::Uuid1 {
            "a UUID of the time and the address of the machine"
        } else {
            "a UUID that follows from a name"
        };
        if found.iter().any(|known| known.span == one.at.span() && known.at.0 == one.at.home) {
            continue;
        }
        let mut told = Found::new(
            one.at,
            format!("`{}` is {}, and is {why}: neighbours of it can be guessed", binding.name, binding.purpose.words()),
            "Use `secrets.token_urlsafe(32)`.",
        )
        .missing("a generator that nobody can foresee (`secrets`, `os.urandom`)");
        told.path = vec![
            cx.step(one.at.home, one.at.span(), format!("is {why}")),
            cx.step(binding.value.home, binding.value.span(), format!("becomes `{}`", binding.name)),
        ];
        // What a client calls itself where somebody else lets it in.
        // Who holds a lock is told from the others by it.
        let is_of_lock = words(&one.at.function.qualified)
            .iter()
            .any(|word| matches!(word.as_str(), "lock" | "mutex" | "semaphore" | "lease"));
        found.push(if is_asked_by_another(cx) || is_of_lock { told.suspicion() } else { told });
    }
    tell(cx, &RULE, found);
}
