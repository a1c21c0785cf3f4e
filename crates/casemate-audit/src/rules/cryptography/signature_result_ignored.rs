//! A check of a signature whose answer nobody reads.

use casemate_python::syntax::{Op, Span, Value};

use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::At;
use crate::rules::layout::Layout;
use crate::rules::pattern::{Site, tell};

/// `signature-result-ignored`
pub(crate) static RULE: Rule = Rule {
    id: "CRY915",
    name: "signature-result-ignored",
    summary: "The answer of a check is dropped, so everything passes it",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[252, 347],
    owasp_2021: "A04",
    owasp_2025: "A10",
    asvs: "9.1.1",
    page: include_str!("signature_result_ignored.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    let mut layout = None;
    for &site in cx.sites() {
        if answers(&site) && is_dropped(&site) && !is_decoy(&site) {
            found.push(site.found(
                format!("the answer of `{}` is dropped: whatever it says, the program goes on", site.called()),
                "Act on the answer: `if not hmac.compare_digest(a, b): raise …`.",
            ));
        } else if raises(cx, &site)
            && is_dropped(&site)
            && is_swallowed(cx, layout.get_or_insert_with(|| Layout::of(cx.module)), site.at.span())
        {
            found.push(site.found(
                format!(
                    "`{}` raises when the signature is wrong, and what it raises is swallowed: every signature passes",
                    site.called()
                ),
                "Let the exception end the function, or return a refusal from its handler.",
            ));
        }
    }
    tell(cx, &RULE, found);
}

/// A check against a made-up hash, so that an unknown name takes as long as a wrong password.
fn is_decoy(site: &Site<'_>) -> bool {
    let constant = |at: At<'_>| matches!(at.stripped().op(), Op::Constant(_));
    site.arguments.iter().map(|one| site.at.with(one.value)).any(|at| {
        let written = at.written().to_ascii_lowercase();
        constant(at) || ["fake", "dummy", "decoy", "placeholder"].iter().any(|word| written.contains(word))
    })
}

/// Functions that say yes or no.
fn answers(site: &Site<'_>) -> bool {
    const ANSWERS: &[&str] = &[
        "hmac.compare_digest",
        "secrets.compare_digest",
        "bcrypt.checkpw",
        "werkzeug.security.check_password_hash",
        "werkzeug.security.safe_str_cmp",
        "flask_bcrypt.check_password_hash",
        "django.contrib.auth.hashers.check_password",
        "django.utils.crypto.constant_time_compare",
        "slack_sdk.signature.SignatureVerifier().is_valid",
        "slack_sdk.signature.SignatureVerifier().is_valid_request",
        "twilio.request_validator.RequestValidator().validate",
        "passlib.context.CryptContext().verify",
        "ldap3.Connection().bind",
        "pyotp.TOTP().verify",
        "pyotp.HOTP().verify",
    ];
    if ANSWERS.contains(&site.path) {
        return true;
    }
    let (of, last) = site.split();
    if last == "verify"
        && (of.starts_with("passlib.hash.")
            || matches!(of.as_ref(), "Crypto.Signature.PKCS1_v1_5.new()" | "Crypto.Signature.PKCS1_PSS.new()"))
    {
        return true;
    }
    // Methods by name, where the name says that there is an answer.
    site.path.is_empty()
        && matches!(
            site.name(),
            "check_password" | "check_password_hash" | "compare_digest" | "checkpw" | "is_valid_signature"
        )
}

/// Functions that raise when what they check is wrong.
fn raises(cx: &Context<'_>, site: &Site<'_>) -> bool {
    const RAISE: &[&str] = &[
        "rsa.verify",
        "rsa.pkcs1.verify",
        "OpenSSL.crypto.verify",
        "jwt.decode",
        "jose.jwt.decode",
        "argon2.PasswordHasher().verify",
    ];
    if RAISE.contains(&site.path) || site.path.starts_with("ecdsa.") && site.name() == "verify" {
        return true;
    }
    // `key.verify(signature, data, …)`, and HMAC objects, where the module speaks of such things.
    matches!(site.name(), "verify" | "verify_digest" | "verify_directly_issued_by")
        && (1..=4).contains(&site.arguments.len())
        && !site.path.starts_with("passlib.")
        && cx.imports_any(&[
            "cryptography",
            "Crypto",
            "Cryptodome",
            "nacl",
            "ecdsa",
            "OpenSSL",
            "jwcrypto",
            "argon2",
            "rsa",
        ])
}

/// Whether nothing is done with what it returns.
fn is_dropped(site: &Site<'_>) -> bool {
    let function = site.at.function;
    let mut result = site.at.value;
    // `await check(…)`
    if let Some((awaited, _)) = function.values().find(|(_, op)| matches!(op, Op::Await(of) if *of == result)) {
        result = awaited;
    }
    let is_taken = |value: Value, op: Op| match op {
        Op::Await(_) if value == result => false,
        _ => function.operands_of(value).contains(&result),
    };
    if function.values().any(|(value, op)| is_taken(value, op))
        || function.returns.contains(&result)
        || function.assigned.iter().any(|(_, value)| *value == result)
    {
        return false;
    }
    // An expression of its own, not the test of an `if`, whose value no instruction takes.
    let span = function.span_of(result);
    crate::rules::statement_at(site.at.module, span) == span
}

/// Whether an exception raised here is caught and nothing more is done.
fn is_swallowed(cx: &Context<'_>, layout: &Layout<'_>, at: Span) -> bool {
    layout.handlers(Span { start: 0, end: u32::MAX }).into_iter().any(|handler| {
        let Some(position) = handler.tried.iter().position(|one| one.contains(at)) else { return false };
        // What comes after the check in the `try` runs only when it passed.
        let goes_on = handler.tried.len() > position + 1;
        let text = |span: &Span| cx.module.slice(*span);
        let drops = handler.body.iter().all(|one| {
            let text = text(one).trim_start();
            matches!(text, "pass" | "continue" | "...")
                || text.starts_with("log")
                || text.starts_with("print(")
                || text.starts_with("self.log")
        });
        !goes_on && drops && !handler.body.is_empty()
    })
}
