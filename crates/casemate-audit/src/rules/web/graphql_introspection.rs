//! Introspection and the explorer of a GraphQL service, switched on.

use super::configured::is_for_development;
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{called, given, mentions};

/// `graphql-introspection`
pub(crate) static RULE: Rule = Rule {
    id: "WEB612",
    name: "graphql-introspection",
    summary: "A GraphQL service describes itself to everybody",
    severity: Severity::Low,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[200],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "4.3.2",
    page: include_str!("graphql_introspection.md"),
};

const REMEDY: &str = "Switch the explorer and introspection off in production: `graphiql=False`, `graphql_ide=None`, `introspection=False`, `DisableIntrospection`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !mentions(cx, &["GraphQL"]) {
        return;
    }
    if is_for_development(cx, "") {
        return;
    }
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        let path = cx.facts.path(id, callee).unwrap_or_default();
        let last = called(cx.module, function, callee);
        let speaks_graphql = path.to_ascii_lowercase().contains("graphql")
            || path.contains("strawberry")
            || path.contains("graphene")
            || path.contains("ariadne")
            || cx.module.slice(function.span_of(callee)).contains("GraphQL");
        let truth = |name: &str| given(cx, id, arguments, None, name).is_true();
        let is_view = matches!(
            last,
            "as_view"
                | "GraphQLRouter"
                | "GraphQL"
                | "GraphQLView"
                | "AsyncGraphQLView"
                | "GraphQLApp"
                | "GraphQLController"
        );
        if speaks_graphql
            && is_view
            && (truth("graphiql")
                || truth("introspection")
                || truth("debug")
                || given(cx, id, arguments, None, "graphql_ide").text().is_some())
        {
            found.push(Told::new(id, function.span_of(value), "the explorer or introspection is on: every type and field is described to everybody, those nobody was meant to find too", REMEDY));
        }
    }
    told::report(cx, &RULE, found);
}
