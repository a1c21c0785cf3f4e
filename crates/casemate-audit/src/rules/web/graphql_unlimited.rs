//! A GraphQL schema without a limit of depth, size or cost.

use super::configured::is_for_development;
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{given, mentions};

/// `graphql-unlimited`
pub(crate) static RULE: Rule = Rule {
    id: "WEB613",
    name: "graphql-unlimited",
    summary: "A GraphQL query may be as deep as its sender likes",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[770],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "4.3.1",
    page: include_str!("graphql_unlimited.md"),
};

const REMEDY: &str = "Add a limit: `extensions=[QueryDepthLimiter(max_depth=10), MaxTokensLimiter(1000)]` for Strawberry, `validation_rules=(depth_limit_validator(10),)` for graphene, `validation_rules` or `query_parser` limits for Ariadne.";

/// What speaks for a limit anywhere in the project.
const SIGNS: &[&str] = &[
    "QueryDepthLimiter",
    "MaxTokensLimiter",
    "MaxAliasesLimiter",
    "depth_limit_validator",
    "cost_validator",
    "cost_limit",
    "max_depth",
    "DepthLimit",
    "QueryCost",
];

pub(crate) fn check(cx: &mut Context<'_>) {
    if !mentions(cx, &["Schema", "GraphQL"]) {
        return;
    }
    if is_for_development(cx, "") {
        return;
    }
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        let is_unlimited = match cx.facts.path(id, callee).unwrap_or_default() {
            "strawberry.Schema" | "strawberry.federation.Schema" | "strawberry.schema.Schema" => {
                given(cx, id, arguments, None, "extensions").is_nothing()
            }
            "ariadne.asgi.GraphQL" | "ariadne.wsgi.GraphQL" => {
                given(cx, id, arguments, None, "validation_rules").is_nothing()
            }
            "graphene_django.views.GraphQLView.as_view"
            | "flask_graphql.GraphQLView.as_view"
            | "graphql_server.flask.GraphQLView.as_view" => {
                given(cx, id, arguments, None, "validation_rules").is_nothing()
            }
            _ => false,
        };
        if is_unlimited {
            found.push(Told::new(id, function.span_of(value), "a query may nest as deep and ask for as much as its sender likes: one request keeps the server busy", REMEDY).confidence(Confidence::Medium));
        }
    }
    if found.is_empty() || cx.any_module(&RULE, SIGNS, |_| true) {
        return;
    }
    told::report(cx, &RULE, found);
}
