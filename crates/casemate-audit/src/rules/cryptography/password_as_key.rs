//! A password that is a key as it stands.

use casemate_python::facts::Hit;
use casemate_python::names::ModuleId;
use casemate_python::syntax::FunctionId;

use super::secrecy::{is_of_format, reads_only};
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `password-as-key`
pub(crate) static RULE: Rule = Rule {
    id: "CRY916",
    name: "password-as-key",
    summary: "A password becomes a key without a function that makes trying slow",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[916],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "11.4.4",
    page: include_str!("password_as_key.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["cipher-key"],
    from: label::PASSWORD,
    without: casemate_python::facts::Labels::NONE,
    arrives: "becomes the key",
    message: "a password is the key of {call}, as it is or hashed once: all common passwords are tried in seconds",
    missing: "a key derivation function between password and key (scrypt, Argon2id, PBKDF2)",
    remedy: "Derive the key: `Scrypt(salt=os.urandom(16), length=32, n=2**17, r=8, p=1).derive(password)` of cryptography, with the salt kept beside the text.",
    judge: Some(judge),
};

/// Formats of files say what becomes of a password.
fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let follows = reads(cx, hit.reach.module, hit.reach.function) || reads(cx, cx.facts.module, hit.function);
    Verdict::only_if(cx.persona == Persona::Pedantic || !follows)
}

fn reads(cx: &Context<'_>, module: ModuleId, id: FunctionId) -> bool {
    cx.program.module(module).is_some_and(|source| reads_only(source) || is_of_format(source, id))
}

pub(crate) static DIGEST: Taint = Taint { from: label::PASSWORD_DIGEST, without: label::PASSWORD, ..TAINT };
