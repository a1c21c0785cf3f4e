//! A token that is believed without a look at its signature.

use casemate_python::syntax::Op;

use super::calls::{Library, Reading, reading};
use crate::finding::{Confidence, Severity};
use crate::models::{label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, is_bool, is_none, last_name};
use crate::rules::pattern::{Site, tell};

/// `jwt-signature-unchecked`
pub(crate) static RULE: Rule = Rule {
    id: "JWT502",
    name: "jwt-signature-unchecked",
    summary: "A token is read without a look at its signature",
    severity: Severity::Critical,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[347],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "9.1.1",
    page: include_str!("jwt_signature_unchecked.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    let sites = cx.sites();
    let readings: Vec<Reading<'_>> = sites.iter().filter_map(|site| reading(cx, *site)).collect();
    for site in sites {
        let token = match unverified(cx, site) {
            Some(token) => token,
            None => continue,
        };
        if looks_only(cx, site) {
            continue;
        }
        let is_verified = readings.iter().any(|other| {
            other.site.at.id == site.at.id
                && other.site.at.value != site.at.value
                && !other.skips_signature(cx)
                && same(other.token, token)
        });
        // What is looked at to choose a key is looked at.
        let is_used = !Context::uses(site.at.function, site.at.value).is_empty();
        if is_used && (is_verified || goes_on_to_verify(site, token)) {
            continue;
        }
        let from_outside =
            token.is_some_and(|token| cx.facts.fact(token.id, token.value).labels.meets(label::UNTRUSTED));
        let one = site
            .found(
                "what a token says is read without a look at its signature: anybody can write such a token".to_owned(),
                "Verify it: `jwt.decode(token, key, algorithms=[\"RS256\"], audience=…, issuer=…)`. To choose a key, read the header alone (`jwt.get_unverified_header`).",
            )
            .missing("a check of the signature before the claims are used");
        let one = one.confidence(if from_outside { Confidence::High } else { Confidence::Medium });
        // Who calls it knows from whom the token came: it says so.
        let is_said = words(&site.at.function.name)
            .iter()
            .any(|word| matches!(word.as_str(), "trusted" | "unverified" | "untrusted" | "unsafe" | "insecure"));
        // The identity that a provider answers with came over a connection that shows who answered.
        let is_answer = token.is_some_and(|token| token.written().contains("id_token"));
        found.push(if (is_said || is_answer) && !from_outside { one.suspicion() } else { one });
    }
    tell(cx, &RULE, found);
}

/// The token that a call reads without verifying it.
fn unverified<'a>(cx: &Context<'a>, site: &Site<'a>) -> Option<Option<At<'a>>> {
    match site.path {
        "jose.jwt.get_unverified_claims" | "jose.jws.get_unverified_claims" | "python_jwt.process_jwt" => {
            return Some(site.position(0));
        }
        "rest_framework_simplejwt.tokens.UntypedToken"
        | "rest_framework_simplejwt.tokens.AccessToken"
        | "rest_framework_simplejwt.tokens.RefreshToken"
        | "rest_framework_simplejwt.backends.TokenBackend().decode"
        | "rest_framework_simplejwt.state.token_backend.decode" => {
            return site.argument(cx, 1, "verify").is_some_and(|at| is_bool(cx, at, false)).then(|| site.position(0));
        }
        _ => {}
    }
    let one = reading(cx, *site)?;
    if one.skips_signature(cx) {
        return Some(one.token);
    }
    // Without a key, jwcrypto takes the token apart and verifies nothing.
    let bare = one.library == Library::Jwcrypto
        && site.argument(cx, 3, "key").is_none_or(|key| is_none(cx, key))
        && !site.is_open();
    bare.then_some(one.token)
}

fn same(one: Option<At<'_>>, other: Option<At<'_>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => {
            let (one, other) = (one.stripped(), other.stripped());
            one.value == other.value || one.written() == other.written()
        }
        _ => false,
    }
}

/// Whether the token is handed to something that verifies it, to choose the key for which it was looked at.
fn goes_on_to_verify(site: &Site<'_>, token: Option<At<'_>>) -> bool {
    let function = site.at.function;
    function.values().any(|(value, op)| match op {
        Op::Call { callee, arguments } if value.0 > site.at.value.0 => {
            let verifies = words(last_name(site.at.with(callee)))
                .iter()
                .any(|word| matches!(word.as_str(), "decode" | "verify" | "validate" | "verified" | "check"));
            verifies && function.call_arguments(arguments).iter().any(|one| same(Some(site.at.with(one.value)), token))
        }
        _ => false,
    })
}

/// Whether the function says that it only looks, or takes out of the token only what helps to verify it.
fn looks_only(cx: &Context<'_>, site: &Site<'_>) -> bool {
    let function = site.at.function;
    let says = words(&function.qualified).iter().any(|word| {
        matches!(
            word.as_str(),
            "unverified"
                | "peek"
                | "inspect"
                | "debug"
                | "expired"
                | "expiry"
                | "expires"
                | "expiration"
                | "expire"
                | "insecure"
                | "dump"
                | "print"
                | "exp"
        )
    });
    if says {
        return true;
    }
    let mut keys = Vec::new();
    let mut elsewhere = false;
    let claims = site.at.value;
    for (_, op) in function.values() {
        let is_it = |one| site.at.with(one).stripped().value == claims;
        match op {
            Op::Subscript { of, index } if is_it(of) => keys.extend(cx.module.constant_str(function, index)),
            Op::Call { callee, arguments } => {
                let arguments = function.call_arguments(arguments);
                if let Op::Attribute { of, name } = function.op(callee)
                    && is_it(of)
                    && site.at.name(name) == "get"
                {
                    keys.extend(arguments.first().and_then(|key| cx.module.constant_str(function, key.value)));
                } else if arguments.iter().any(|one| is_it(one.value)) {
                    elsewhere = true;
                }
            }
            Op::Return(of) | Op::Yield(of) if is_it(of) => elsewhere = true,
            Op::StoreAttribute { value, .. } | Op::StoreItem { value, .. } if is_it(value) => elsewhere = true,
            _ => {}
        }
    }
    elsewhere |= function.returns.iter().any(|&one| site.at.with(one).stripped().value == claims);
    !elsewhere
        && !keys.is_empty()
        && keys.iter().all(|key| matches!(*key, "iss" | "kid" | "exp" | "iat" | "nbf" | "aud" | "alg" | "azp" | "typ"))
}
