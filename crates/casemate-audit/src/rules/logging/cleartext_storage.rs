//! Passwords kept as they are.

use casemate_python::facts::{Hit, Labels, TextPart, text_of};
use casemate_python::flow::Tracer;
use casemate_python::syntax::Op;

use super::is_secret_value;
use crate::finding::Severity;
use crate::models::{label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::network::calls;
use crate::rules::taint::Verdict;
use crate::rules::{Context, Taint};

/// `cleartext-storage`
pub(crate) static RULE: Rule = Rule {
    id: "LOG1103",
    name: "cleartext-storage",
    summary: "A password is kept in clear text",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[312],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "14.2.4",
    page: include_str!("cleartext_storage.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["clear-store"],
    from: label::PASSWORD,
    without: Labels(label::PASSWORD_DIGEST.0),
    arrives: "is kept as it is",
    message: "{call} keeps a password as it is: {source}",
    missing: "a password hash, or encryption where it must be read again",
    remedy: "Keep the hash of a password only (`argon2.PasswordHasher().hash(password)`); what must be read again belongs into a secret store, or is encrypted with a key that is kept elsewhere.",
    judge: Some(judge),
};

/// Whether a function with a name that says so made a hash of it on the way: `salted(password)`, `encrypt(password)`.
fn is_digested(cx: &Context<'_>, hit: &Hit) -> bool {
    let (way, _) = (Tracer { program: cx.program, modules: cx.all_facts }).way(cx.facts.module, hit, label::PASSWORD);
    way.into_iter().any(|(module, id, value)| {
        let Some((source, body)) = cx.function(module, id) else { return false };
        let Op::Call { callee, .. } = body.op(value) else { return false };
        words(calls::name_of(source, body, callee)).iter().any(|word| {
            matches!(
                word.as_str(),
                "hash"
                    | "hashed"
                    | "salt"
                    | "salted"
                    | "encrypt"
                    | "encrypted"
                    | "digest"
                    | "bcrypt"
                    | "scrypt"
                    | "argon2"
                    | "pbkdf2"
            )
        })
    })
}

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let reach = hit.reach;
    let keeps = || {
        let (module, function) = cx.function(reach.module, reach.function)?;
        let Op::Call { callee, arguments } = function.op(reach.call) else { return None };
        let first = function.call_arguments(arguments).first()?.value;
        Some(match calls::name_of(module, function, callee) {
            "execute" => {
                let parts = text_of(cx.program, reach.module, reach.function, first);
                let statement: String = parts
                    .into_iter()
                    .filter_map(|part| match part {
                        TextPart::Literal(text) => Some(text.to_lowercase()),
                        TextPart::Hole(_) => None,
                    })
                    .collect();
                // What is asked for is not kept, and a statement in the text is another matter.
                first != reach.argument && (statement.contains("insert ") || statement.contains("update "))
            }
            "insert_one" => first == reach.argument,
            "set_cookie" => true,
            _ => true,
        })
    };
    let hashed = cx.facts.fact(hit.function, hit.argument).labels.meets(label::PASSWORD_DIGEST);
    let hashed = hashed || is_digested(cx, hit);
    Verdict { dismissed: hashed || keeps() != Some(true) || !is_secret_value(cx, hit), ..Verdict::default() }
}
