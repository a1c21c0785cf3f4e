//! Untrusted data in the query languages of search engines and key-value stores.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::Value;

use super::scene::Scene;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `query-dsl-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ108",
    name: "query-dsl-injection",
    summary: "Untrusted data becomes part of a query in a language of its own",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[943],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.4",
    page: include_str!("query_dsl_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["query-dsl"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "becomes part of a query",
    message: "{call} runs a query with data from outside in its text: {source}",
    missing: "values passed separately",
    remedy: "Pass the value separately from the expression: `ExpressionAttributeValues`, `match`, `ARGV`, a parameter.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let Some((scene, value)) = Scene::of_text(cx, hit, label::UNTRUSTED) else { return Verdict::default() };
    let method = scene.method(hit.reach.call).map_or("", |(_, name)| name);
    let searches =
        matches!(method, "search" | "msearch" | "count" | "delete_by_query" | "update_by_query" | "async_search");
    let solr = scene.called(hit.reach.call).starts_with("pysolr.");
    if searches && !solr {
        let by_word = scene.keyword(hit.reach.call, "q").is_some_and(|q| q == value);
        return Verdict::only_if(by_word || is_read(&scene, value, false, 0));
    }
    // `Attr("owner").eq(value)` is no text.
    let is_condition = scene.called(value).contains("conditions.");
    Verdict::only_if(!is_condition)
}

/// Whether data from outside stands where Elasticsearch reads a language.
fn is_read(scene: &Scene<'_>, query: Value, inside: bool, depth: u32) -> bool {
    if depth > 12 || !scene.carries(query) {
        return false;
    }
    let entries = scene.entries(query);
    if !entries.is_empty() {
        return entries.iter().any(|&(key, value)| match key.and_then(|key| scene.constant(key)) {
            Some("query_string" | "script" | "script_score" | "script_fields") => {
                is_read(scene, value, true, depth + 1)
            }
            Some("params" | "fields" | "default_field" | "default_operator" | "lang") => false,
            _ => is_read(scene, value, inside, depth + 1),
        });
    }
    if let Some(items) = scene.items(query) {
        return items.iter().any(|&item| is_read(scene, item, inside, depth + 1));
    }
    // A whole query of the caller's own, or one put together as text.
    inside || depth == 0
}
