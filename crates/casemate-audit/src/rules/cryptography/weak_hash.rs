//! MD5 or SHA-1 where something relies on it.

use casemate_python::syntax::{Op, Value};

use super::secrecy::{
    Generator, answers_challenge, goes_on, is_asked_by_another, is_of_format, is_of_protocol, is_one_of_several,
    made_of, names_given,
};
use crate::finding::{Confidence, Severity};
use crate::models::{label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, is_bool, last_name, path, text};
use crate::rules::pattern::{Found, Site, tell};

/// `weak-hash`
pub(crate) static RULE: Rule = Rule {
    id: "CRY901",
    name: "weak-hash",
    summary: "MD5 or SHA-1 is used where security depends on it",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[328, 327],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "11.4.1",
    page: include_str!("weak_hash.md"),
};

const REMEDY: &str = "Use SHA-256 or better (`hashlib.sha256`); to sign with a shared key, `hmac.new(key, message, hashlib.sha256)`. If nothing depends on it, say so: `hashlib.md5(data, usedforsecurity=False)`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for &site in cx.sites() {
        found.extend(keyed(cx, &site).or_else(|| signed(cx, &site)).or_else(|| hashed(cx, &site)));
    }
    tell(cx, &RULE, found);
}

/// MD5 and SHA-1 by the names that libraries give them.
fn weak(name: &str) -> Option<&'static str> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    match plain.as_str() {
        "md5" | "hmacmd5" => Some("MD5"),
        "md4" => Some("MD4"),
        "md2" => Some("MD2"),
        "sha1" | "sha" | "hmacsha1" => Some("SHA-1"),
        _ => None,
    }
}

/// The algorithm that an argument names: `"md5"`, `hashlib.md5`, `hashes.SHA1()`, `SHA.new(data)`.
fn algorithm(cx: &Context<'_>, at: At<'_>) -> Option<&'static str> {
    if let Some(path) = path(cx, at) {
        let path = path.strip_suffix("()").unwrap_or(path);
        let path = path.strip_suffix(".new").unwrap_or(path);
        return weak(path.rsplit('.').next().unwrap_or_default());
    }
    text(cx, at).and_then(|name| weak(&name))
}

/// A message authentication code.
fn keyed(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let given = match site.path {
        "hmac.new" | "hmac.HMAC" => site.argument(cx, 2, "digestmod"),
        "hmac.digest" => site.argument(cx, 2, "digest"),
        "Crypto.Hash.HMAC.new" | "Cryptodome.Hash.HMAC.new" => site.argument(cx, 2, "digestmod"),
        "cryptography.hazmat.primitives.hmac.HMAC" => site.argument(cx, 1, "algorithm"),
        _ => return None,
    };
    let name = algorithm(cx, given?)?;
    let message =
        format!("a message is authenticated with {name}, which is broken as a hash and has no place in anything new");
    let found = site.found(message, REMEDY).confidence(Confidence::Medium);
    // Protocols ask for HMAC-SHA-1, and nobody has broken it.
    let is_protocol = words(&site.at.function.qualified)
        .iter()
        .any(|word| matches!(word.as_str(), "cram" | "apop" | "chap" | "ntlm" | "digest" | "radius" | "snmp"));
    Some(if name == "SHA-1" || is_protocol { found.suspicion() } else { found })
}

/// A signature or certificate.
fn signed(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let name = match site.name() {
        // `certificate.sign(key, "sha1")`, `crypto.sign(key, data, "sha1")`
        "sign" | "verify" if site.path.starts_with("OpenSSL.crypto.") => {
            let digest = site.keyword(cx, "digest").or_else(|| Some(site.at.with(site.arguments.last()?.value)));
            digest.and_then(|at| text(cx, at)).and_then(|name| weak(&name))
        }
        "sign" | "verify" if !site.path.starts_with("hmac.") => {
            site.arguments.iter().skip(1).find_map(|one| algorithm_object(cx, site.at.with(one.value)))
        }
        "ECDSA" | "PSS" if site.path.starts_with("cryptography.") => {
            site.arguments.iter().find_map(|one| algorithm_object(cx, site.at.with(one.value)))
        }
        _ => None,
    };
    let name = name.or_else(|| {
        // `pkcs1_15.new(key).sign(SHA1.new(message))`
        let of = site.receiver().and_then(|of| path(cx, of))?;
        let is_signer = of.starts_with("Crypto.Signature.") || of.starts_with("Cryptodome.Signature.");
        if !is_signer || !matches!(site.name(), "sign" | "verify") {
            return None;
        }
        algorithm(cx, site.position(0)?)
    })?;
    // `def verify_sha1(…)`: who wants this one calls it by its name.
    let is_by_name = words(&site.at.function.name).iter().any(|word| weak(word) == Some(name));
    let found = site.found(
        format!("a signature rests on {name}: two documents with the same hash can be made, and one signature holds for both"),
        REMEDY,
    );
    Some(if is_by_name { found.suspicion() } else { found })
}

