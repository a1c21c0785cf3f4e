//! A secret compared with `==`, which stops at the first difference.

use std::ops::Range;

use casemate_python::facts::Kinds;
use casemate_python::syntax::{Collection, CompareOp, Constant, Function, FunctionId, Op, Span, Value};

use crate::finding::{Confidence, Severity};
use crate::fix::{Fix, Safety};
use crate::models::{label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::cryptography::secrecy::is_of_format;
use crate::rules::values::{called, written};
use crate::rules::{Context, context};

/// `timing-unsafe-compare`
pub(crate) static RULE: Rule = Rule {
    id: "AUT412",
    name: "timing-unsafe-compare",
    summary: "A secret is compared in a time that depends on how much of it is right",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[208],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "11.2.4",
    page: include_str!("timing_unsafe_compare.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            let Op::Compare { op: CompareOp::Eq | CompareOp::NotEq, left, right } = op else { continue };
            // Two objects of the program are compared: `self.token == other.token`.
            let part = |side: Value| cx.module.slice(function.span_of(side)).split_once('.').map(|(_, part)| part);
            if cx.persona == Persona::Default && function.name == "__eq__" && part(left) == part(right) {
                continue;
            }
            let secret = [(left, right), (right, left)]
                .into_iter()
                .find_map(|(one, other)| Some((one, compared_secret(cx, id, one, other)?)));
            if let Some((side, what)) = secret
                && !is_of_query(cx, function, value)
                && !(cx.persona == Persona::Default && is_mark(cx.module.slice(function.span_of(value))))
                && (cx.persona == Persona::Pedantic || !is_of_format(cx.module, id))
            {
                found.push((id, value, side, what));
            }
        }
    }
    for (id, value, list) in listed(cx) {
        let Some(function) = cx.module.function(id) else { continue };
        let (span, written) = (function.span_of(value), Context::written(cx.module, function, list));
        // A table looks for hashes.
        let is_table =
            ["[", ".get(", ".pop(", ".items("].iter().any(|form| cx.module.text.contains(&format!("{written}{form}")));
        if is_table && cx.persona == Persona::Default {
            continue;
        }
        let message = format!(
            "`in` compares what came with the request with each of `{written}` as `==` does: it takes longer the more of one is right, so it can be guessed piece by piece"
        );
        let finding = cx.report(&RULE, (cx.facts.module, id), span, message);
        finding.severity = Severity::Low;
        finding.confidence = Confidence::Medium;
        finding.missing_guard =
            Some("a comparison that takes the same time whatever is compared (`hmac.compare_digest`)".to_owned());
        finding.remedy =
            "Compare with each by `hmac.compare_digest`: `any(hmac.compare_digest(given, known) for known in …)`."
                .to_owned();
    }
    for (id, value, side, what) in found {
        let Some(function) = cx.module.function(id) else { continue };
        let span = function.span_of(value);
        // Tests compare what they made themselves.
        if cx.module.slice(context::statement_at(cx.module, span)).starts_with("assert") {
            continue;
        }
        let written = Context::written(cx.module, function, side);
        let fix = fix(cx, id, function, value);
        let finding = cx.report(
            &RULE,
            (cx.facts.module, id),
            span,
            format!("`{written}` is {what}, and `==` takes longer the more of it is right, so it can be guessed piece by piece"),
        );
        finding.confidence = if what == "a secret" { Confidence::Medium } else { Confidence::High };
        finding.missing_guard =
            Some("a comparison that takes the same time whatever is compared (`hmac.compare_digest`)".to_owned());
        finding.remedy = if what == "the hash of a password" {
            "Let the password hashing library verify (`PasswordHasher().verify(hash, password)`); if digests must be compared, use `hmac.compare_digest(a, b)`.".to_owned()
        } else {
            "Compare with `hmac.compare_digest(a, b)`, both sides as bytes or both as ASCII text.".to_owned()
        };
        finding.fix = fix;
    }
}

/// Whether a comparison is about the mark of a state of a page, which lets nobody in.
fn is_mark(compared: &str) -> bool {
    let lower = compared.to_ascii_lowercase();
    lower.contains("etag") || lower.contains("none-match") || lower.contains("none_match")
}

