//! A token made for one thing is taken for another.

use casemate_python::syntax::Op;

use super::calls::{making, reading};
use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{Entry, text};
use crate::rules::pattern::tell;

/// `token-type-unchecked`
pub(crate) static RULE: Rule = Rule {
    id: "JWT511",
    name: "token-type-unchecked",
    summary: "A token made for one thing is accepted for another",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[345],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "9.2.2",
    page: include_str!("token_type_unchecked.md"),
};

/// Claims that say what a token is for.
const TYPES: &[&str] = &["type", "token_type", "typ", "purpose", "use", "token_use", "kind", "scope"];

pub(crate) fn check(cx: &mut Context<'_>) {
    let sites = cx.sites();
    // What kinds of token this module makes, and by which claim they are told apart.
    let mut kinds: Vec<(&str, String)> = Vec::new();
    let mut is_told_apart = false;
    let mut makers = 0;
    for site in sites {
        let Some(one) = making(cx, *site) else { continue };
        makers += 1;
        is_told_apart |= !matches!(one.claim(cx, "aud"), Entry::Missing | Entry::Unknown);
        for name in TYPES {
            if let Entry::Given(held) = one.claim(cx, name)
                && let Some(kind) = text(cx, held)
                && !kinds.contains(&(*name, kind.clone()))
            {
                kinds.push((*name, kind));
            }
        }
    }
    let second = kinds.iter().find(|(_, kind)| {
        words(kind).iter().any(|word| {
            matches!(
                word.as_str(),
                "refresh"
                    | "reset"
                    | "email"
                    | "verify"
                    | "verification"
                    | "confirm"
                    | "invite"
                    | "invitation"
                    | "activation"
            )
        })
    });
    let Some((name, kind)) = second.filter(|_| makers > 1 && !is_told_apart) else { return };
    let mut found = Vec::new();
    for site in sites {
        let Some(one) = reading(cx, *site) else { continue };
        let function = site.at.function;
        let reads = |key: &str| {
            function.values().any(|(value, op)| match op {
                Op::Constant(_) => cx.module.constant_str(function, value) == Some(key),
                _ => false,
            })
        };
        let identifies = ["sub", "user_id", "uid", "username", "id", "email"].iter().any(|key| reads(key));
        let is_for_kind = words(&function.qualified).iter().any(|word| {
            words(kind).contains(word) || matches!(word.as_str(), "refresh" | "reset" | "confirm" | "verification")
        });
        if !identifies
            || reads(name)
            || is_for_kind
            || one.skips_signature(cx)
            || site.keyword(cx, "audience").is_some()
        {
            continue;
        }
        found.push(
            site.found(
                format!("this module also makes tokens whose `{name}` is `{kind}`, and they are accepted here: `{name}` is not looked at"),
                format!("Refuse what is not meant for this: `if claims.get(\"{name}\") != \"access\": raise …`; or give each kind its own audience or key."),
            )
            .confidence(Confidence::Medium),
        );
    }
    tell(cx, &RULE, found);
}
