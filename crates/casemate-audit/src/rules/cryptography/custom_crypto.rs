//! A cipher somebody made up.

use casemate_python::syntax::{BinaryOp, Constant, Function, FunctionKind, Op, Value};

use super::secrecy::follows_another;
use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, last_name};
use crate::rules::pattern::{Found, tell};

/// `custom-crypto`
pub(crate) static RULE: Rule = Rule {
    id: "CRY913",
    name: "custom-crypto",
    summary: "A cipher of the project itself instead of one that was examined",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[1240, 327],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "11.2.1",
    page: include_str!("custom_crypto.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        if function.kind != FunctionKind::Def || !claims_to_encrypt(&function.name) {
            continue;
        }
        let Some(mixes) = function.values().find_map(|(value, _)| cx.at(id, value).filter(|at| mixes(*at))) else {
            continue;
        };
        let mut one = Found::new(
            mixes,
            format!("`{}` is a cipher of its own: such ciphers fall to anybody who knows a little of the text", function.name),
            "Use a cipher that was examined: `Fernet(key).encrypt(data)`, or `AESGCM(key).encrypt(nonce, data, None)` of cryptography.",
        )
        .confidence(Confidence::Medium);
        one.span = function.name_span;
        // Whoever only takes apart what others made cannot choose.
        let pairs = cx
            .module
            .functions
            .iter()
            .any(|other| words(&other.name).iter().any(|word| matches!(word.as_str(), "encrypt" | "encipher")));
        let only_reads = !pairs
            && words(&function.name).iter().any(|word| matches!(word.as_str(), "decrypt" | "decipher" | "decrypted"));
        found.push(if only_reads || follows_another(cx, mixes.home, mixes.id) || is_known_cipher(cx, function) {
            one.suspicion()
        } else {
            one
        });
    }
    for &site in cx.sites() {
        // Its salt can be computed from a few of its answers.
        if site.path != "hashids.Hashids" {
            continue;
        }
        let Some(salt) = site.argument(cx, 0, "salt") else { continue };
        let written = salt.written();
        let is_key =
            words(written).windows(2).any(|pair| matches!([pair[0].as_str(), pair[1].as_str()], ["secret", "key"]))
                || crate::rules::constant::path(cx, salt).is_some_and(|path| path.ends_with("SECRET_KEY"));
        if is_key {
            let message = format!(
                "Hashids gives its salt away to who collects a few of its answers, and with it `{}`",
                crate::rules::context::short(written)
            );
            found.push(
                site.found(message, "Give it a salt of its own, and keep nothing secret with it; for ids that nobody can guess use `uuid.uuid4()`.")
                    .severity(Severity::High)
                    .confidence(Confidence::High),
            );
        }
    }
    tell(cx, &RULE, found);
}

/// Whether the class or the file is called like a cipher that everybody knows: written anew it is still the same.
fn is_known_cipher(cx: &Context<'_>, function: &Function) -> bool {
    let class = function.class.and_then(|class| cx.module.class(class)).map_or("", |class| class.name.as_str());
    words(class).iter().chain(&words(cx.scope.within(&cx.module.path))).any(|word| {
        ["blowfish", "twofish", "serpent", "rijndael", "camellia", "chacha", "chacha20", "salsa20", "tripledes"]
            .contains(&word.as_str())
    })
}

fn claims_to_encrypt(name: &str) -> bool {
    let words = words(name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    has(&[
        "encrypt",
        "decrypt",
        "encipher",
        "decipher",
        "cipher",
        "encrypted",
        "decrypted",
        "crypt",
        "rc4",
        "caesar",
        "vigenere",
    ]) && !has(&[
        "test",
        "block",
        "counter",
        "ctr",
        "mask",
        "websocket",
        "checksum",
        "distance",
        "nonce",
        "key",
        "keys",
    ])
}

/// Whether a value is text mixed with a key: `a ^ k`, or `chr(ord(c) + shift)`.
fn mixes(at: At<'_>) -> bool {
    match at.op() {
        Op::Binary { op: BinaryOp::BitXor, left, right } => {
            let is_number = |value: Value| matches!(at.function.op(value), Op::Constant(Constant::Int(_)));
            !is_number(left) && !is_number(right)
        }
        Op::Call { callee, arguments } if last_name(at.with(callee)) == "chr" => {
            at.function.call_arguments(arguments).iter().any(|one| is_shifted(at.with(one.value), 0))
        }
        _ => false,
    }
}

/// `ord(c) + shift`, also around an end: `(ord(c) + shift) % 256`.
fn is_shifted(at: At<'_>, depth: u32) -> bool {
    let Op::Binary { left, right, .. } = at.op() else { return false };
    if depth > 6 {
        return false;
    }
    let is_letter =
        |value: Value| matches!(at.function.op(value), Op::Call { callee, .. } if last_name(at.with(callee)) == "ord");
    is_letter(left) || is_letter(right) || is_shifted(at.with(left), depth + 1) || is_shifted(at.with(right), depth + 1)
}
