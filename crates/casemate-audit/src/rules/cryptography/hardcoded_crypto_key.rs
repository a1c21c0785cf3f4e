//! A key that is a constant.

use casemate_python::syntax::{BinaryOp, Constant, Function, FunctionId, Module, Op, Value};

use super::secrecy::{is_asked_by_another, is_of_format, is_of_protocol, is_tried, speaks_to_service};
use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::At;
use crate::rules::secrets::{SecretUse, argument, constant, is_template, report_uses, way};

/// `hardcoded-crypto-key`
pub(crate) static RULE: Rule = Rule {
    id: "CRY906",
    name: "hardcoded-crypto-key",
    summary: "A cipher or a message authentication code gets a constant for its key",
    severity: Severity::Critical,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[321],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "13.3.1",
    page: include_str!("hardcoded_crypto_key.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    report_uses(cx, &RULE);
}

/// Functions that take a key: the path without its last name, the last names, position, keyword.
const TAKERS: &[(&str, &[&str], usize, &str)] = &[
    ("cryptography.fernet", &["Fernet"], 0, "key"),
    (
        "cryptography.hazmat.primitives.ciphers.algorithms",
        &[
            "AES",
            "AES128",
            "AES256",
            "TripleDES",
            "ChaCha20",
            "Camellia",
            "ARC4",
            "Blowfish",
            "CAST5",
            "IDEA",
            "SEED",
            "SM4",
        ],
        0,
        "key",
    ),
    (
        "cryptography.hazmat.primitives.ciphers.aead",
        &["AESGCM", "AESCCM", "AESSIV", "AESOCB3", "AESGCMSIV", "ChaCha20Poly1305"],
        0,
        "key",
    ),
    ("cryptography.hazmat.primitives.hmac", &["HMAC"], 0, "key"),
    ("Crypto.Cipher.AES", &["new"], 0, "key"),
    ("Crypto.Cipher.DES", &["new"], 0, "key"),
    ("Crypto.Cipher.DES3", &["new"], 0, "key"),
    ("Crypto.Cipher.ARC4", &["new"], 0, "key"),
    ("Crypto.Cipher.Blowfish", &["new"], 0, "key"),
    ("Crypto.Cipher.ChaCha20", &["new"], 0, "key"),
    ("Crypto.Cipher.ChaCha20_Poly1305", &["new"], 0, "key"),
    ("Crypto.Cipher.Salsa20", &["new"], 0, "key"),
    ("Crypto.Hash.HMAC", &["new"], 0, "key"),
    ("hmac", &["new", "digest", "HMAC"], 0, "key"),
    ("nacl.secret", &["SecretBox"], 0, "key"),
    ("nacl.signing", &["SigningKey"], 0, "seed"),
    ("pyaes", &["AESModeOfOperationCTR", "AESModeOfOperationCBC", "AESModeOfOperationECB"], 0, "key"),
];

/// Constants that are used as keys.
pub(crate) fn find(cx: &Context<'_>, found: &mut Vec<SecretUse>) {
    for (id, function, value, callee, arguments) in cx.calls() {
        let Some(path) = cx.facts.path(id, callee) else { continue };
        let Some((of, last)) = path.rsplit_once('.') else { continue };
        let of = of.strip_prefix("Cryptodome.").map_or_else(|| of.to_owned(), |rest| format!("Crypto.{rest}"));
        let Some(taker) = TAKERS.iter().find(|taker| taker.0 == of && taker.1.contains(&last)) else { continue };
        let Some(key) = argument(cx, arguments, taker.2, taker.3) else { continue };
        let is_block = taker.0 != "hmac" && !taker.0.contains(".Hash.") && !taker.0.ends_with(".hmac");
        let reached = constant(cx, id, function, key);
        let reached = reached.or_else(|| {
            let (id, home, part) = repeated(cx.module, (id, function), key).filter(|_| is_block)?;
            constant(cx, id, home, part)
        });
        let Some(reached) = reached else { continue };
        // The key of a foreign service or format is the same for everybody; what signs in the program's name is its own.
        let is_cipher = taker.0 != "hmac" && !taker.0.contains(".Hash.");
        let is_foreign = is_of_format(cx.module, id) || is_of_protocol(cx.module, id) || speaks_to_service(cx);
        // How requests are signed that a module only sends, and nobody here verifies, is what the service hands to all clients.
        let is_sent = !is_cipher && is_asked_by_another(cx);
        let is_probe = is_tried(At { home: cx.facts.module, module: cx.module, function, id, value });
        if cx.persona == Persona::Default && (is_cipher && is_foreign || is_sent || is_probe) {
            continue;
        }
        if is_template(&reached.text.text) || is_derivation(cx, function, arguments.get(1).map(|one| one.value)) {
            continue;
        }
        let written = super::super::context::short(cx.module.slice(function.span_of(callee)));
        let path = way(cx, &reached, function.span_of(value), &format!("is the key of `{written}`"));
        found.push(SecretUse {
            rule: &RULE,
            module: reached.module,
            span: reached.text.span,
            value: reached.text.text.clone(),
            name: taker.3.to_owned(),
            what: "key of a cipher",
            message: format!("a constant is the key of `{written}`: whoever reads the code can read, and make, what it protects"),
            remedy: "Make a new key with a generator (`Fernet.generate_key()`, `AESGCM.generate_key(bit_length=256)`, `secrets.token_bytes(32)`), read it at run time from a key store or the environment, and encrypt anew what the old one protects.".to_owned(),
            confidence: Confidence::High,
            path,
        });
    }
}

/// What is repeated until it is long enough for a key: `b"k" * 32`.
fn repeated<'m>(
    module: &'m Module,
    (id, function): (FunctionId, &'m Function),
    key: Value,
) -> Option<(FunctionId, &'m Function, Value)> {
    let body = module.functions.first()?;
    let (id, home, key) = match function.op(function.plain(key)) {
        Op::Name(symbol) => {
            let held = body.exit.binary_search_by_key(&symbol, |(name, _)| *name).ok()?;
            (FunctionId(0), body, body.exit.get(held)?.1)
        }
        _ => (id, function, key),
    };
    let Op::Binary { op: BinaryOp::Mult, left, right } = home.op(home.plain(key)) else { return None };
    let is_count = |value: Value| matches!(home.op(value), Op::Constant(Constant::Int(_)));
    let part = match (is_count(left), is_count(right)) {
        (false, true) => left,
        (true, false) => right,
        _ => return None,
    };
    Some((id, home, part))
}

/// `hmac.new(b"label", secret)`: the constant names what the key is for, and the key is what is hashed.
fn is_derivation(cx: &Context<'_>, function: &Function, message: Option<Value>) -> bool {
    let Some(message) = message else { return false };
    let named = match function.op(message) {
        Op::Parameter(index) => {
            function.parameters.get(index as usize).map(|parameter| cx.module.symbols.text(parameter.name).to_owned())
        }
        _ => Some(cx.module.slice(function.span_of(message)).to_owned()),
    };
    let by_name = function
        .assigned
        .iter()
        .find(|(_, value)| *value == message)
        .map(|(name, _)| cx.module.symbols.text(*name).to_owned());
    named.into_iter().chain(by_name).any(|name| {
        words(&name).iter().any(|word| {
            matches!(
                word.as_str(),
                "token" | "secret" | "key" | "seed" | "entropy" | "ikm" | "master" | "password" | "mnemonic" | "prk"
            )
        })
    })
}
