//! Untrusted objects in the queries of a document database.

use casemate_python::facts::{Hit, Labels};
use casemate_python::syntax::{Op, Value};

use super::scene::Scene;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `nosql-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ107",
    name: "nosql-injection",
    summary: "Untrusted data becomes an operator of a document query",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[943],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.4",
    page: include_str!("nosql_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["nosql"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "becomes part of a query",
    message: "{call} runs a query in which data from outside may be an operator: {source}",
    missing: "a conversion to text",
    remedy: "Turn the value into a text with `str()`, declare it as `str` in a model, or write `{\"$eq\": value}`; keep `$where` out of queries.",
    judge: Some(judge),
};

/// Labels of what may be an object and not only a text.
const OBJECTS: Labels =
    Labels(label::BODY.0 | label::MESSAGE.0 | label::NETWORK.0 | label::ANSWER.0 | label::TASK.0 | label::PARAMETER.0);

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let Some(scene) = Scene::of(cx, hit, label::UNTRUSTED) else { return Verdict::DISMISSED };
    let method = scene.method(hit.reach.call).map_or("", |(_, name)| name);
    let (place, query) = match Scene::of_text(cx, hit, label::UNTRUSTED) {
        Some(at) => at,
        None => (scene, hit.reach.argument),
    };
    // Texts, trees and pages have a `find` as well.
    let vague = matches!(method, "find" | "aggregate" | "distinct" | "count" | "objects" | "filter");
    if vague
        && place.entries(query).is_empty()
        && !scene.imports(PACKAGES)
        && !place.imports(PACKAGES)
        && scene.keyword(hit.reach.call, "__raw__").is_none()
    {
        return Verdict::DISMISSED;
    }
    Verdict::only_if(is_open(&place, query, hit.labels, 0))
}

const PACKAGES: &[&str] =
    &["pymongo", "motor", "mongoengine", "flask_pymongo", "beanie", "odmantic", "bson", "mongomock"];

/// Whether data from outside may be an operator in a query.
fn is_open(scene: &Scene<'_>, query: Value, labels: Labels, depth: u32) -> bool {
    if depth > 12 || !scene.carries(query) {
        return false;
    }
    let bare = scene.bare(query);
    let entries = scene.entries(bare);
    if !entries.is_empty() {
        return entries.iter().any(|&(key, value)| {
            match key.and_then(|key| scene.constant(key)) {
                Some("$where" | "$function" | "$accumulator") => scene.carries(value),
                // Operands of comparisons are taken literally.
                Some(
                    "$eq" | "$in" | "$nin" | "$gt" | "$gte" | "$lt" | "$lte" | "$ne" | "$search" | "$regex"
                    | "$options",
                ) => false,
                _ => is_open(scene, value, labels, depth + 1),
            }
        });
    }
    if let Some(items) = scene.items(bare) {
        return items.iter().any(|&item| is_open(scene, item, labels, depth + 1));
    }
    match scene.function.op(bare) {
        Op::Spread(of) => is_open(scene, of, labels, depth + 1),
        Op::Format(_) | Op::Binary { .. } | Op::Constant(_) => false,
        Op::Phi(list) | Op::Or(list) => {
            scene.function.list(list).iter().any(|&one| one.0 < bare.0 && is_open(scene, one, labels, depth + 1))
        }
        Op::Choice { yes, no, .. } => is_open(scene, yes, labels, depth + 1) || is_open(scene, no, labels, depth + 1),
        Op::Call { .. }
            if matches!(
                scene.called(bare),
                "json.loads" | "json.load" | "orjson.loads" | "ujson.loads" | "bson.json_util.loads"
            ) =>
        {
            true
        }
        _ => {
            if scene.is_clean(query, "nosql") || scene.path(bare) == "str()" || scene.called(bare) == "str" {
                return false;
            }
            if let Some(kind) = scene.field_type(bare) {
                return ["dict", "Dict", "Any", "Mapping", "object", "Json"].iter().any(|word| kind.contains(word));
            }
            let seen = scene.labels(query);
            if seen.meets(label::UNTRUSTED) { seen.meets(OBJECTS) } else { labels.meets(OBJECTS) }
        }
    }
}
