//! What should not be read, in a token that anybody can read.

use casemate_python::syntax::{Collection, Op};

use super::calls::making;
use crate::finding::Severity;
use crate::models::{is_password, label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, origins};
use crate::rules::pattern::{Found, tell};

/// `jwt-sensitive-payload`
pub(crate) static RULE: Rule = Rule {
    id: "JWT509",
    name: "jwt-sensitive-payload",
    summary: "A token carries what its holder should not read",
    severity: Severity::Low,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[522],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "14.2.6",
    page: include_str!("jwt_sensitive_payload.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<Found> = Vec::new();
    for &site in cx.sites() {
        let Some(claims) = making(cx, site).and_then(|one| one.claims) else { continue };
        for claims in origins(cx, claims) {
            for (name, value, place) in entries(claims) {
                let by_value =
                    value.home == cx.facts.module && cx.facts.fact(value.id, value.value).labels.meets(label::PASSWORD);
                if !is_sensitive(&name) && !by_value {
                    continue;
                }
                found.push(Found::new(
                    place,
                    format!("`{name}` is put into a token: a token is signed, not encrypted, and everybody who sees it can read it"),
                    "Put only an id into the token and look up the rest, or encrypt the token (JWE).",
                ));
            }
        }
    }
    tell(cx, &RULE, found);
}

/// The entries of a dictionary with where they are named, those that are stored later included.
fn entries(at: At<'_>) -> Vec<(String, At<'_>, At<'_>)> {
    let mut found = Vec::new();
    if let Op::Build { collection: Collection::Dict, items } = at.op() {
        for pair in at.list(items).chunks_exact(2) {
            if let Some(name) = at.module.constant_str(at.function, pair[0]) {
                found.push((name.to_owned(), at.with(pair[1]), at.with(pair[0])));
            }
        }
    }
    if let Op::Call { arguments, .. } = at.op() {
        for one in at.function.call_arguments(arguments) {
            if let casemate_python::syntax::Passing::Keyword(name) = one.passing {
                found.push((at.name(name).to_owned(), at.with(one.value), at));
            }
        }
    }
    for (_, op) in at.function.values() {
        if let Op::StoreItem { of, index, value } = op
            && at.with(of).stripped().value == at.value
            && let Some(name) = at.module.constant_str(at.function, index)
        {
            found.push((name.to_owned(), at.with(value), at.with(index)));
        }
    }
    found
}

fn is_sensitive(name: &str) -> bool {
    let words = words(name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    is_password(name)
        || has(&["cvv", "cvc", "iban", "ssn"])
        || words.windows(2).any(|pair| {
            matches!(
                [pair[0].as_str(), pair[1].as_str()],
                ["card", "number"]
                    | ["password", "hash"]
                    | ["hashed", "password"]
                    | ["private", "key"]
                    | ["client", "secret"]
                    | ["secret", "key"]
                    | ["api", "key"]
                    | ["social", "security"]
            )
        })
}
