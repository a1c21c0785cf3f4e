//! Untrusted compressed data that is unpacked whole.

use casemate_python::facts::Hit;
use casemate_python::syntax::{Function, Module, Op};

use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::taint::Verdict;
use crate::rules::{Context, Taint, evidence};

/// `decompression-bomb`
pub(crate) static RULE: Rule = Rule {
    id: "DES710",
    name: "decompression-bomb",
    summary: "Something compressed from outside is unpacked without a limit",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[409],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "5.2.3",
    page: include_str!("decompression_bomb.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["decompress"],
    from: label::UNTRUSTED,
    without: casemate_python::facts::Labels::NONE,
    arrives: "is unpacked",
    message: "{call} unpacks data from outside, however much it comes to: {source}; a kilobyte may become a gigabyte",
    missing: "a limit on what comes out",
    remedy: "Unpack in pieces with a limit (`zlib.decompressobj().decompress(data, limit)`, `file.read(limit)`), or add up `file_size` of the members first and refuse what is too large.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let near = cx.function(cx.facts.module, hit.function);
    let far = cx.function(hit.reach.module, hit.reach.function);
    // What the path of a URL names is no archive, it says which.
    let is_name = (hit.labels & label::UNTRUSTED).without(label::PATH).is_empty();
    let dismissed = is_name
        || evidence::is_answer(cx, hit, label::UNTRUSTED)
        || near.into_iter().chain(far).any(|(module, function)| asks_size(module, function));
    Verdict { dismissed, ..Verdict::default() }
}

/// Whether a function looks at what members come to.
fn asks_size(module: &Module, function: &Function) -> bool {
    function.values().any(|(_, op)| match op {
        Op::Attribute { name, .. } => {
            matches!(module.symbols.text(name), "file_size" | "uncompressed" | "original_size")
        }
        _ => false,
    })
}
