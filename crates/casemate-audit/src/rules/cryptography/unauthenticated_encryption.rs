//! Encryption that does not notice when its text is changed.

use casemate_python::syntax::{Constant, Op};

use super::secrecy::follows_another;
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, origins, path};
use crate::rules::pattern::{Site, tell};

/// `unauthenticated-encryption`
pub(crate) static RULE: Rule = Rule {
    id: "CRY904",
    name: "unauthenticated-encryption",
    summary: "Text is encrypted without anything that shows when somebody changes it",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[353],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "11.3.3",
    page: include_str!("unauthenticated_encryption.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    // A module that makes a message authentication code anywhere knows what it is about.
    let authenticates = ["hmac", "HMAC", "compare_digest", "CMAC", "Poly1305", "BLAKE2", "encrypt_and_digest", "sign("];
    let knows = |text: &str| authenticates.iter().any(|word| text.contains(word));
    let is_pedantic = cx.persona == Persona::Pedantic;
    let mut found = Vec::new();
    for &site in cx.sites() {
        let Some(mode) = encrypts(cx, &site).or_else(|| made(cx, &site).filter(|_| is_pedantic)) else { continue };
        if knows(&cx.module.text) && !is_pedantic {
            return;
        }
        // Only who asks for suspicions wants it to be made in the same function.
        if site.at.id.0 != 0 && knows(cx.module.slice(site.at.function.span)) {
            continue;
        }
        let one = site
            .found(
                format!("{mode} hides the text but does not notice when somebody changes it: bits can be flipped, and padding errors may give the text away"),
                "Use a mode that authenticates (`AESGCM(key).encrypt(nonce, data, None)`, `AES.new(key, AES.MODE_GCM)`, `Fernet`), or add an HMAC over nonce and text, under another key, and check it before anything is decrypted.",
            )
            .confidence(Confidence::Medium)
            .missing("a message authentication code over what is encrypted");
        let is_suspicion =
            follows_another(cx, site.at.home, site.at.id) || knows(&cx.module.text) || encrypts(cx, &site).is_none();
        found.push(if is_suspicion { one.suspicion() } else { one });
    }
    tell(cx, &RULE, found);
}

/// The mode of a cipher that is made, and of which nothing says whether it encrypts or decrypts.
fn made(cx: &Context<'_>, site: &Site<'_>) -> Option<&'static str> {
    let (of, last) = site.split();
    let mode = if of.starts_with("Crypto.Cipher.") && last == "new" {
        mode_named(cx, site.argument(cx, 1, "mode")?)?
    } else if site.path == "cryptography.hazmat.primitives.ciphers.Cipher" {
        let path = path(cx, site.argument(cx, 1, "mode")?)?;
        plain_mode(path.strip_suffix("()").unwrap_or(path).rsplit('.').next()?)?
    } else {
        return None;
    };
    let function = site.at.function;
    let is_used = Context::uses(function, site.at.value).into_iter().any(|value| match function.op(value) {
        Op::Attribute { name, .. } => matches!(site.at.name(name), "decrypt" | "decryptor" | "encryptor"),
        _ => false,
    });
    (!is_used && !function.name.contains("decrypt")).then_some(mode)
}

/// The mode that a cipher encrypts in, if that mode only hides.
fn encrypts(cx: &Context<'_>, site: &Site<'_>) -> Option<&'static str> {
    let (of, last) = site.split();
    if of.starts_with("Crypto.Cipher.") && last == "new" {
        let mode = site.argument(cx, 1, "mode")?;
        let mode = mode_named(cx, mode).or_else(|| origins(cx, mode).into_iter().find_map(|at| mode_named(cx, at)))?;
        return is_used_by(site, &["encrypt"]).then_some(mode);
    }
    if last != "encryptor" {
        return None;
    }
    // `Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()`
    let cipher = site.receiver()?;
    let cipher = origins(cx, cipher).into_iter().next()?;
    let Op::Call { callee, arguments } = cipher.op() else { return None };
    if path(cx, cipher.with(callee))? != "cryptography.hazmat.primitives.ciphers.Cipher" {
        return None;
    }
    let mode = cipher.argument(arguments, 1, "mode")?;
    let path = path(cx, mode)?;
    plain_mode(path.strip_suffix("()").unwrap_or(path).rsplit('.').next()?)
}

fn mode_named(cx: &Context<'_>, at: At<'_>) -> Option<&'static str> {
    if let Op::Constant(Constant::Int(number)) = at.op() {
        return plain_mode(match number {
            2 => "CBC",
            3 => "CFB",
            5 => "OFB",
            6 => "CTR",
            _ => return None,
        });
    }
    path(cx, at).and_then(|path| plain_mode(path.rsplit('.').next()?.strip_prefix("MODE_")?))
}

fn plain_mode(name: &str) -> Option<&'static str> {
    Some(match name {
        "CBC" => "CBC",
        "CTR" => "CTR",
        "CFB" | "CFB8" => "CFB",
        "OFB" => "OFB",
        _ => return None,
    })
}

/// Whether a method of these is called on it within the function, or it goes where that cannot be seen.
fn is_used_by(site: &Site<'_>, methods: &[&str]) -> bool {
    let function = site.at.function;
    let mut is_used = false;
    for value in Context::uses(function, site.at.value) {
        if let Op::Attribute { of, name } = function.op(value)
            && site.at.with(of).stripped().value == site.at.value
        {
            if methods.contains(&site.at.name(name)) {
                return true;
            }
            is_used = true;
        }
    }
    // Returned or stored: it may encrypt elsewhere, or not.
    !is_used && function.name.contains("encrypt")
}
