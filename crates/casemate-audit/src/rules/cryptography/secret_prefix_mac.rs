//! A signature that can be made longer by anybody.

use casemate_python::syntax::{BinaryOp, Op, Piece};

use super::secrecy::{is_asked_by_another, names_given};
use crate::finding::{Confidence, Severity};
use crate::models::{is_secret, label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, text};
use crate::rules::pattern::{Site, tell};

/// `secret-prefix-mac`
pub(crate) static RULE: Rule = Rule {
    id: "CRY917",
    name: "secret-prefix-mac",
    summary: "A secret put before a message and hashed stands for a signature",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[327],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "11.4.1",
    page: include_str!("secret_prefix_mac.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for &site in cx.sites() {
        let Some(data) = hashed(cx, &site) else { continue };
        let mut parts = Vec::new();
        split(data, &mut parts, 0);
        let secret = parts.iter().position(|part| is_secret_part(cx, *part));
        let others = parts.iter().filter(|part| !is_secret_part(cx, **part) && !is_fixed(**part)).count();
        let Some(position) = secret.filter(|_| others > 0) else { continue };
        let names = names_given(cx, site.at);
        let signs = names.iter().copied().chain([site.at.function.name.as_str()]).any(speaks_of_signature);
        if !signs || parts.iter().any(|part| cx.facts.fact(part.id, part.value).labels.meets(label::PASSWORD)) {
            continue;
        }
        let one = site
            .found(
                "a secret and a message are hashed together for a signature: whoever has one signature makes others, for the message with more at its end".to_owned(),
                "Use HMAC: `hmac.new(secret, message, hashlib.sha256).hexdigest()`, and compare with `hmac.compare_digest`.",
            )
            .confidence(Confidence::Medium);
        // With the secret at the end, only collisions of the hash help.
        let is_before = parts.iter().take(position).all(|part| is_fixed(*part));
        found.push(if is_before && !is_asked_by_another(cx) { one } else { one.suspicion() });
    }
    tell(cx, &RULE, found);
}

/// What goes into a hash that works through its text block by block; SHA-3 and BLAKE2 are not open to this.
fn hashed<'a>(cx: &Context<'a>, site: &Site<'a>) -> Option<At<'a>> {
    let (of, last) = site.split();
    match (of.as_ref(), last) {
        ("hashlib", "md5" | "sha1" | "sha224" | "sha256" | "sha384" | "sha512") => site.position(0),
        ("hashlib", "new") => {
            let name = text(cx, site.argument(cx, 0, "name")?)?.to_ascii_lowercase();
            (name.starts_with("md5") || name.starts_with("sha") && !name.starts_with("sha3"))
                .then(|| site.argument(cx, 1, "data"))?
        }
        ("Crypto.Hash.SHA256" | "Crypto.Hash.SHA1" | "Crypto.Hash.MD5" | "Crypto.Hash.SHA512", "new") => {
            site.position(0)
        }
        _ => None,
    }
}

/// The parts that a text is put together of, in order.
fn split<'a>(at: At<'a>, parts: &mut Vec<At<'a>>, depth: u32) {
    if depth > 16 || parts.len() > 64 {
        return;
    }
    let at = at.stripped();
    match at.op() {
        Op::Binary { op: BinaryOp::Add, left, right } => {
            split(at.with(left), parts, depth + 1);
            split(at.with(right), parts, depth + 1);
        }
        Op::Binary { op: BinaryOp::Mod, right, .. } => match at.function.op(right) {
            Op::Build { items, .. } => at.list(items).iter().for_each(|&item| split(at.with(item), parts, depth + 1)),
            _ => split(at.with(right), parts, depth + 1),
        },
        Op::Format(list) => {
            for piece in at.function.format_pieces(list) {
                if let Piece::Hole(value) = piece {
                    split(at.with(*value), parts, depth + 1);
                }
            }
        }
        Op::Call { callee, arguments } => match at.function.op(callee) {
            Op::Attribute { of, name } => match at.name(name) {
                "encode" => split(at.with(of), parts, depth + 1),
                "format" | "join" => {
                    for one in at.function.call_arguments(arguments) {
                        match at.function.op(one.value) {
                            Op::Build { items, .. } => {
                                at.list(items).iter().for_each(|&item| split(at.with(item), parts, depth + 1));
                            }
                            _ => split(at.with(one.value), parts, depth + 1),
                        }
                    }
                }
                _ => parts.push(at),
            },
            Op::Name(name) if matches!(at.name(name), "bytes" | "str") => {
                for one in at.function.call_arguments(arguments) {
                    split(at.with(one.value), parts, depth + 1);
                }
            }
            _ => parts.push(at),
        },
        _ => parts.push(at),
    }
}

fn is_fixed(at: At<'_>) -> bool {
    matches!(at.op(), Op::Constant(_))
}

fn is_secret_part(cx: &Context<'_>, at: At<'_>) -> bool {
    let name = match at.op() {
        Op::Parameter(index) => at.function.parameters.get(index as usize).map(|one| at.name(one.name)),
        Op::Attribute { name, .. } | Op::Name(name) => Some(at.name(name)),
        Op::Import(_) | Op::Subscript { .. } => Some(at.written()),
        _ => at.function.assigned.iter().find(|(_, value)| *value == at.value).map(|(name, _)| at.name(*name)),
    };
    let Some(name) = name else { return false };
    let words = words(name);
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    let by_name = has("secret")
        || has("apikey")
        || words.windows(2).any(|pair| {
            pair[1] == "key"
                && matches!(pair[0].as_str(), "secret" | "api" | "private" | "signing" | "hmac" | "app" | "merchant")
        });
    by_name
        && (is_secret(name)
            || cx.facts.fact(at.id, at.value).labels.meets(label::SECRET)
            || has("secret")
            || has("key"))
}

fn speaks_of_signature(name: &str) -> bool {
    words(name).iter().any(|word| {
        matches!(
            word.as_str(),
            "signature"
                | "sign"
                | "signed"
                | "sig"
                | "mac"
                | "hmac"
                | "token"
                | "verify"
                | "auth"
                | "authenticate"
                | "signer"
                | "valid"
                | "expected"
        )
    })
}
