//! Padding that helps whoever wants to read.

use casemate_python::syntax::Op;

use super::secrecy::is_asked_by_another;
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, path};
use crate::rules::pattern::{Found, Site, tell};

/// `weak-padding`
pub(crate) static RULE: Rule = Rule {
    id: "CRY908",
    name: "weak-padding",
    summary: "RSA encrypts with a padding that helps whoever wants to read it",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[780],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "11.3.1",
    page: include_str!("weak_padding.md"),
};

const REMEDY: &str = "Use OAEP with SHA-256 (`padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)`, `PKCS1_OAEP.new(key, hashAlgo=SHA256)`), or agree on a key with X25519.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for &site in cx.sites() {
        found.extend(judge(cx, &site));
    }
    tell(cx, &RULE, found);
}

fn judge(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let old = || {
        site.found(
            "RSA encrypts with PKCS #1 v1.5: a server that tells good padding from bad, if only by its time, decrypts for whoever asks often enough".to_owned(),
            REMEDY,
        )
    };
    match site.path {
        "cryptography.hazmat.primitives.asymmetric.padding.PKCS1v15" => encrypts(site).then(old),
        // Whoever decrypts chose it.
        "Crypto.Cipher.PKCS1_v1_5.new" | "Cryptodome.Cipher.PKCS1_v1_5.new" | "rsa.encrypt" | "rsa.pkcs1.encrypt"
            if is_asked_by_another(cx) =>
        {
            Some(old().suspicion())
        }
        "Crypto.Cipher.PKCS1_v1_5.new"
        | "Cryptodome.Cipher.PKCS1_v1_5.new"
        | "rsa.encrypt"
        | "rsa.decrypt"
        | "rsa.pkcs1.encrypt"
        | "rsa.pkcs1.decrypt" => Some(old()),
        "cryptography.hazmat.primitives.asymmetric.padding.OAEP" => {
            let hash = site.argument(cx, 1, "algorithm")?;
            is_sha1(cx, hash).then(|| sha1(site))
        }
        // SHA-1 is what it takes unless told otherwise, and nobody has broken OAEP by it.
        "Crypto.Cipher.PKCS1_OAEP.new" | "Cryptodome.Cipher.PKCS1_OAEP.new" => {
            is_sha1(cx, site.argument(cx, 1, "hashAlgo")?).then(|| sha1(site))
        }
        _ => None,
    }
}

fn sha1(site: &Site<'_>) -> Found {
    site.found("OAEP rests on SHA-1, which is broken as a hash and not approved for anything new".to_owned(), REMEDY)
        .severity(Severity::Low)
        .confidence(Confidence::Medium)
        // Standards name this padding, and nobody has broken it by its hash.
        .suspicion()
}

fn is_sha1(cx: &Context<'_>, at: At<'_>) -> bool {
    path(cx, at).is_some_and(|path| {
        path.ends_with(".SHA1()") || path.ends_with(".SHA1") || path.ends_with(".Hash.SHA") || path.ends_with(".MD5()")
    })
}

/// Whether the padding is handed to `encrypt` or `decrypt`; for signatures it is a different matter.
fn encrypts(site: &Site<'_>) -> bool {
    let function = site.at.function;
    function.values().any(|(_, op)| match op {
        Op::Call { callee, arguments } => {
            let takes = function.call_arguments(arguments).iter().any(|one| {
                let given = site.at.with(one.value).stripped();
                given.value == site.at.value
                    || matches!(given.op(), Op::Phi(list) if given.list(list).contains(&site.at.value))
            });
            takes && matches!(function.op(callee), Op::Attribute { name, .. } if matches!(site.at.name(name), "encrypt" | "decrypt"))
        }
        _ => false,
    })
}
