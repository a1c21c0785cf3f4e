//! Untrusted data in the text of an XPath expression.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::{CompareOp, Op, Outcome, Value};

use super::scene::Scene;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `xpath-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ124",
    name: "xpath-injection",
    summary: "Untrusted data becomes part of an XPath expression",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[643],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.7",
    page: include_str!("xpath_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["xpath"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "becomes part of an XPath expression",
    message: "{call} evaluates an XPath expression made of data from outside: {source}",
    missing: "variables of the expression",
    remedy: "Pass the value as a variable, `tree.xpath(\"//user[@name=$name]\", name=name)`, or compare in Python.",
    judge: Some(judge),
};

/// Whether everything that is filled in stands between two of these quotes.
fn is_between(text: &str, quote: char) -> bool {
    let mut is_open = false;
    let mut found = false;
    for c in text.chars() {
        match c {
            c if c == quote => is_open = !is_open,
            '\u{1}' if !is_open => return false,
            '\u{1}' => found = true,
            _ => {}
        }
    }
    found
}

/// Whether a quote is taken out of all that is filled in, or refused: `"'" in name`.
fn loses_quotes(scene: &Scene<'_>, value: Value, quote: char) -> bool {
    let is_quote = |value: Value| scene.constant(value).is_some_and(|text| text.chars().eq([quote]));
    let parts = scene.made_from(value);
    parts.iter().any(|&from| match scene.function.op(from) {
        Op::Refine { test, outcome: Outcome::Failed, .. } => {
            matches!(scene.function.op(test), Op::Compare { op: CompareOp::In, left, .. } if is_quote(left))
        }
        Op::Call { .. } => {
            let put = scene.arguments(from);
            matches!((scene.method(from), put), (Some((_, "replace")), [taken, put]) if is_quote(taken.value)
                && scene.constant(put.value).is_some_and(|put| !put.contains(quote)))
        }
        _ => false,
    })
}

/// Patterns and texts have a `findall` as well; what is not known must read like a path.
fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let Some(sink) = Scene::of(cx, hit, label::UNTRUSTED) else { return Verdict::DISMISSED };
    let called = sink.called(hit.reach.call);
    // What a document says of itself leads to what is in the same document.
    if let Some((of, _)) = sink.method(hit.reach.call) {
        let of = sink.bare(of);
        let is_own = |value: Value| matches!(sink.method(value), Some((document, "xpath" | "find" | "findall" | "findtext")) if sink.bare(document) == of);
        if cx.persona == Persona::Default && sink.made_from(hit.reach.argument).into_iter().any(is_own) {
            return Verdict::DISMISSED;
        }
    }
    let named = matches!(sink.method(hit.reach.call), Some((_, "xpath")));
    let known = ["lxml.", "xml.", "defusedxml.", "parsel.", "elementpath."].iter().any(|root| called.starts_with(root));
    let Some((scene, value)) = Scene::of_text(cx, hit, label::UNTRUSTED) else { return Verdict::DISMISSED };
    let text = scene.marked(value);
    if ['\'', '"'].iter().any(|&quote| is_between(&text, quote) && loses_quotes(&scene, value, quote)) {
        return Verdict::DISMISSED;
    }
    if named || known {
        return Verdict::default();
    }
    Verdict::only_if(
        text.contains("/") && text.contains("[")
            || text.contains("[@")
            || text.starts_with("./")
            || text.starts_with("//"),
    )
}
