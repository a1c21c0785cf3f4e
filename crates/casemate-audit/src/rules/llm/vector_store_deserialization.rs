//! Stores of vectors and models that are loaded with permission to run code.

use casemate_python::syntax::{Constant, Op};

use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `vector-store-deserialization`
pub(crate) static RULE: Rule = Rule {
    id: "LLM1308",
    name: "vector-store-deserialization",
    summary: "A vector store is loaded in a way that runs code",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[502],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "1.5.2",
    page: include_str!("vector_store_deserialization.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let calls: Vec<_> = cx.calls().collect();
    for (id, function, call, callee, arguments) in calls {
        let says = |name: &str, wanted: bool| {
            cx.keyword(arguments, name)
                .is_some_and(|value| matches!(function.op(value), Op::Constant(Constant::Bool(said)) if said == wanted))
        };
        let root = cx.facts.path(id, callee).unwrap_or("").split('.').next().unwrap_or("").to_owned();
        let message = if says("allow_dangerous_deserialization", true) {
            "the store is read with `allow_dangerous_deserialization=True`, which runs code that its file holds"
        } else if root == "torch" && says("weights_only", false) {
            "the model is read with `weights_only=False`, which runs code that its file holds"
        } else if matches!(root.as_str(), "llama_index" | "txtai") && says("allow_pickle", true) {
            "the store is read with `allow_pickle=True`, which runs code that its file holds"
        } else {
            continue;
        };
        let finding = cx.report(&RULE, (cx.facts.module, id), function.span_of(call), message.to_owned());
        finding.missing_guard = Some("a format without code".to_owned());
        finding.remedy = "Build the store from its texts or keep it in a format without code; load only files that your own pipeline wrote.".to_owned();
    }
}
