//! Untrusted data in pickle and its kin, whose loading runs what the data says.

use casemate_python::facts::Hit;
use casemate_python::syntax::{FunctionId, Op};

use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::taint::Verdict;
use crate::rules::values::{called, given, has_at_least};
use crate::rules::{Context, Taint};

/// `unsafe-deserialization`
pub(crate) static RULE: Rule = Rule {
    id: "DES701",
    name: "unsafe-deserialization",
    summary: "Data from outside is made into objects of any kind, which runs code",
    severity: Severity::Critical,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[502],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "1.5.2",
    page: include_str!("unsafe_deserialization.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["deserialize"],
    from: label::UNTRUSTED,
    without: casemate_python::facts::Labels::NONE,
    arrives: "is made into objects",
    message: "{call} makes objects of data from outside: {source}; loading it runs whatever its sender wants",
    missing: "a format that holds data only (JSON), or a signature checked before loading",
    remedy: "Exchange JSON, MessagePack or protobuf instead. Where it has to be pickle, sign it with a secret key and check the signature (`hmac.compare_digest`) before loading; for models use safetensors or `weights_only=True`.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let is_old_torch =
        cx.function(hit.reach.module, hit.reach.function).is_some_and(|(module, function)| {
            match function.op(hit.reach.call) {
                Op::Call { callee, arguments } if hit.reach.module == cx.facts.module => {
                    cx.facts.path(hit.reach.function, callee).is_some_and(|path| path.starts_with("torch."))
                        && given(cx, hit.reach.function, function.call_arguments(arguments), None, "weights_only")
                            .is_nothing()
                        && has_at_least(cx.manifests, "torch", [2, 6])
                }
                _ => module.path.is_empty(),
            }
        });
    // `pickle.loads(pickle.dumps(x))` copies.
    let is_copy = cx.function(hit.reach.module, hit.reach.function).is_some_and(|(module, function)| {
        matches!(function.op(function.plain(hit.reach.argument)), Op::Call { callee, .. } if called(module, function, callee) == "dumps")
    });
    let own_reach = (hit.reach.module == cx.facts.module).then_some(hit.reach.function);
    let is_signed = checks_signature(cx, hit.function) || own_reach.is_some_and(|id| checks_signature(cx, id));
    Verdict { dismissed: is_old_torch || is_copy || is_signed, ..Verdict::default() }
}

/// Whether a function compares a message authentication code, or takes a signature off.
fn checks_signature(cx: &Context<'_>, id: FunctionId) -> bool {
    let Some(function) = cx.module.function(id) else { return false };
    function.values().any(|(_, op)| {
        let Op::Call { callee, .. } = op else { return false };
        matches!(
            called(cx.module, function, callee),
            "compare_digest" | "unsign" | "constant_time_compare" | "bytes_eq" | "verify_signature"
        ) || cx.facts.path(id, callee).is_some_and(|path| path.starts_with("cryptography.fernet.Fernet().decrypt"))
    })
}
