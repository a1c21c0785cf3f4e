//! Untrusted data in the text of a graph query.

use casemate_python::facts::{Hit, Labels};

use super::scene::Scene;
use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, Taint, Verdict};

/// `graph-query-injection`
pub(crate) static RULE: Rule = Rule {
    id: "INJ109",
    name: "graph-query-injection",
    summary: "Untrusted data becomes part of a Cypher, Gremlin, SPARQL or GraphQL query",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[943],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.4",
    page: include_str!("graph_query_injection.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["graph-query"],
    from: label::UNTRUSTED,
    without: Labels::NONE,
    arrives: "becomes part of a query",
    message: "{call} runs a graph query with data from outside in its text: {source}",
    missing: "parameters of the query",
    remedy: "Write a parameter into the query and pass the value separately: `session.run(\"… {name: $name}\", name=name)`.",
    judge: Some(judge),
};

/// What is only called `run` or `submit` must read like a query.
fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let Some((scene, value)) = Scene::of_text(cx, hit, label::UNTRUSTED) else { return Verdict::DISMISSED };
    let Some(sink) = Scene::of(cx, hit, label::UNTRUSTED) else { return Verdict::DISMISSED };
    let called = sink.called(hit.reach.call);
    let known =
        ["neo4j.", "gremlin_python.", "SPARQLWrapper.", "rdflib.", "gql."].iter().any(|root| called.starts_with(root));
    let text = scene.marked(value);
    Verdict::only_if(known || reads_as_graph_query(&text))
}

fn reads_as_graph_query(text: &str) -> bool {
    let upper = text.to_uppercase();
    let start = upper.trim_start();
    let cypher =
        ["MATCH", "OPTIONAL MATCH", "MERGE", "CREATE", "UNWIND", "CALL"].iter().any(|word| start.starts_with(word))
            && (start.contains("(") || start.contains("YIELD"))
            && ["RETURN", "DELETE", "SET ", "MERGE", "CREATE", "WITH "].iter().any(|word| start.contains(word));
    let gremlin = ["g.V(", "g.E(", "g.addV(", "g.inject("].iter().any(|word| text.trim_start().starts_with(word));
    let sparql = (start.starts_with("SELECT")
        || start.starts_with("ASK")
        || start.starts_with("CONSTRUCT")
        || start.starts_with("PREFIX"))
        && start.contains("WHERE")
        && start.contains('{')
        && start.contains('?');
    cypher || gremlin || sparql
}
