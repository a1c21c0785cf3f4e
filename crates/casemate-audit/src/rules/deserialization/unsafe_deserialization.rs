//! Untrusted data in pickle and its kin, whose loading runs what the data says.

use casemate_python::facts::Hit;
use casemate_python::syntax::{Function, FunctionId, FunctionKind, Op, Value};

use crate::finding::{Confidence, Severity};
use crate::models::{label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::taint::Verdict;
use crate::rules::told::{self, Told};
use crate::rules::values::{called, given, has_at_least, speaks_of};
use crate::rules::{Context, Taint, caller};

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

/// Public functions of a library that load pickles from the file a caller names: `def load_model(path)`. Files of models,
/// states and results are handed around.
pub(crate) fn loaders(cx: &mut Context<'_>) {
    let stem = cx.module.path.rsplit('/').next().unwrap_or_default();
    let is_own =
        words(stem).iter().any(|word| word.ends_with("cache") || matches!(word.as_str(), "caches" | "caching"));
    if is_own || !speaks_of(cx, &["load", "read_pickle"]) || !caller::is_product(&cx.module.path, cx) || cx.is_called()
    {
        return;
    }
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        let loads = match cx.facts.path(id, callee) {
            Some(
                "pickle.load"
                | "dill.load"
                | "cloudpickle.load"
                | "joblib.load"
                | "pandas.read_pickle"
                | "pickle.Unpickler().load",
            ) => true,
            Some("numpy.load") => given(cx, id, arguments, Some(2), "allow_pickle").is_true(),
            _ => false,
        };
        let Some(first) = arguments.first().filter(|_| loads && is_public_loader(function)) else { continue };
        if cx.persona == Persona::Default && caller::switches_pickle(cx.module, function) {
            continue;
        }
        let is_told = cx.facts.hits.iter().any(|hit| {
            (hit.reach.module, hit.reach.function, hit.reach.call) == (cx.facts.module, id, value)
                && (hit.labels.meets(label::UNTRUSTED) || caller::counts(cx, &RULE, hit))
        });
        if !is_told && is_named_by_caller(cx, function, first.value) {
            let message = "this loads a pickle from whatever file a caller names; a file that somebody else made runs code when it is loaded";
            let step = |span, note: &str| cx.step(cx.facts.module, span, note.to_owned());
            let path = vec![
                step(function.name_span, "who calls it names a file"),
                step(function.span_of(value), TAINT.arrives),
            ];
            found.push(
                Told::new(id, function.span_of(value), message, TAINT.remedy)
                    .path(path)
                    .severity(Severity::Medium)
                    .confidence(Confidence::Medium)
                    .missing(TAINT.missing),
            );
        }
    }
    told::report(cx, &RULE, found);
}

/// Whether a function is there for others, and its name says that it loads.
fn is_public_loader(function: &Function) -> bool {
    function.kind == FunctionKind::Def
        && !function.qualified.split('.').any(|name| name.starts_with('_'))
        && words(&function.name)
            .iter()
            .any(|word| matches!(word.as_str(), "load" | "read" | "import" | "open" | "restore" | "from" | "unpickle"))
        && !words(&function.qualified).iter().any(|word| matches!(word.as_str(), "cache" | "cached" | "worker" | "job"))
}

/// Whether a file is the one that a parameter names: the path itself, or opened from it.
fn is_named_by_caller(cx: &Context<'_>, function: &Function, file: Value) -> bool {
    let mut at = file;
    for _ in 0..8 {
        at = function.plain(at);
        match function.op(at) {
            Op::Enter(of) => at = of,
            Op::Parameter(index) => {
                let name = function.parameters.get(index as usize).map_or("", |one| cx.module.symbols.text(one.name));
                return words(name).iter().any(|word| {
                    matches!(
                        word.as_str(),
                        "path" | "file" | "filename" | "filepath" | "fname" | "fn" | "fp" | "f" | "model" | "input"
                    )
                });
            }
            Op::Call { callee, arguments } => match called(cx.module, function, callee) {
                // `path.open("rb")` and `open(path, "rb")`
                "open" => {
                    let first = function.call_arguments(arguments).first();
                    at = match function.op(callee) {
                        Op::Attribute { of, .. } if matches!(function.op(function.plain(of)), Op::Parameter(_)) => of,
                        _ => match first {
                            Some(first) => first.value,
                            None => return false,
                        },
                    };
                }
                "Path" | "str" | "fspath" | "expanduser" | "abspath" => {
                    match function.call_arguments(arguments).first() {
                        Some(first) => at = first.value,
                        None => return false,
                    }
                }
                _ => return false,
            },
            _ => return false,
        }
    }
    false
}
