//! An assertion that is believed without its signature.

use casemate_python::syntax::{Collection, Op};

use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, Entry, entry, is_bool, text};
use crate::rules::pattern::{Found, Site, tell};
use crate::rules::values::mentions;

/// `saml-signature-weak`
pub(crate) static RULE: Rule = Rule {
    id: "AUT426",
    name: "saml-signature-weak",
    summary: "An assertion of a sign-in is believed without a signature over it",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[347],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "6.8.2",
    page: include_str!("saml_signature_weak.md"),
};

/// Keys under which such settings stand.
const KEYS: &[&str] = &[
    "strict",
    "wantAssertionsSigned",
    "want_assertions_signed",
    "want_assertions_or_response_signed",
    "signatureAlgorithm",
    "digestAlgorithm",
];

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    let functions = cx.module.function_ids().filter(|_| mentions(cx, KEYS));
    for (id, function) in functions {
        for (value, op) in function.values() {
            if let Op::Build { collection: Collection::Dict, .. } = op
                && let Some(at) = cx.at(id, value)
            {
                found.extend(settings(cx, at));
            }
        }
    }
    for &site in cx.sites() {
        found.extend(signed_elsewhere(cx, &site));
    }
    tell(cx, &RULE, found);
}

/// Settings of python3-saml and pysaml2.
fn settings<'a>(cx: &Context<'a>, at: At<'a>) -> Vec<Found> {
    let mut found = Vec::new();
    let held = |key: &str| match entry(cx, at, key) {
        Entry::Given(held) => Some(held),
        _ => None,
    };
    let mut off = |key: &str, what: &str| {
        if let Some(held) = held(key).filter(|held| is_bool(cx, *held, false)) {
            found.push(Found::new(
                held,
                format!("`{key}` is off: {what}"),
                "Leave it on, ask for signed assertions, and take what the library verified.",
            ));
        }
    };
    if held("strict").is_some() && held("idp").is_some() && held("sp").is_some() {
        off("strict", "unsigned answers, and answers for somebody else, are accepted");
    }
    off("wantAssertionsSigned", "assertions that nobody signed are accepted");
    off("want_assertions_signed", "assertions that nobody signed are accepted");
    off("want_assertions_or_response_signed", "answers without any signature are accepted");
    for key in ["signatureAlgorithm", "digestAlgorithm"] {
        if let Some(held) = held(key)
            && text(cx, held).is_some_and(|name| name.ends_with("sha1"))
        {
            found.push(
                Found::new(
                    held,
                    format!("`{key}` rests on SHA-1"),
                    "Use SHA-256 (`http://www.w3.org/2001/04/xmldsig-more#rsa-sha256`).",
                )
                .severity(Severity::Medium),
            );
        }
    }
    found
}

/// `XMLVerifier().verify(document)` whose answer, the part that is signed, is not what is read afterwards.
fn signed_elsewhere(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    if !site.path.starts_with("signxml.") || site.name() != "verify" {
        return None;
    }
    let span = site.at.span();
    if crate::rules::statement_at(site.at.module, span) == span {
        return Some(
            site.found(
                "the signature is verified, and then the whole document is read: the part that was signed may be another than the part that is read".to_owned(),
                "Read what the verification returns: `XMLVerifier().verify(document, x509_cert=certificate).signed_xml`.",
            )
            .confidence(Confidence::Medium),
        );
    }
    let pinned = ["x509_cert", "ca_pem_file", "ca_path", "hmac_key", "cert_resolver"]
        .iter()
        .any(|key| site.keyword(cx, key).is_some());
    (!pinned && !site.is_open()).then(|| {
        site.found(
            "the signature is verified with whatever certificate the document brings".to_owned(),
            "Pin the certificate of the service: `verify(document, x509_cert=certificate)`.",
        )
        .confidence(Confidence::Medium)
    })
}
