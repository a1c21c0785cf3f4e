//! A key for tokens that is too short.

use casemate_python::syntax::Op;

use super::calls::{Library, making, reading};
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, number, origins, path, text};
use crate::rules::pattern::{Found, Site, tell};

/// `jwt-weak-secret`
pub(crate) static RULE: Rule = Rule {
    id: "JWT505",
    name: "jwt-weak-secret",
    summary: "Tokens are signed with a key that can be guessed",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[326],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "11.2.3",
    page: include_str!("jwt_weak_secret.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<Found> = Vec::new();
    for &site in cx.sites() {
        let Some((key, algorithm)) = key(cx, site) else { continue };
        // Only what is shared is short: the others have keys of their own kind.
        if algorithm.is_some_and(|name| !name.starts_with("HS")) {
            continue;
        }
        for made in origins(cx, key) {
            let Some(size) = size(cx, made, 0) else { continue };
            if size < 32 {
                found.push(site.found(
                    format!("tokens are signed with a key of {size} bytes: whoever has one token tries keys at home until the signature fits"),
                    "Make a key of 32 bytes or more with a generator (`secrets.token_urlsafe(64)`), and read it at run time.",
                ));
                break;
            }
        }
    }
    tell(cx, &RULE, found);
}

fn key<'a>(cx: &Context<'a>, site: Site<'a>) -> Option<(At<'a>, Option<String>)> {
    if let Some(one) = making(cx, site) {
        let algorithm = one.algorithm(cx).and_then(|at| text(cx, at));
        // Without a name PyJWT and python-jose take HS256.
        let known = algorithm.is_some() || matches!(one.library, Library::PyJwt | Library::Jose);
        return known.then_some((one.key?, algorithm));
    }
    let one = reading(cx, site)?;
    if one.skips_signature(cx) {
        return None;
    }
    let algorithm = one.algorithms.and_then(|at| {
        let items = crate::rules::constant::items(cx, at);
        items.and_then(|items| text(cx, *items.first()?)).or_else(|| text(cx, at))
    })?;
    Some((site.argument(cx, 1, "key")?, Some(algorithm)))
}

/// How many bytes a key has, where that can be said.
fn size(cx: &Context<'_>, at: At<'_>, depth: u32) -> Option<usize> {
    if depth > 6 {
        return None;
    }
    if let Some(text) = text(cx, at) {
        let is_template = text.contains("-----BEGIN") || text.contains("{{") || text.contains("${");
        return (!is_template && !text.is_empty()).then_some(text.len());
    }
    let Op::Call { callee, arguments } = at.op() else { return None };
    let count = || at.argument(arguments, 0, "nbytes").and_then(|at| number(cx, at));
    let bytes = |count: f64, each: f64| (count > 0.0 && count < 1e6).then_some((count * each) as usize);
    match path(cx, at.with(callee)) {
        Some("secrets.token_hex") => bytes(count()?, 2.0),
        Some("secrets.token_urlsafe") => bytes(count()?, 4.0 / 3.0),
        Some("secrets.token_bytes" | "os.urandom") => bytes(count()?, 1.0),
        Some("django.utils.crypto.get_random_string") => {
            bytes(at.argument(arguments, 0, "length").and_then(|at| number(cx, at))?, 1.0)
        }
        _ => match at.function.op(callee) {
            Op::Attribute { of, name } if matches!(at.name(name), "encode" | "hex") => size(cx, at.with(of), depth + 1),
            _ => None,
        },
    }
}