fn algorithm_object(cx: &Context<'_>, at: At<'_>) -> Option<&'static str> {
    if is_one_of_several(cx, at) {
        return None;
    }
    let path = path(cx, at)?;
    let is_hash = path.starts_with("cryptography.hazmat.primitives.hashes.") || path.contains(".Hash.");
    is_hash.then(|| algorithm(cx, at))?
}

/// A plain hash. What it is for shows in names: of the function, of what it is assigned to, of what goes in.
fn hashed(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let (of, last) = site.split();
    let name = match (of.as_ref(), last) {
        ("hashlib", "new") => weak(&text(cx, site.argument(cx, 0, "name")?)?)?,
        ("hashlib", "file_digest") => algorithm(cx, site.argument(cx, 1, "digest")?)?,
        ("hashlib", last) => weak(last)?,
        ("Crypto.Hash.MD5" | "Crypto.Hash.SHA" | "Crypto.Hash.SHA1" | "Crypto.Hash.MD4" | "Crypto.Hash.MD2", "new") => {
            weak(of.rsplit('.').next().unwrap_or_default())?
        }
        ("cryptography.hazmat.primitives.hashes", "Hash") => algorithm(cx, site.argument(cx, 0, "algorithm")?)?,
        _ => return None,
    };
    let is_said = |wanted| site.keyword(cx, "usedforsecurity").is_some_and(|given| is_bool(cx, given, wanted));
    if is_said(false) {
        return None;
    }
    let (mut is_secret, mut is_chosen) = (false, false);
    for labels in fed(site).into_iter().map(|value| cx.facts.fact(site.at.id, value).labels) {
        // How passwords are hashed is told elsewhere.
        if labels.meets(label::PASSWORD) {
            return None;
        }
        is_secret |= labels.meets(label::SECRET);
        is_chosen |= !(labels & label::UNTRUSTED).without(label::ANSWER).is_empty();
    }
    let names = names_given(cx, site.at);
    let own = site.at.function.name.as_str();
    // The name of a function says what a hash is for where it gives it back, or compares it.
    let is_compared = goes_on(site.at.function, site.at.value)
        .into_iter()
        .any(|value| matches!(site.at.function.op(value), Op::Compare { .. }));
    let purpose = names.iter().copied().any(speaks_of_security) || is_compared && speaks_of_security(own);
    let message = format!("{name} is used where security depends on it: other data with the same hash can be made");
    let found = site.found(message, REMEDY).confidence(Confidence::Medium);
    let is_wrapped = matches!(site.at.op(), Op::Call { .. }) && goes_into_mac(cx, site);
    if is_wrapped {
        return None;
    }
    // Who chooses what is hashed can choose two things with one hash.
    let tells_apart = names.into_iter().any(speaks_of_identity);
    // A handler that hashes what did not come with the request: it was replaced by it, and by something else tomorrow.
    let answers = cx.routes().iter().any(|route| route.module == cx.facts.module && route.handler == site.at.id)
        && fed(site).iter().any(|&value| is_made_here(cx, site, value));
    let matters = (is_secret || (is_chosen || answers) && !tells_apart) && !speaks_of_identity(own);
    let is_of_others = is_asked_by_another(cx)
        || is_one_of_several(cx, site.callee)
        || answers_challenge(site.at.module, site.at.function)
        || is_of_format(site.at.module, site.at.id)
        || is_of_protocol(site.at.module, site.at.id)
        || is_sent(site);
    // Of two random values nobody has the choice.
    let is_random = || {
        fed(site)
            .into_iter()
            .any(|value| made_of(cx, site.at.with(value)).iter().any(|made| made.generator == Generator::Secure))
    };
    // Most that are only called so name or find something; what is compared is relied upon.
    let is_relied_upon = purpose && (is_compared || speaks_of_signature(own));
    // Whoever only wants to tell things apart takes what the language has; nobody counts with MD4 and MD2.
    let is_of_cryptography = of.as_ref() != "hashlib" || matches!(name, "MD4" | "MD2");
    let is_chosen_for_it = is_said(true) || is_of_cryptography && !tells_apart_here(cx, own, site);
    let is_told =
        (is_relied_upon || matters || is_chosen_for_it) && !is_of_others && !is_only_logged(site) && !is_random();
    Some(if is_told { found } else { found.suspicion() })
}

/// Whether the names around say that a hash only tells things apart.
fn tells_apart_here(cx: &Context<'_>, own: &str, site: &Site<'_>) -> bool {
    speaks_of_identity(own) || names_given(cx, site.at).into_iter().any(speaks_of_identity)
}

/// Whether the hash is put into the query of a URL: `f"{url}?sign={digest}"`. Whoever is asked says how.
fn is_sent(site: &Site<'_>) -> bool {
    let function = site.at.function;
    let uses = goes_on(function, site.at.value);
    uses.iter().any(|&value| {
        if !matches!(function.op(value), Op::Format(_)) {
            return false;
        }
        let written = site.at.module.slice(function.span_of(value));
        written.contains('?') && written.contains("={")
    })
}

