//! Untrusted compressed data that is unpacked whole.

use casemate_python::flow::Hit;
use casemate_python::syntax::{FunctionId, Op};

use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::taint::Verdict;
use crate::rules::{Context, Taint};

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
    without: casemate_python::flow::Labels::NONE,
    arrives: "is unpacked",
    message: "{call} unpacks data from outside, however much it comes to: {source}; a kilobyte may become a gigabyte",
    missing: "a limit on what comes out",
    remedy: "Unpack in pieces with a limit (`zlib.decompressobj().decompress(data, limit)`, `file.read(limit)`), or add up `file_size` of the members first and refuse what is too large.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let own_reach = (hit.reach.module == cx.facts.module).then_some(hit.reach.function);
    let dismissed = asks_size(cx, hit.function) || own_reach.is_some_and(|id| asks_size(cx, id));
    Verdict { dismissed, ..Verdict::default() }
}

/// Whether a function looks at what members come to.
fn asks_size(cx: &Context<'_>, id: FunctionId) -> bool {
    let Some(function) = cx.module.function(id) else { return false };
    function.values().any(|(_, op)| match op {
        Op::Attribute { name, .. } => {
            matches!(cx.module.symbols.text(name), "file_size" | "uncompressed" | "original_size")
        }
        _ => false,
    })
}
