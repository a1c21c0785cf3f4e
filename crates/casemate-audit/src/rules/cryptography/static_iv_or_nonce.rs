//! A nonce that is the same for every message.

use casemate_python::syntax::{BinaryOp, Constant, Op};

use super::secrecy::follows_another;
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, is_none, last_name, number, origins, path};
use crate::rules::pattern::{Site, tell};
use crate::rules::secrets::Rebuilder;

/// `static-iv-or-nonce`
pub(crate) static RULE: Rule = Rule {
    id: "CRY905",
    name: "static-iv-or-nonce",
    summary: "Every message is encrypted with the same initialisation vector or nonce",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[329, 323],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "11.3.4",
    page: include_str!("static_iv_or_nonce.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for &site in cx.sites() {
        let Some((what, given, key)) = taken(cx, &site) else { continue };
        let Some(why) = is_static(cx, given, key) else { continue };
        let mut one = site.found(
            format!("the {what} {why}: messages under one key can be compared and undone with each other"),
            "Make a new one for each message (`os.urandom(12)` for GCM and ChaCha20-Poly1305, `os.urandom(16)` for CBC and CTR) and send it along; it need not be secret.",
        );
        if let Some(made) =
            origins(cx, given).into_iter().next().filter(|made| made.home != site.at.home || made.id != site.at.id)
        {
            one.path = vec![
                cx.step(made.home, made.span(), "is always the same".to_owned()),
                cx.step(site.at.home, site.at.span(), format!("is the {what} here")),
            ];
        }
        found.push(if follows_another(cx, site.at.home, site.at.id) { one.suspicion() } else { one });
    }
    tell(cx, &RULE, found);
}

/// What a call takes for its nonce, how that is called, and the key it goes with.
fn taken<'a>(cx: &Context<'a>, site: &Site<'a>) -> Option<(&'static str, At<'a>, Option<At<'a>>)> {
    let (of, last) = site.split();
    let (what, given) = match (of.as_ref(), last) {
        ("cryptography.hazmat.primitives.ciphers.modes", "CBC" | "CFB" | "CFB8" | "OFB" | "GCM") => {
            ("initialisation vector", site.argument(cx, 0, "initialization_vector")?)
        }
        ("cryptography.hazmat.primitives.ciphers.modes", "CTR") => ("nonce", site.argument(cx, 0, "nonce")?),
        ("cryptography.hazmat.primitives.ciphers.algorithms", "ChaCha20") => ("nonce", site.argument(cx, 1, "nonce")?),
        (of, "encrypt") if of.starts_with("cryptography.hazmat.primitives.ciphers.aead.") && !of.contains("AESSIV") => {
            ("nonce", site.argument(cx, 0, "nonce")?)
        }
        ("nacl.secret.SecretBox()" | "nacl.secret.Aead()" | "nacl.public.Box()", "encrypt") => {
            ("nonce", site.argument(cx, 1, "nonce").filter(|at| !is_none(cx, *at))?)
        }
        ("pyaes", "AESModeOfOperationCBC" | "AESModeOfOperationCFB" | "AESModeOfOperationOFB") => {
            ("initialisation vector", site.argument(cx, 1, "iv")?)
        }
        (of, "new") if of.starts_with("Crypto.Cipher.") => {
            let key = site.argument(cx, 0, "key");
            let by_name = ["iv", "IV", "nonce", "initial_value"].iter().find_map(|name| site.keyword(cx, name));
            let stream = of.ends_with("ChaCha20") || of.ends_with("Salsa20") || of.ends_with("ChaCha20_Poly1305");
            if let Some(counter) = site.keyword(cx, "counter") {
                let counter = origins(cx, counter).into_iter().next()?;
                let Op::Call { callee, arguments } = counter.op() else { return None };
                let is_counter = path(cx, counter.with(callee))?.ends_with("Crypto.Util.Counter.new");
                let starts = counter
                    .argument(arguments, 4, "initial_value")
                    .or_else(|| counter.argument(arguments, 1, "prefix"));
                return match starts {
                    None if is_counter => Some(("counter", counter, None)),
                    Some(starts) if is_counter && counter.argument(arguments, 1, "prefix").is_none() => {
                        Some(("counter", starts, None))
                    }
                    _ => None,
                };
            }
            let given = by_name.or_else(|| if stream { None } else { site.position(2) })?;
            return Some(("initialisation vector", given, key));
        }
        _ => return None,
    };
    Some((what, given, None))
}