/// Whether nothing is done with the hash but to write it down.
fn is_only_logged(site: &Site<'_>) -> bool {
    let function = site.at.function;
    let uses = goes_on(function, site.at.value);
    let mut is_logged = false;
    for &value in &uses {
        let Op::Call { callee, arguments } = function.op(value) else {
            match function.op(value) {
                Op::Attribute { .. } | Op::Format(_) | Op::Refine { .. } => continue,
                _ => return false,
            }
        };
        let has = |one: Value| one == site.at.value || uses.contains(&one);
        let passed = function.call_arguments(arguments).iter().any(|one| has(one.value));
        if !passed {
            continue;
        }
        let writes = matches!(
            last_name(site.at.with(callee)),
            "debug" | "info" | "warning" | "error" | "exception" | "critical" | "log" | "print"
        );
        if !writes {
            return false;
        }
        is_logged = true;
    }
    is_logged && function.returns.iter().all(|value| !uses.contains(value))
}

/// Whether a value is made of constants and of what the function itself puts together.
fn is_made_here(cx: &Context<'_>, site: &Site<'_>, value: Value) -> bool {
    let fact = cx.facts.fact(site.at.id, value);
    if fact.constant || cx.facts.constant(site.at.id, value).is_some() {
        return true;
    }
    let function = site.at.function;
    let mut left = vec![value];
    let mut seen: Vec<Value> = Vec::new();
    while let Some(value) = left.pop() {
        if value == Value::NONE || seen.contains(&value) {
            continue;
        }
        seen.push(value);
        match function.op(value) {
            _ if seen.len() > 64 => return false,
            Op::Parameter(_) => return false,
            Op::Name(_) | Op::Import(_) => {
                let path = cx.facts.path(site.at.id, value).unwrap_or_default();
                let root = path.split('.').next().unwrap_or_default();
                let keeps = matches!(
                    root,
                    "io" | "csv" | "collections" | "queue" | "copy" | "json" | "configparser" | "string"
                );
                // A function of the language has a path without a module.
                if !keeps && (path.is_empty() || path.contains('.')) {
                    return false;
                }
            }
            _ => left.extend(function.operands_of(value)),
        }
    }
    true
}

/// What is hashed: what the hash is made with, and what is added with `update`.
fn fed(site: &Site<'_>) -> Vec<Value> {
    let function = site.at.function;
    let mut fed: Vec<Value> = site.arguments.iter().map(|one| one.value).collect();
    for method in Context::uses(function, site.at.value) {
        let Op::Attribute { of, name } = function.op(method) else { continue };
        if of != site.at.value || site.at.name(name) != "update" {
            continue;
        }
        for call in Context::uses(function, method) {
            if let Op::Call { callee, arguments } = function.op(call)
                && callee == method
            {
                fed.extend(function.call_arguments(arguments).iter().map(|one| one.value));
            }
        }
    }
    fed
}

/// `hmac.new(key, message, hashlib.md5)` is told as such.
fn goes_into_mac(cx: &Context<'_>, site: &Site<'_>) -> bool {
    Context::uses(site.at.function, site.at.value).into_iter().any(|value| match site.at.function.op(value) {
        Op::Call { callee, .. } => cx.facts.path(site.at.id, callee).is_some_and(|path| path.starts_with("hmac.new")),
        _ => false,
    })
}

fn speaks_of_security(name: &str) -> bool {
    let words = words(name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    if speaks_of_identity(name) {
        return false;
    }
    has(&[
        "signature",
        "sign",
        "signed",
        "sig",
        "hmac",
        "mac",
        "token",
        "secret",
        "apikey",
        "tamper",
        "integrity",
        "certificate",
        "csrf",
        "session",
        "authenticate",
        "otp",
        "authenticator",
    ]) || words.windows(2).any(|pair| {
        matches!(
            [pair[0].as_str(), pair[1].as_str()],
            ["api" | "auth" | "access" | "license" | "activation" | "session", "key" | "code" | "hash" | "id"]
        )
    })
}

/// Names of what only tells things apart.
pub(crate) fn speaks_of_identity(name: &str) -> bool {
    words(name).iter().any(|word| {
        matches!(
            word.as_str(),
            "cache"
                | "cached"
                | "etag"
                | "checksum"
                | "dedup"
                | "dedupe"
                | "bucket"
                | "shard"
                | "partition"
                | "slug"
                | "color"
                | "colour"
                | "avatar"
                | "gravatar"
                | "filename"
                | "path"
                | "file"
                | "key_prefix"
                | "fingerprint"
                | "identifier"
                | "version"
                | "revision"
                | "memo"
                | "lock"
                | "content"
                | "uid"
                | "build"
                | "design"
                | "designs"
                | "lexer"
                | "tokenizer"
        )
    })
}

/// Whether a name says that others are to believe what is hashed.
fn speaks_of_signature(name: &str) -> bool {
    words(name).iter().any(|word| {
        matches!(
            word.as_str(),
            "sign" | "signature" | "signed" | "verify" | "token" | "mac" | "authenticate" | "checksum"
        )
    })
}
