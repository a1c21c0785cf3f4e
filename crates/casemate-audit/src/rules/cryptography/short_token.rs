//! A token with too little chance in it.

use casemate_python::syntax::Op;

use super::secrecy::{Purpose, bindings};
use crate::finding::Severity;
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{number, origins, path, text};
use crate::rules::pattern::{Found, tell};

/// `short-token`
pub(crate) static RULE: Rule = Rule {
    id: "CRY912",
    name: "short-token",
    summary: "A token has less than 128 random bits",
    severity: Severity::Low,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[331],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "7.2.3",
    page: include_str!("short_token.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<Found> = Vec::new();
    for binding in bindings(cx) {
        if !matches!(binding.purpose, Purpose::Bearer | Purpose::Recovery | Purpose::Key)
            || binding.name.to_ascii_lowercase().contains("csrf")
            // What somebody types is short, and needs a limit of attempts.
            || words(&binding.name).iter().any(|word| matches!(word.as_str(), "code" | "ccode" | "pin" | "otp"))
        {
            continue;
        }
        for made in origins(
            cx,
            crate::rules::constant::At {
                value: crate::rules::context::origin_of(binding.value.function, binding.value.value),
                ..binding.value
            },
        ) {
            let Op::Call { callee, arguments } = made.op() else { continue };
            let Some(path) = path(cx, made.with(callee)) else { continue };
            let (keyword, bits_each) = match path {
                "secrets.token_hex"
                | "secrets.token_urlsafe"
                | "secrets.token_bytes"
                | "os.urandom"
                | "Crypto.Random.get_random_bytes" => ("nbytes", 8.0),
                "secrets.randbits" => ("k", 1.0),
                "django.utils.crypto.get_random_string" => ("length", 5.95),
                _ => continue,
            };
            let Some(count) = made.argument(arguments, 0, keyword).and_then(|at| number(cx, at)) else { continue };
            let alphabet = made.argument(arguments, 1, "allowed_chars").and_then(|at| text(cx, at));
            // Digits are for people.
            if alphabet.is_some_and(|alphabet: String| alphabet.bytes().all(|byte| byte.is_ascii_digit())) {
                continue;
            }
            let bits = count * bits_each;
            // Fewer than 128 are too few by the book, and up to 80 in truth.
            let enough = if cx.persona == Persona::Pedantic { 128.0 } else { 81.0 };
            if bits >= enough || bits <= 0.0 || found.iter().any(|known| known.span == made.span()) {
                continue;
            }
            found.push(Found::new(
                made,
                format!(
                    "`{}` is {} and has {} random bits: with many in use, somebody's can be guessed",
                    binding.name,
                    binding.purpose.words(),
                    bits.floor()
                ),
                "Take 32 bytes: `secrets.token_urlsafe(32)`; 16 are the least.",
            ));
        }
    }
    tell(cx, &RULE, found);
}
