//! A server fetches from a fixed host what somebody outside chooses there.

use casemate_python::facts::{Hit, Labels, TextPart};
use casemate_python::syntax::{FunctionId, Value};

use super::FROM_OUTSIDE;
use super::urls::{self, Chosen, Worth};
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::taint::Verdict;
use crate::rules::{Context, Taint, evidence};

/// `ssrf-partial`
pub(crate) static RULE: Rule = Rule {
    id: "NET302",
    name: "ssrf-partial",
    summary: "The path of a URL that the server fetches is chosen from outside",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[918],
    owasp_2021: "A10",
    owasp_2025: "A01",
    asvs: "1.3.6",
    page: include_str!("ssrf_partial.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["url"],
    from: FROM_OUTSIDE,
    without: Labels::NONE,
    arrives: "becomes part of what is fetched",
    message: "{call} fetches from a fixed host what is chosen from outside: {source}",
    missing: "encoding of the value as one part of the path (`quote(value, safe=\"\")`), or a check of it",
    remedy: "Encode the value so that it stays one part of the URL: `quote(value, safe=\"\")` in a path, `params={…}` in a query. Better still, let it be a number or one of a fixed list.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let cleaned = cx
        .knowledge
        .kind("url-part")
        .is_some_and(|kind| hit.reach.module == cx.facts.module && is_clean(cx, hit.function, hit.argument, kind));
    // What a client of a service makes of an id is its own affair.
    let is_far = cx.persona == Persona::Default && evidence::functions(cx, hit, FROM_OUTSIDE) > 2;
    let dismissed =
        is_far || cleaned || urls::chosen(cx, hit) == Chosen::Host || urls::checked(cx, hit) == Some(Worth::Strong);
    Verdict { dismissed, ..Verdict::default() }
}

/// Whether all that is filled in from outside was encoded.
fn is_clean(cx: &Context<'_>, id: FunctionId, value: Value, kind: u8) -> bool {
    let parts = cx.facts.text_of(cx.program, id, value);
    let mut holes = parts.into_iter().filter_map(|part| match part {
        TextPart::Hole(hole) => Some(cx.facts.fact(id, hole)),
        TextPart::Literal(_) => None,
    });
    holes.all(|fact| !fact.labels.meets(FROM_OUTSIDE) || cx.facts.clean_of(fact) & (1 << kind) != 0)
}
