//! A token whose end, issuer or audience nobody looks at.

use casemate_python::syntax::Op;

use super::calls::{Library, Reading, reading};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::pattern::{Found, tell};

/// `jwt-claims-unchecked`
pub(crate) static RULE: Rule = Rule {
    id: "JWT507",
    name: "jwt-claims-unchecked",
    summary: "A token is accepted whatever it says about its end, issuer or audience",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[345],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "9.2.3",
    page: include_str!("jwt_claims_unchecked.md"),
};

const REMEDY: &str = "Let the library look at all of it: `jwt.decode(token, key, algorithms=[\"RS256\"], audience=\"my-api\", issuer=\"https://login.example\", options={\"require\": [\"exp\"]})`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for &site in cx.sites() {
        if let Some(one) = reading(cx, site)
            && !one.skips_signature(cx)
        {
            found.extend(judge(cx, &one));
        }
    }
    tell(cx, &RULE, found);
}

fn judge(cx: &Context<'_>, one: &Reading<'_>) -> Option<Found> {
    let site = one.site;
    let off = [
        ("verify_exp", "when it ended"),
        ("verify_aud", "whom it was made for"),
        ("verify_iss", "who made it"),
        ("verify_nbf", "when it begins"),
    ];
    if let Some((option, what)) = off.iter().find(|(option, _)| one.is_off(cx, option)) {
        let found =
            site.found(format!("`{option}` is off: the token is accepted whatever it says about {what}"), REMEDY);
        // Whoever refreshes a token reads one that has ended.
        let renews = *option == "verify_exp"
            && ["refresh", "renew", "logout", "revoke", "expired"]
                .iter()
                .any(|word| site.at.function.qualified.to_ascii_lowercase().contains(word));
        return Some(if renews { found.suspicion() } else { found });
    }
    if one.library == Library::Authlib && !is_validated(cx, one) {
        return Some(
            site.found("Authlib looks at the signature here, and at the end of the token only when `claims.validate()` is called".to_owned(), "Call `claims.validate()` before the claims are used.")
                .confidence(Confidence::Medium),
        );
    }
    let names = matches!(one.library, Library::PyJwt | Library::Jose);
    let given =
        site.keyword(cx, "audience").or_else(|| site.position(4)).is_some() && site.keyword(cx, "issuer").is_some();
    (names && !given && !site.is_open()).then(|| {
        site.found("nothing says which audience and issuer a token must have: one that the same key signed for another service is accepted too".to_owned(), REMEDY).suspicion()
    })
}

/// Whether `validate` is called on the claims, or they go where that cannot be seen.
fn is_validated(cx: &Context<'_>, one: &Reading<'_>) -> bool {
    let function = one.site.at.function;
    let is_it = |value| one.site.at.with(value).stripped().value == one.site.at.value;
    function.values().any(|(_, op)| match op {
        Op::Attribute { of, name } => is_it(of) && cx.module.symbols.text(name).starts_with("validate"),
        Op::StoreAttribute { value, .. } | Op::StoreItem { value, .. } => is_it(value),
        Op::Call { arguments, .. } => function.call_arguments(arguments).iter().any(|argument| is_it(argument.value)),
        _ => false,
    }) || function.returns.iter().any(|&value| is_it(value))
}