/// Tests whether credentials of a request are in a list of those that are kept. Sets and tables are found by their hash.
fn listed(cx: &Context<'_>) -> Vec<(FunctionId, Value, Value)> {
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            let Op::Compare { op: CompareOp::In | CompareOp::NotIn, left, right } = op else { continue };
            let list = function.plain(right);
            let name = match function.op(list) {
                Op::Attribute { name, .. } | Op::Name(name) => cx.module.symbols.text(name),
                _ => continue,
            };
            let given = cx.facts.fact(id, left);
            if is_of_credentials(name)
                && given.labels.meets(label::UNTRUSTED)
                && cx.facts.clean(id, left) != Kinds::MAX
                && given_as_credentials(cx, function, left)
                && !cx.facts.fact(id, right).labels.meets(label::UNTRUSTED)
                && !is_hashed(cx, id, list)
            {
                found.push((id, value, list));
            }
        }
    }
    found
}

/// Whether a list holds secrets by its name: `API_TOKENS`, `allowed_keys`, `basic_auth`.
fn is_of_credentials(name: &str) -> bool {
    let words = words(name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    !has(&[
        "csrf", "type", "types", "name", "names", "id", "ids", "url", "urls", "user", "users", "method", "methods",
        "stop",
    ]) && (has(&["token", "tokens", "secret", "secrets", "password", "passwords", "credentials", "apikey", "apikeys"])
        || has(&["key", "keys"]) && has(&["api", "access", "auth", "allowed", "valid", "secret"])
        || has(&["auth", "authorization"]) && has(&["basic", "webhook", "allowed", "valid"]))
}

/// Whether a value is credentials by its name, or the header that carries them.
fn given_as_credentials(cx: &Context<'_>, function: &Function, given: Value) -> bool {
    let plain = function.plain(given);
    let name = function.assigned.iter().find(|(_, assigned)| *assigned == plain || *assigned == given);
    let mut said = words(cx.module.slice(function.span_of(plain)));
    said.extend(words(cx.module.slice(function.span_of(given))));
    said.extend(name.map(|(name, _)| words(cx.module.symbols.text(*name))).unwrap_or_default());
    said.iter().any(|word| {
        matches!(
            word.as_str(),
            "token" | "key" | "apikey" | "secret" | "password" | "auth" | "authorization" | "credentials" | "bearer"
        )
    })
}

/// Whether what is looked through is a set or a table.
fn is_hashed(cx: &Context<'_>, id: FunctionId, list: Value) -> bool {
    let Some(held) = written(cx, id, list) else { return false };
    match held.op() {
        Op::Build { collection, .. } => matches!(collection, Collection::Set | Collection::Dict),
        Op::Call { callee, .. } => {
            matches!(called(held.module, held.function, callee), "set" | "frozenset" | "dict" | "fromkeys")
        }
        Op::Constant(Constant::Str(_)) => true,
        _ => false,
    }
}

/// Whether a comparison is a part of a query, which the database makes: `query.filter(Key.token == token)`.
fn is_of_query(cx: &Context<'_>, function: &Function, compare: Value) -> bool {
    function.values().any(|(_, op)| match op {
        Op::Call { callee, arguments } => {
            let name = match function.op(callee) {
                Op::Attribute { name, .. } | Op::Name(name) => cx.module.symbols.text(name),
                Op::Import(_) => cx.module.slice(function.span_of(callee)),
                _ => return false,
            };
            matches!(
                name,
                "filter"
                    | "where"
                    | "having"
                    | "and_"
                    | "or_"
                    | "not_"
                    | "join"
                    | "outerjoin"
                    | "exists"
                    | "on"
                    | "get_or_none"
            ) && function.call_arguments(arguments).iter().any(|argument| argument.value == compare)
        }
        _ => false,
    })
}

/// The comparison by `hmac.compare_digest`. It raises an error for `None`, for text that is not ASCII, and for bytes
/// beside text, so it is safe only where both sides are known.
fn fix(cx: &Context<'_>, id: FunctionId, function: &Function, value: Value) -> Option<Box<Fix>> {
    let Op::Compare { op, left, right } = function.op(value) else { return None };
    let whole = function.span_of(value);
    let operator = lone_operator(cx.module.slice(whole), if op == CompareOp::Eq { "==" } else { "!=" })?;
    let offset = |at: usize| whole.start + u32::try_from(at).unwrap_or(0);
    let between = Span { start: offset(operator.start), end: offset(operator.end) };
    let negation = if op == CompareOp::Eq { "" } else { "not " };
    let is_known =
        matches!((form(cx, id, function, left), form(cx, id, function, right)), (Some(a), Some(b)) if a == b);
    let safety = if is_known { Safety::Safe } else { Safety::Unsafe };
    let import = cx.import("hmac")?;
    let at = |offset: u32| Span { start: offset, end: offset };
    let edits = [
        (at(whole.start), format!("{negation}hmac.compare_digest(")),
        (between, ", ".to_owned()),
        (at(whole.end), ")".to_owned()),
    ];
    Some(cx.fix("compare with `hmac.compare_digest`", safety, import.into_iter().chain(edits)))
}

/// Where the operator of a comparison stands, with the blanks around it. Chains, and whatever could be one, are left to
/// people.
fn lone_operator(code: &str, sign: &str) -> Option<Range<usize>> {
    let mut found = code.match_indices("==").chain(code.match_indices("!="));
    let (at, operator) = found.next()?;
    if operator != sign || found.next().is_some() {
        return None;
    }
    if code.contains(['<', '>', '#']) || code.split_whitespace().any(|word| matches!(word, "in" | "is")) {
        return None;
    }
    let (left, right) = (code.get(..at)?, code.get(at + operator.len()..)?);
    let is_balanced = |part: &str| {
        [('(', ')'), ('[', ']'), ('{', '}')]
            .iter()
            .all(|(open, close)| part.matches(*open).count() == part.matches(*close).count())
    };
    let (start, end) = (left.trim_end().len(), code.len() - right.trim_start().len());
    (is_balanced(left) && is_balanced(right)).then_some(start..end)
}

/// What a value is for certain.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Bytes,
    Ascii,
}

