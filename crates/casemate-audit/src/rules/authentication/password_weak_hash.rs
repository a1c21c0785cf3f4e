//! A password hashed with a function made to be fast.

use casemate_python::facts::Reach;
use casemate_python::names::ModuleId;
use casemate_python::syntax::{CompareOp, Constant, Function, FunctionId, Module, Op, Value};

use rustc_hash::FxHashSet;

use crate::finding::{Confidence, Severity};
use crate::models::{label, sink, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::constant::text;
use crate::rules::cryptography::secrecy::{
    answers_challenge, goes_on, is_asked_by_another, is_of_format, is_of_protocol,
};
use crate::rules::cryptography::weak_hash::speaks_of_identity;
use crate::rules::pattern::tell;
use crate::rules::{Context, evidence};

/// `password-weak-hash`
pub(crate) static RULE: Rule = Rule {
    id: "AUT410",
    name: "password-weak-hash",
    summary: "A password is hashed with a fast hash instead of a password hash",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[916, 759],
    owasp_2021: "A04",
    owasp_2025: "A04",
    asvs: "11.4.2",
    page: include_str!("password_weak_hash.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let facts = cx.facts;
    let hits =
        || facts.hits.iter().filter(|hit| hit.reach.kind == sink::FAST_HASH && hit.labels.meets(label::PASSWORD));
    let protocols: FxHashSet<Reach> = hits()
        .filter(|hit| {
            is_protocol(cx, facts.module, hit.function) || is_protocol(cx, hit.reach.module, hit.reach.function)
        })
        .map(|hit| hit.reach)
        .collect();
    // A hash is fed in several steps.
    let mut told = FxHashSet::default();
    for hit in hits() {
        let reach = hit.reach;
        let Some((module, function)) = cx.function(reach.module, reach.function) else { continue };
        let Op::Call { callee, arguments } = function.op(reach.call) else { continue };
        let not_for_security = function.call_arguments(arguments).iter().any(|argument| {
            matches!(argument.passing, casemate_python::syntax::Passing::Keyword(name) if module.symbols.text(name) == "usedforsecurity")
                && matches!(function.op(argument.value), Op::Constant(Constant::Bool(false)))
        });
        // How `$1$` and `$apr1$` are made is laid down.
        let is_scheme = ["md5crypt", "md5_crypt", "apr1"].iter().any(|scheme| function.name.contains(scheme));
        if not_for_security
            || is_scheme && cx.persona == Persona::Default
            || protocols.contains(&reach)
            || cx.persona == Persona::Default
                && (stores_nothing(cx, (reach.module, reach.function, reach.call), callee)
                    || evidence::is_thin(cx, hit, label::PASSWORD))
            || goes_on_to_password_hash(cx, module, function, reach.function, reach.call, reach.module == facts.module)
        {
            continue;
        }
        // `h.update(password)` feeds `h`, `md5(password)` a hash of its own.
        let hash = match function.op(callee) {
            Op::Attribute { of, name } if module.symbols.text(name) == "update" => function.bare(of),
            _ => reach.call,
        };
        if !told.insert((reach.module, reach.function, hash)) {
            continue;
        }
        let span = function.span_of(reach.call);
        let name = module.slice(function.span_of(callee)).to_owned();
        let path = cx.path(hit, label::PASSWORD, "is hashed");
        let finding = cx.report(
            &RULE,
            (reach.module, reach.function),
            span,
            format!("a password is hashed by `{}`, which is made to be fast: whoever gets the hashes tries billions of passwords a second", super::super::context::short(&name)),
        );
        finding.path = path;
        finding.missing_guard =
            Some("a password hash with salt and adjustable cost (Argon2id, scrypt, bcrypt, PBKDF2)".to_owned());
        finding.remedy =
            "Use `argon2.PasswordHasher().hash(password)` and `.verify(hash, password)` from argon2-cffi, which salt by themselves; rehash old entries at the next sign-in.".to_owned();
    }
    chosen(cx);
}

/// `make_password(password, hasher="md5")`
fn chosen(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for &site in cx.sites() {
        if !matches!(
            site.path,
            "django.contrib.auth.hashers.make_password" | "werkzeug.security.generate_password_hash"
        ) {
            continue;
        }
        let named = if site.path.starts_with("django.") { (2, "hasher") } else { (1, "method") };
        let Some(name) = site.argument(cx, named.0, named.1).and_then(|at| text(cx, at)) else { continue };
        if matches!(
            name.as_str(),
            "md5" | "sha1" | "unsalted_md5" | "unsalted_sha1" | "crypt" | "plain" | "sha256" | "sha512"
        ) {
            let message = format!(
                "a password is hashed with `{name}`, which is made to be fast: whoever gets the hashes tries billions of passwords a second"
            );
            found.push(
                site.found(message, "Leave it out: the default is slow and salted.").confidence(Confidence::High),
            );
        }
    }
    tell(cx, &RULE, found);
}

/// Whether a function speaks a protocol that asks for this very hash: a breach database (SHA-1 of the password), digest
/// authentication, or the handshake of a database. What it sends is not what anybody stores.
fn is_protocol(cx: &Context<'_>, module: ModuleId, id: FunctionId) -> bool {
    let Some((source, function)) = cx.function(module, id) else { return false };
    let speaks = |name: &str| {
        words(name).iter().any(|word| {
            matches!(
                word.as_str(),
                "pwned"
                    | "hibp"
                    | "breached"
                    | "leaked"
                    | "compromised"
                    | "nonce"
                    | "cnonce"
                    | "realm"
                    | "scramble"
                    | "challenge"
                    | "challenger"
                    | "handshake"
                    | "scram"
                    | "ntlm"
                    | "ha1"
                    | "seed"
                    | "evp"
                    | "bytestokey"
                    | "htdigest"
            )
        })
    };
    let mut around = Some(id);
    while let Some(scope) = around.and_then(|id| source.function(id)) {
        let class = scope.class.and_then(|class| source.class(class));
        if speaks(&scope.name)
            || class.is_some_and(|class| speaks(&class.name))
            || answers_challenge(source, scope)
            || scope.parameters.iter().any(|parameter| speaks(source.symbols.text(parameter.name)))
        {
            return true;
        }
        around = scope.parent.filter(|parent| parent.0 != 0);
    }
    source.slice(function.span).contains("pwnedpasswords")
        || speaks(source.path.rsplit('/').next().unwrap_or_default())
        || is_of_format(source, id)
        || is_of_protocol(source, id)
        || reads_scheme(source, function)
        || module == cx.facts.module && is_asked_by_another(cx)
}

/// Whether what comes out is no hash that anybody keeps: it is found again in memory, names a file, or is compared with what
/// was stored under an algorithm that the stored value names.
fn stores_nothing(cx: &Context<'_>, (home, id, call): (ModuleId, FunctionId, Value), callee: Value) -> bool {
    let Some((module, function)) = cx.function(home, id) else { return false };
    let uses = goes_on(function, call);
    let named = |value: Value| {
        function.assigned.iter().filter(move |(_, held)| *held == value).map(|(name, _)| module.symbols.text(*name))
    };
    let is_identity =
        std::iter::once(call).chain(uses.iter().copied()).any(|value| named(value).any(speaks_of_identity))
            || function.returns.iter().any(|value| uses.contains(value) || *value == call)
                && speaks_of_identity(&function.name);
    if is_identity {
        return true;
    }
    let has = |value: Value| value == call || uses.contains(&value);
    // `if digest in known: return known[digest]`
    let mut is_key = false;
    let mut is_more = function.returns.iter().any(|&value| has(value));
    for (_, op) in function.values() {
        match op {
            Op::Compare { op: CompareOp::In | CompareOp::NotIn, left, .. } if has(left) => is_key = true,
            Op::Compare { left, right, .. } if has(left) || has(right) => is_more = true,
            Op::StoreAttribute { value, .. } | Op::StoreName { value, .. } if has(value) => is_more = true,
            Op::StoreItem { value, .. } if has(value) => is_more = true,
            _ => {}
        }
    }
    if is_key && !is_more {
        return true;
    }
    let path = cx.all_facts.get(home).and_then(|facts| facts.path(id, callee)).unwrap_or_default();
    let Op::Call { arguments, .. } = function.op(call) else { return false };
    let arguments = function.call_arguments(arguments);
    // How `crypt` hashes is what its salt says: one that was stored, or one of the long ones.
    if path == "crypt.crypt" {
        let Some(salt) = arguments.get(1) else { return true };
        let Some(text) = module.constant_str(function, salt.value) else {
            let written = module.slice(function.span_of(salt.value));
            return !["METHOD_CRYPT", "METHOD_MD5"].iter().any(|weak| written.contains(weak));
        };
        return ["$2", "$5$", "$6$", "$y$", "$7$"].iter().any(|long| text.starts_with(long));
    }
    // `hashlib.new(scheme)`, where the scheme stands before the stored hash.
    let made = match function.op(callee) {
        Op::Attribute { of, name } if module.symbols.text(name) == "update" => function.bare(of),
        _ => call,
    };
    let is_by_name = matches!(function.op(made), Op::Call { callee, arguments }
    if module.slice(function.span_of(callee)).ends_with("new")
        && function.call_arguments(arguments).first().is_some_and(|first| {
            module.constant_str(function, first.value).is_none()
                && words(module.slice(function.span_of(first.value)))
                    .iter()
                    .any(|word| matches!(word.as_str(), "algorithm" | "algo" | "scheme" | "type" | "method" | "kind"))
        }));
    let after = goes_on(function, made);
    is_by_name
        && function.values().any(|(_, op)| {
            matches!(op, Op::Compare { op: CompareOp::Eq | CompareOp::NotEq, left, right }
                if after.contains(&left) || after.contains(&right))
        })
}

/// Whether a function compares with what others stored, whose first letters say how it was made: `{SHA}`, `{SSHA}`.
fn reads_scheme(source: &Module, function: &Function) -> bool {
    function.values().any(|(_, op)| match op {
        Op::Call { callee, arguments } => {
            matches!(function.op(callee), Op::Attribute { name, .. } if source.symbols.text(name) == "startswith")
                && function
                    .call_arguments(arguments)
                    .first()
                    .and_then(|first| source.constant_str(function, first.value))
                    .is_some_and(|start| start.starts_with('{') && start.ends_with('}'))
        }
        _ => false,
    })
}

/// Whether the digest is only brought into shape for a real password hash.
fn goes_on_to_password_hash(
    cx: &Context<'_>,
    module: &Module,
    function: &Function,
    id: FunctionId,
    digest: Value,
    local: bool,
) -> bool {
    Context::uses(function, digest).into_iter().any(|value| {
        let Op::Call { callee, .. } = function.op(value) else { return false };
        let path = if local { cx.facts.path(id, callee).unwrap_or("") } else { "" };
        if ["bcrypt.", "argon2.", "passlib.", "scrypt.", "nacl.pwhash.", "hashlib.pbkdf2_hmac", "hashlib.scrypt"]
            .iter()
            .any(|prefix| path.starts_with(prefix))
        {
            return true;
        }
        match function.op(callee) {
            Op::Attribute { name, .. } => {
                matches!(module.symbols.text(name), "hashpw" | "checkpw" | "derive" | "verify" | "hash")
            }
            _ => false,
        }
    })
}