/// Why a value is the same each time, if it is.
fn is_static(cx: &Context<'_>, given: At<'_>, key: Option<At<'_>>) -> Option<&'static str> {
    if let Some(key) = key {
        // `made[:16]` and `made[16:]` are two things.
        let parts = (key.stripped(), given.stripped());
        let are_apart = matches!((parts.0.op(), parts.1.op()), (Op::Subscript { .. }, Op::Subscript { .. }))
            && !overlaps(parts.0.written(), parts.1.written());
        if are_apart {
            return None;
        }
        let (key, given) = (root(key), root(given));
        let same = key.value == given.value && !matches!(key.op(), Op::Constant(_))
            || matches!((key.op(), given.op()), (Op::Attribute { .. }, Op::Attribute { .. }))
                && key.written() == given.written();
        if same {
            return Some("is the key, so it is the same for every message");
        }
    }
    let origins = origins(cx, given);
    (!origins.is_empty() && origins.iter().all(|at| is_fixed(cx, *at, 0))).then_some("is the same for every message")
}

/// Whether two slices as they are written begin at the same place, or one where the other is not yet over: `[:16]`, `[0:8]`.
fn overlaps(one: &str, other: &str) -> bool {
    let ends = |written: &str| -> Option<(u32, u32)> {
        let inner = written.rsplit_once('[')?.1.strip_suffix(']')?;
        let (start, end) = inner.split_once(':')?;
        let number = |text: &str, otherwise: u32| match text.trim() {
            "" => Some(otherwise),
            text => text.parse().ok(),
        };
        Some((number(start, 0)?, number(end, u32::MAX)?))
    };
    match (ends(one), ends(other)) {
        (Some((start, end)), Some((from, to))) => start < to && from < end,
        _ => true,
    }
}

/// What parts were cut from.
fn root(at: At<'_>) -> At<'_> {
    let mut at = at.stripped();
    while let Op::Subscript { of, .. } = at.op() {
        at = at.with(of).stripped();
    }
    at
}

fn is_fixed(cx: &Context<'_>, at: At<'_>, depth: u32) -> bool {
    if depth > 6 {
        return false;
    }
    let fixed = |value| {
        let inner = crate::rules::constant::origin(cx, at.with(value));
        inner.is_some_and(|inner| is_fixed(cx, inner, depth + 1))
    };
    match at.op() {
        Op::Constant(Constant::Bytes(_) | Constant::Str(_) | Constant::Int(_)) => true,
        Op::Binary { op: BinaryOp::Mult | BinaryOp::Add, left, right } => fixed(left) && fixed(right),
        Op::Subscript { of, .. } => fixed(of),
        Op::Call { callee, arguments } => {
            let last = last_name(at.with(callee));
            let given = at.function.call_arguments(arguments);
            match (last, at.function.op(callee)) {
                ("bytes" | "bytearray", _) => {
                    given.is_empty()
                        || given.first().is_some_and(|one| number(cx, at.with(one.value)).is_some() || fixed(one.value))
                }
                ("encode" | "ljust" | "rjust" | "zfill", Op::Attribute { of, .. }) => fixed(of),
                ("unhexlify" | "fromhex" | "b64decode" | "a2b_hex", _) => {
                    given.first().is_some_and(|one| fixed(one.value))
                }
                // `Counter.new(128)` begins with one.
                ("new", _) => path(cx, at.with(callee)).is_some_and(|path| path.ends_with("Crypto.Util.Counter.new")),
                _ => false,
            }
        }
        Op::Build { items, .. } => at.list(items).iter().all(|&item| fixed(item)),
        _ => Rebuilder::new(at.module).text(at.function, at.value).is_some(),
    }
}
