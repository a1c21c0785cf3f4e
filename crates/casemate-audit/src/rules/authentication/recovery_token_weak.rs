//! A token for a new password that can be guessed.

use casemate_python::syntax::Op;

use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, last_name, path};
use crate::rules::cryptography::{Generator, Purpose, bindings, made_of};
use crate::rules::pattern::{Found, tell};

/// `recovery-token-weak`
pub(crate) static RULE: Rule = Rule {
    id: "AUT416",
    name: "recovery-token-weak",
    summary: "A token for a new password, an invitation or a confirmation can be guessed",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[640, 340, 338],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "6.4.3",
    page: include_str!("recovery_token_weak.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<Found> = Vec::new();
    for binding in bindings(cx) {
        if binding.purpose != Purpose::Recovery {
            continue;
        }
        let made = made_of(cx, binding.value);
        if made.iter().any(|one| one.generator == Generator::Secure) {
            continue;
        }
        let (at, why) = match made.first() {
            Some(one) => {
                let why = match one.generator {
                    Generator::Uuid1 => "is a UUID of the time and the address of the machine",
                    Generator::NamedUuid => "is a UUID that follows from a name",
                    Generator::Clock if is_text_of(cx, binding.value) => "is made of the time",
                    Generator::Simulation => "is made with a generator whose numbers follow from those before",
                    _ => continue,
                };
                (one.at, why)
            }
            None => match plain_hash(cx, binding.value, 0) {
                Some(at) => (at, "is the hash of something that others know"),
                None => continue,
            },
        };
        if found.iter().any(|one| one.span == at.span() && one.at.0 == at.home) {
            continue;
        }
        let mut one = Found::new(
            at,
            format!("`{}` {why}: whoever asks for one for somebody else's account can guess it", binding.name),
            "Use `secrets.token_urlsafe(32)`, keep its hash with an end (an hour), and delete it when it was used.",
        );
        one.path = vec![
            cx.step(at.home, at.span(), "can be foreseen".to_owned()),
            cx.step(binding.value.home, binding.value.span(), format!("becomes `{}`", binding.name)),
        ];
        found.push(one);
    }
    tell(cx, &RULE, found);
}

/// A time may stand beside a token without being it; text made of the time is one.
fn is_text_of(cx: &Context<'_>, at: At<'_>) -> bool {
    let at = at.stripped();
    let made = match at.op() {
        Op::Call { callee, .. } => matches!(
            last_name(at.with(callee)),
            "hexdigest" | "str" | "hex" | "format" | "join" | "b64encode" | "urlsafe_b64encode" | "decode" | "encode"
        ),
        Op::Format(_) | Op::Binary { .. } | Op::Subscript { .. } => true,
        _ => false,
    };
    // A signature over the time is none the worse for it.
    // `stamp + "-" + hmac.new(key, stamp).hexdigest()`
    let is_signed =
        matches!(at.op(), Op::Format(_) | Op::Binary { .. }) && at.module.slice(at.function.span).contains("hmac.new(");
    made && !is_signed
        && !at.written().contains("hmac")
        && !path(cx, at).is_some_and(|path| path.starts_with("hmac") || path.contains("jwt"))
}

/// `hashlib.md5(user.email.encode()).hexdigest()`: no secret goes in.
fn plain_hash<'a>(cx: &Context<'a>, at: At<'a>, depth: u32) -> Option<At<'a>> {
    if depth > 6 {
        return None;
    }
    let at = at.stripped();
    let Op::Call { callee, arguments } = at.op() else { return None };
    let path = path(cx, at.with(callee)).unwrap_or_default();
    if path.starts_with("hashlib.") && !path.contains("()") && !path.contains("pbkdf2") && !path.contains("scrypt") {
        let given = at.function.call_arguments(arguments).first()?;
        let written = at.module.slice(at.function.span_of(given.value)).to_ascii_lowercase();
        let known =
            ["email", "username", "user.id", "user_id", "user.name", ".pk"].iter().any(|word| written.contains(word));
        let secret =
            ["secret", "key", "token", "salt", "random", "nonce", "urandom"].iter().any(|word| written.contains(word));
        return (known && !secret).then_some(at);
    }
    match at.function.op(callee) {
        Op::Attribute { of, name } if matches!(at.name(name), "hexdigest" | "digest" | "hex" | "decode") => {
            plain_hash(cx, at.with(of), depth + 1)
        }
        _ => None,
    }
}
