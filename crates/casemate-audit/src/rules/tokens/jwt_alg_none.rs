//! Tokens that nobody has to sign.

use super::calls::{Library, making, reading};
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, Entry, entry, is_none, items, text};
use crate::rules::pattern::tell;

/// `jwt-alg-none`
pub(crate) static RULE: Rule = Rule {
    id: "JWT501",
    name: "jwt-alg-none",
    summary: "Tokens without a signature are made or accepted",
    severity: Severity::Critical,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[347],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "9.1.2",
    page: include_str!("jwt_alg_none.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for &site in cx.sites() {
        // `JsonWebToken(["none"])` of Authlib, which reads and makes with it.
        if site.path == "authlib.jose.JsonWebToken"
            && let Some(given) = site.argument(cx, 0, "algorithms").and_then(|at| items(cx, at))
            && given.into_iter().any(|item| says_none(cx, item))
        {
            found.push(
                site.found(
                    "tokens with the algorithm `none` are accepted: anybody writes one that says whatever they like"
                        .to_owned(),
                    "Name the one algorithm that your tokens are signed with: `JsonWebToken([\"RS256\"])`.",
                ),
            );
        }
        if let Some(one) = reading(cx, site) {
            let accepts = one.algorithms.is_some_and(|at| {
                says_none(cx, at)
                    || items(cx, at).is_some_and(|items| items.into_iter().any(|item| says_none(cx, item)))
            });
            if accepts && !one.skips_signature(cx) {
                found.push(site.found(
                    "tokens with the algorithm `none` are accepted: anybody writes one that says whatever they like".to_owned(),
                    "Name the one algorithm that your tokens are signed with: `jwt.decode(token, key, algorithms=[\"RS256\"])`.",
                ));
            }
        }
        if let Some(one) = making(cx, site) {
            let by_name = one.algorithm(cx).is_some_and(|at| says_none(cx, at));
            // `jwt.encode(claims, None, algorithm=None)` of PyJWT
            let by_nothing = one.library == Library::PyJwt && one.algorithm.is_some_and(|at| is_none(cx, at));
            let by_header = one
                .header
                .is_some_and(|header| matches!(entry(cx, header, "alg"), Entry::Given(at) if says_none(cx, at)));
            if by_name || by_nothing || by_header {
                found.push(site.found(
                    "a token is made without a signature: anybody can change what it says".to_owned(),
                    "Sign it: `jwt.encode(claims, private_key, algorithm=\"RS256\")`, and accept nothing else.",
                ));
            }
        }
    }
    tell(cx, &RULE, found);
}

fn says_none(cx: &Context<'_>, at: At<'_>) -> bool {
    text(cx, at).is_some_and(|name| name.eq_ignore_ascii_case("none"))
}
