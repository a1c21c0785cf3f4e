//! Equal blocks stay equal when they are encrypted.

use casemate_python::syntax::{Constant, Op};

use super::secrecy::{follows_another, is_tried, only_decrypts};
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, origins, path, text};
use crate::rules::pattern::{Site, tell};

/// `ecb-mode`
pub(crate) static RULE: Rule = Rule {
    id: "CRY903",
    name: "ecb-mode",
    summary: "Blocks are encrypted one by one (ECB), so equal ones stay equal",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[327],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "11.3.1",
    page: include_str!("ecb_mode.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for &site in cx.sites() {
        if is_ecb(cx, &site) {
            let one = site.found(
                "equal blocks are encrypted to equal blocks (ECB): the pattern of the text shows, and blocks can be swapped and replayed".to_owned(),
                "Use a mode that authenticates, with a fresh nonce for each message: `AESGCM(key).encrypt(os.urandom(12), data, None)`, or `AES.new(key, AES.MODE_GCM)`.",
            );
            let is_of_others =
                follows_another(cx, site.at.home, site.at.id) || only_decrypts(site.at) || is_tried(site.at);
            found.push(if is_of_others { one.suspicion() } else { one });
        }
    }
    tell(cx, &RULE, found);
}

const BLOCK_CIPHERS: &[&str] = &["AES", "DES", "DES3", "ARC2", "Blowfish", "CAST"];

fn is_ecb(cx: &Context<'_>, site: &Site<'_>) -> bool {
    let (of, last) = site.split();
    match (of.as_ref(), last) {
        ("cryptography.hazmat.primitives.ciphers.modes", "ECB") | ("pyaes", "AESModeOfOperationECB") => true,
        ("M2Crypto.EVP", "Cipher") => {
            site.argument(cx, 0, "alg").and_then(|at| text(cx, at)).is_some_and(|name| name.ends_with("_ecb"))
        }
        (of, "new") if of.strip_prefix("Crypto.Cipher.").is_some_and(|name| BLOCK_CIPHERS.contains(&name)) => {
            match site.argument(cx, 1, "mode") {
                Some(mode) => names_ecb(cx, mode),
                // PyCrypto took ECB when nobody said what to take.
                None => !site.is_open(),
            }
        }
        _ => false,
    }
}

fn names_ecb(cx: &Context<'_>, mode: At<'_>) -> bool {
    let is_it = |at: At<'_>| {
        path(cx, at).is_some_and(|path| path.ends_with(".MODE_ECB"))
            || matches!(at.op(), Op::Constant(Constant::Int(1)))
    };
    is_it(mode) || origins(cx, mode).into_iter().any(is_it)
}
