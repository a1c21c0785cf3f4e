//! A token that is signed with a constant.

use casemate_python::syntax::{Function, FunctionId, Op, Passing, Span, Value};

use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::cryptography::secrecy::is_asked_by_another;
use crate::rules::secrets::{SecretUse, argument, constant, is_template, report_uses, way};

/// `jwt-hardcoded-secret`
pub(crate) static RULE: Rule = Rule {
    id: "JWT504",
    name: "jwt-hardcoded-secret",
    summary: "Tokens are signed with a constant",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[321, 798],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "13.3.1",
    page: include_str!("jwt_hardcoded_secret.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    report_uses(cx, &RULE);
}

/// Functions that sign or verify tokens: path, position and keyword of the key.
const SIGNERS: &[(&str, usize, &str)] = &[
    ("jwt.encode", 1, "key"),
    ("jwt.decode", 1, "key"),
    ("jwt.PyJWT().encode", 1, "key"),
    ("jwt.PyJWT().decode", 1, "key"),
    ("jwt.api_jwt.encode", 1, "key"),
    ("jwt.api_jwt.decode", 1, "key"),
    ("jose.jwt.encode", 1, "key"),
    ("jose.jwt.decode", 1, "key"),
    ("jose.jws.sign", 1, "key"),
    ("jose.jws.verify", 1, "key"),
    ("authlib.jose.jwt.encode", 2, "key"),
    ("authlib.jose.jwt.decode", 1, "key"),
    ("joserfc.jwt.encode", 2, "key"),
    ("joserfc.jwt.decode", 1, "key"),
    ("fastapi_users.authentication.JWTStrategy", 0, "secret"),
    ("fastapi_users.jwt.generate_jwt", 1, "secret"),
    ("python_jwt.generate_jwt", 1, "priv_key"),
];

/// Constants that sign tokens.
pub(crate) fn find(cx: &Context<'_>, found: &mut Vec<SecretUse>) {
    let home = cx.facts.module;
    for (id, function, value, callee, arguments) in cx.calls() {
        if let Some(path) = cx.facts.path(id, callee)
            && let Some(signer) = SIGNERS.iter().find(|signer| signer.0 == path)
            && !skips_verification(cx, function, cx.keyword(arguments, "options"))
            && let Some(key) = argument(cx, arguments, signer.1, signer.2)
        {
            tell(cx, id, function, key, function.span_of(value), path, found);
        }
        for one in arguments {
            if let Passing::Keyword(name) = one.passing
                && is_setting(cx.module.symbols.text(name))
            {
                tell(cx, id, function, one.value, function.span_of(value), cx.module.symbols.text(name), found);
            }
        }
    }
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            match op {
                // `app.config["JWT_SECRET_KEY"] = …`
                Op::StoreItem { index, value: stored, .. } => {
                    if let Some(name) = cx.module.constant_str(function, index).filter(|name| is_setting(name)) {
                        tell(cx, id, function, stored, function.span_of(value), name, found);
                    }
                }
                // `SIMPLE_JWT = {"SIGNING_KEY": …}`
                Op::Build { collection: casemate_python::syntax::Collection::Dict, items } => {
                    for pair in function.list(items).chunks_exact(2) {
                        let name = pair.first().and_then(|&key| cx.module.constant_str(function, key));
                        if let (Some(name), Some(&stored)) = (name, pair.get(1))
                            && (is_setting(name) || name == "SIGNING_KEY")
                        {
                            tell(cx, id, function, stored, function.span_of(value), name, found);
                        }
                    }
                }
                _ => {}
            }
        }
        // `JWT_SECRET_KEY = …` in a class of settings.
        if function.kind == casemate_python::syntax::FunctionKind::ClassBody {
            for &(symbol, value) in &function.assigned {
                let name = cx.module.symbols.text(symbol);
                if is_setting(name) && found.iter().all(|one| one.module != home || one.span != function.span_of(value))
                {
                    tell(cx, id, function, value, function.name_span, name, found);
                }
            }
        }
    }
}

/// Settings that libraries take the signing key from.
fn is_setting(name: &str) -> bool {
    if !["jwt", "JWT", "Jwt"].iter().any(|part| name.contains(part)) {
        return false;
    }
    let words = words(name);
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    has("jwt")
        && (has("secret") || (has("key") && !has("public") && !has("header") && !has("cookie")))
        && !has("name")
        && words.last().is_none_or(|last| last != "id")
        && !has("path")
        && !has("file")
}

/// `options={"verify_signature": False}`: the key is not used.
fn skips_verification(cx: &Context<'_>, function: &Function, options: Option<Value>) -> bool {
    options.is_some_and(|options| {
        let written: String =
            cx.module.slice(function.span_of(options)).chars().filter(|c| !c.is_whitespace()).collect();
        written.contains("verify_signature\":False") || written.contains("verify_signature':False")
    })
}

fn tell(
    cx: &Context<'_>,
    id: FunctionId,
    function: &Function,
    key: Value,
    at: Span,
    user: &str,
    found: &mut Vec<SecretUse>,
) {
    let Some(reached) = constant(cx, id, function, key) else { return };
    // Tokens that are only sent, to a service that hands its key to all clients.
    if cx.persona == Persona::Default && is_asked_by_another(cx) {
        return;
    }
    let text = &reached.text.text;
    // A public key verifies and signs nothing; a relative module is where a class of that name is found.
    if is_template(text)
        || text
            .strip_prefix('.')
            .is_some_and(|module| module.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '_' | '.')))
        || text.contains("BEGIN PUBLIC KEY")
        || text.contains("BEGIN CERTIFICATE")
        || text.contains("BEGIN RSA PUBLIC")
    {
        return;
    }
    if found
        .iter()
        .any(|one| std::ptr::eq(one.rule, &RULE) && one.module == reached.module && one.span == reached.text.span)
    {
        return;
    }
    let path = way(cx, &reached, at, &format!("signs tokens by `{user}`"));
    found.push(SecretUse {
        rule: &RULE,
        module: reached.module,
        span: reached.text.span,
        value: reached.text.text.clone(),
        name: user.to_owned(),
        what: "key that signs tokens",
        message: format!("tokens are signed with a constant (`{user}`): whoever reads the code can make a token for anybody"),
        remedy: "Make a new key (`secrets.token_urlsafe(64)`), which ends the tokens in circulation, and read it at run time from the environment or a vault. The order is in docs/incident-leaked-secret.md.".to_owned(),
        confidence: Confidence::High,
        path,
    });
}
