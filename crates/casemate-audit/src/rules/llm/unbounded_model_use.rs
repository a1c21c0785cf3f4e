//! Public routes that call a language model with no limit of any kind.

use casemate_python::syntax::Op;

use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `unbounded-model-use`
pub(crate) static RULE: Rule = Rule {
    id: "LLM1310",
    name: "unbounded-model-use",
    summary: "Anybody can make the application call a language model without a bound",
    severity: Severity::Low,
    kind: Kind::Program,
    persona: Persona::Pedantic,
    cwe: &[799],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "2.4.1",
    page: include_str!("unbounded_model_use.md"),
};

/// Keywords that bound what a call costs.
const BOUNDS: &[&str] =
    &["max_tokens", "max_output_tokens", "max_completion_tokens", "max_new_tokens", "num_predict", "max_turns"];

pub(crate) fn check(cx: &mut Context<'_>) {
    for route in cx.routes() {
        let (guards, path) = cx.chain(route);
        let Some((_, handler)) = cx.function(route.module, route.handler) else { continue };
        let asks = handler.values().any(|(value, op)| {
            matches!(op, Op::Call { .. }) && cx.facts.fact(route.handler, value).labels.meets(label::MODEL)
        });
        let bounded = BOUNDS.iter().any(|name| cx.module.text.contains(name));
        let limited = handler.values().any(|(_, op)| match op {
            Op::Call { callee, .. } => words(cx.module.slice(handler.span_of(callee))).iter().any(|word| {
                matches!(word.as_str(), "limit" | "limiter" | "throttle" | "quota" | "budget" | "ratelimit")
            }),
            _ => false,
        });
        if !asks || bounded || limited || !guards.is_empty() {
            continue;
        }
        let message =
            format!("anybody can make `{path}` call a language model, as often and for as long an answer as they like");
        let finding = cx.report(&RULE, (route.module, route.handler), handler.name_span, message);
        finding.confidence = Confidence::Medium;
        finding.missing_guard = Some("a limiter, a sign-in, or a bound of tokens".to_owned());
        finding.remedy = "Put a limiter on the route, counted by account, and give the model `max_tokens`.".to_owned();
    }
}
