//! A cipher that can be broken.

use super::secrecy::{is_of_protocol, is_one_of_several, only_decrypts, reads_only};
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::text;
use crate::rules::pattern::{Site, tell};

/// `broken-cipher`
pub(crate) static RULE: Rule = Rule {
    id: "CRY902",
    name: "broken-cipher",
    summary: "Data is encrypted with a cipher that can be broken",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[327],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "11.3.2",
    page: include_str!("broken_cipher.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for &site in cx.sites() {
        if let Some((cipher, why)) = cipher(cx, &site) {
            let message = format!("{cipher} {why}");
            let one = site.found(
                message,
                "Use AES-GCM or ChaCha20-Poly1305 (`AESGCM(key).encrypt(nonce, data, None)` of cryptography, or `Fernet`), and encrypt anew what the old cipher protects.",
            );
            let is_of_others = only_decrypts(site.at) && reads_only(cx.module)
                || is_of_protocol(cx.module, site.at.id)
                || is_one_of_several(cx, site.callee);
            found.push(if is_of_others { one.suspicion() } else { one });
        }
    }
    tell(cx, &RULE, found);
}

const SMALL_BLOCKS: &str =
    "works on blocks of 64 bits: after some gigabytes under one key, blocks repeat and text shows";
const SHORT_KEY: &str = "has a key of 56 bits, which a rented machine finds in a day";
const BIASED: &str = "gives away parts of the text: its key stream is not random";

fn of_name(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "DES" => ("DES", SHORT_KEY),
        "DES3" | "TripleDES" => ("Triple DES", SMALL_BLOCKS),
        "ARC4" | "RC4" => ("RC4", BIASED),
        "ARC2" | "RC2" => ("RC2", SMALL_BLOCKS),
        "Blowfish" => ("Blowfish", SMALL_BLOCKS),
        "CAST" | "CAST5" => ("CAST5", SMALL_BLOCKS),
        "IDEA" => ("IDEA", SMALL_BLOCKS),
        "SEED" => ("SEED", "is examined by few and left out of libraries by and by"),
        "XOR" => ("XOR with a repeated key", "is no cipher: a little known text gives the key away"),
        _ => return None,
    })
}

fn cipher(cx: &Context<'_>, site: &Site<'_>) -> Option<(&'static str, &'static str)> {
    let (of, last) = site.split();
    match of.as_ref() {
        "cryptography.hazmat.primitives.ciphers.algorithms" | "cryptography.hazmat.decrepit.ciphers.algorithms" => {
            of_name(last)
        }
        "pyDes" => match last {
            "des" => of_name("DES"),
            "triple_des" => of_name("DES3"),
            _ => None,
        },
        "oscrypto.symmetric" if last.ends_with("_encrypt") => match last.split('_').next()? {
            "rc4" => of_name("RC4"),
            "rc2" => of_name("RC2"),
            "des" => of_name("DES"),
            "tripledes" => of_name("DES3"),
            _ => None,
        },
        "M2Crypto.EVP" if last == "Cipher" => {
            let name = text(cx, site.argument(cx, 0, "alg")?)?.to_ascii_lowercase();
            ["des_ede3", "des", "rc4", "rc2", "bf", "cast5", "idea"]
                .iter()
                .find(|known| name.starts_with(*known))
                .and_then(|known| {
                    of_name(match *known {
                        "des_ede3" => "DES3",
                        "des" => "DES",
                        "rc4" => "RC4",
                        "rc2" => "RC2",
                        "bf" => "Blowfish",
                        "cast5" => "CAST5",
                        _ => "IDEA",
                    })
                })
        }
        _ => of.strip_prefix("Crypto.Cipher.").filter(|_| last == "new").and_then(of_name),
    }
}
