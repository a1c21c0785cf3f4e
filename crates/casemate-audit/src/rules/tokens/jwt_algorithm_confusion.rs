//! The token, or its sender, chooses how it is verified.

use casemate_python::syntax::Op;

use super::calls::{Library, Reading, reading};
use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, is_none, items, path, text};
use crate::rules::pattern::{Found, Site, tell};

/// `jwt-algorithm-confusion`
pub(crate) static RULE: Rule = Rule {
    id: "JWT503",
    name: "jwt-algorithm-confusion",
    summary: "Who sends a token may choose how it is verified",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[347],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "9.1.2",
    page: include_str!("jwt_algorithm_confusion.md"),
};

const REMEDY: &str =
    "Name the one algorithm that your tokens are signed with, as a constant: `algorithms=[\"RS256\"]`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for &site in cx.sites() {
        if let Some(one) = reading(cx, site) {
            found.extend(judge(cx, &one));
        } else {
            found.extend(mixed_object(cx, &site));
        }
    }
    tell(cx, &RULE, found);
}

fn judge(cx: &Context<'_>, one: &Reading<'_>) -> Option<Found> {
    if one.skips_signature(cx) {
        return None;
    }
    let site = one.site;
    let Some(given) = one.algorithms.filter(|at| !is_none(cx, *at)) else {
        let chooses = matches!(one.library, Library::PyJwt | Library::Jose | Library::PythonJwt)
            && !site.is_open()
            && site.arguments.len() > 1;
        return chooses.then(|| {
            site.found("the token itself names the algorithm by which it is verified".to_owned(), REMEDY)
                .confidence(Confidence::Medium)
        });
    };
    if is_from_token(cx, given, 0) {
        return Some(site.found("the algorithm is read from the token that it is to verify".to_owned(), REMEDY));
    }
    if path(cx, given).is_some_and(|path| {
        path.contains("get_default_algorithms")
            || path.contains("ALGORITHMS.SUPPORTED")
            || path.contains("ALGORITHMS.ALL")
    }) {
        return Some(site.found(MIXED.to_owned(), REMEDY));
    }
    is_mixed(cx, given).then(|| site.found(MIXED.to_owned(), REMEDY))
}

const MIXED: &str = "algorithms with a shared key and with a public one are accepted side by side: whoever has the public key can sign with it as if it were the shared one";

/// `JsonWebToken(["HS256", "RS256"])` of Authlib.
fn mixed_object(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    if !matches!(site.path, "authlib.jose.JsonWebToken" | "authlib.jose.JsonWebSignature") {
        return None;
    }
    let given = site.argument(cx, 0, "algorithms")?;
    is_mixed(cx, given).then(|| site.found(MIXED.to_owned(), REMEDY))
}

fn is_mixed(cx: &Context<'_>, given: At<'_>) -> bool {
    let names: Vec<String> =
        items(cx, given).unwrap_or_default().into_iter().filter_map(|item| text(cx, item)).collect();
    let any = |prefixes: &[&str]| names.iter().any(|name| prefixes.iter().any(|prefix| name.starts_with(prefix)));
    any(&["HS"]) && any(&["RS", "ES", "PS", "Ed"])
}

/// Whether a value comes out of the header of a token.
fn is_from_token(cx: &Context<'_>, at: At<'_>, depth: u32) -> bool {
    if depth > 8 {
        return false;
    }
    let at = at.stripped();
    let reads = |at: At<'_>| path(cx, at).is_some_and(|path| path.contains("get_unverified_header"));
    if reads(at) || cx.facts.fact(at.id, at.value).labels.meets(label::UNVERIFIED) {
        return true;
    }
    match at.op() {
        Op::Build { items, .. } => at.list(items).iter().any(|&item| is_from_token(cx, at.with(item), depth + 1)),
        Op::Subscript { of, .. } | Op::Attribute { of, .. } => is_from_token(cx, at.with(of), depth + 1),
        Op::Call { callee, .. } => is_from_token(cx, at.with(callee), depth + 1),
        _ => false,
    }
}