fn form(cx: &Context<'_>, id: FunctionId, function: &Function, value: Value) -> Option<Form> {
    let value = function.bare(value);
    let Op::Call { callee, .. } = function.op(value) else { return None };
    if let Some(
        "hmac.digest"
        | "base64.b64decode"
        | "base64.urlsafe_b64decode"
        | "binascii.unhexlify"
        | "bytes.fromhex"
        | "hashlib.pbkdf2_hmac"
        | "hashlib.scrypt",
    ) = cx.facts.path(id, callee)
    {
        return Some(Form::Bytes);
    }
    // `hmac.new(…).digest()` and the like.
    let Op::Attribute { of, name } = function.op(callee) else { return None };
    let Op::Call { callee: maker, .. } = function.op(of) else { return None };
    let made_by = cx.facts.path(id, maker)?;
    let is_hash = made_by.starts_with("hashlib.") && !made_by.contains("shake");
    if made_by != "hmac.new" && !is_hash {
        return None;
    }
    match cx.module.symbols.text(name) {
        "digest" => Some(Form::Bytes),
        "hexdigest" => Some(Form::Ascii),
        _ => None,
    }
}

/// What secret `one` is, if comparing it with `other` gives it away.
fn compared_secret(cx: &Context<'_>, id: FunctionId, one: Value, other: Value) -> Option<&'static str> {
    let function = cx.module.function(id)?;
    let written = |value: Value| matches!(function.op(value), Op::Constant(_) | Op::Build { .. });
    if written(one) || written(other) || matches!(function.op(other), Op::Constant(Constant::None)) {
        return None;
    }
    let (secret, given) = (cx.facts.fact(id, one), cx.facts.fact(id, other));
    if secret.labels.meets(label::PASSWORD_DIGEST) {
        return Some("the hash of a password");
    }
    if secret.labels.meets(label::MAC) {
        return Some("a message authentication code");
    }
    let outside = |labels: casemate_python::facts::Labels| labels.meets(label::UNTRUSTED);
    // `password == confirmation` is fine: the caller sent both.
    // A parameter called `token` may just as well be what the caller sent; one called `expected_token` is not.
    let origin = function.bare(one);
    if let Op::Parameter(index) = function.op(origin) {
        let name =
            function.parameters.get(index as usize).map_or("", |parameter| cx.module.symbols.text(parameter.name));
        if !words(name).iter().any(|word| {
            matches!(
                word.as_str(),
                "expected" | "stored" | "correct" | "valid" | "real" | "server" | "secret" | "hash" | "known"
            )
        }) {
            return None;
        }
    }
    if secret.labels.meets(label::SECRET | label::PASSWORD)
        && !outside(secret.labels)
        && outside(given.labels)
        && cx.facts.clean(id, other) != Kinds::MAX
    {
        return Some("a secret");
    }
    is_kept_secret(cx, function, one, other).then_some("a secret")
}

/// `password == config.admin_password`, `USERS.get(name) == password`, in a function that decides who gets in: what
/// somebody gave against what is kept.
fn is_kept_secret(cx: &Context<'_>, function: &Function, kept: Value, given: Value) -> bool {
    let (kept, given) = (function.plain(kept), function.plain(given));
    let name = match function.op(given) {
        Op::Attribute { .. } | Op::Name(_) => return false,
        Op::Parameter(at) => function.parameters.get(at as usize).map(|parameter| parameter.name),
        _ => function.assigned.iter().find(|(_, assigned)| *assigned == given).map(|(name, _)| *name),
    };
    let has = |text: &str, wanted: &[&str]| words(text).iter().any(|word| wanted.contains(&word.as_str()));
    let ends = |text: &str, wanted: &[&str]| words(text).last().is_some_and(|word| wanted.contains(&word.as_str()));
    let is_typed = name.map(|name| cx.module.symbols.text(name)).is_some_and(|name| {
        ends(name, &["password", "passwd", "pwd", "pw"])
            && !has(name, &["new", "old", "confirm", "confirmation", "repeat", "repeated", "again", "second"])
    });
    let written = cx.module.slice(function.span_of(kept));
    // `self.password` of a form was given as well, that of what lets people in is kept.
    let class = function.class.and_then(|class| cx.module.class(class)).map_or("", |class| class.name.as_str());
    let is_of_door = has(class, DOOR) && written.strip_prefix("self.").is_some_and(|rest| !has(rest, GIVEN));
    if !is_typed || !has(&function.name, ENTRY) || has(written, GIVEN) && !is_of_door {
        return false;
    }
    let is_table = |of: Value| has(cx.module.slice(function.span_of(of)), TABLES);
    match function.op(kept) {
        Op::Attribute { name, .. } => {
            ends(cx.module.symbols.text(name), &["password", "passwd", "pwd", "pass", "secret"])
        }
        Op::Subscript { of, .. } => is_table(of),
        Op::Call { callee, .. } => match function.op(callee) {
            Op::Attribute { of, name } => cx.module.symbols.text(name) == "get" && is_table(of),
            _ => false,
        },
        _ => false,
    }
}

/// Words of the names of functions that decide who gets in.
const ENTRY: &[&str] = &[
    "auth",
    "authenticate",
    "authenticated",
    "authorize",
    "authorized",
    "check",
    "credentials",
    "login",
    "process",
    "signin",
    "valid",
    "validate",
    "verify",
];

/// Words of the names of classes that let people in.
const DOOR: &[&str] = &[
    "auth",
    "authentication",
    "authenticator",
    "authorizer",
    "backend",
    "checker",
    "credentials",
    "digest",
    "gateway",
    "login",
    "middleware",
    "server",
    "verifier",
];

/// Words of what was given as well, or is kept where other rules look.
const GIVEN: &[&str] =
    &["account", "body", "cleaned", "data", "form", "payload", "previous", "request", "row", "self", "user"];

/// Words of the names of tables of secrets.
const TABLES: &[&str] = &["accounts", "credentials", "logins", "passwords", "passwd", "users"];
