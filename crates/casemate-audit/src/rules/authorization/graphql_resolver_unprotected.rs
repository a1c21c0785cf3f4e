//! A mutation of GraphQL that asks nobody who they are.

use casemate_python::routes::library_bases;
use casemate_python::syntax::{ClassId, Function, FunctionId, Module, Op};

use super::acts::{acts_near, asks_permission, callers};
use super::standing::is_aside;
use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::authentication::guards::turns_away;

/// `graphql-resolver-unprotected`
pub(crate) static RULE: Rule = Rule {
    id: "AZN462",
    name: "graphql-resolver-unprotected",
    summary: "A mutation of GraphQL is open to everybody",
    severity: Severity::High,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[862],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "8.3.1",
    page: include_str!("graphql_resolver_unprotected.md"),
};

/// A function that answers a mutation, and whether something asks who is calling.
struct Resolver {
    function: FunctionId,
    is_guarded: bool,
    is_public: bool,
}

pub(crate) fn check(cx: &mut Context<'_>) {
    if is_aside(&cx.module.path) {
        return;
    }
    let resolvers = resolvers(cx);
    if resolvers.is_empty() {
        return;
    }
    let guarded = resolvers.iter().filter(|resolver| resolver.is_guarded).count();
    for resolver in resolvers.iter().filter(|resolver| !resolver.is_guarded && !resolver.is_public) {
        let acts = acts_near(cx, cx.facts.module, resolver.function);
        let is_clear = guarded > 0 && !acts.is_empty();
        if !is_clear && cx.persona == Persona::Default {
            continue;
        }
        let Some(function) = cx.module.function(resolver.function) else { continue };
        let (name, span) = (function.qualified.clone(), function.name_span);
        let message = format!("the mutation `{name}` asks nobody who they are");
        let finding = cx.report(&RULE, (cx.facts.module, resolver.function), span, message);
        finding.confidence = if is_clear { Confidence::High } else { Confidence::Low };
        finding.missing_guard = Some("a permission class, a decorator or a look at the user of the context".to_owned());
        finding.remedy = "Put a permission on each mutation (`permission_classes=[IsAuthenticated]` of Strawberry, `@login_required` of graphql-jwt), since all of them share one route.".to_owned();
    }
}

fn resolvers(cx: &Context<'_>) -> Vec<Resolver> {
    let imports = |root: &str| cx.module.imports.iter().any(|import| import.module.split('.').next() == Some(root));
    if !["strawberry", "strawberry_django", "graphene", "graphene_django", "ariadne"].iter().any(|root| imports(root)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        let Some(scope) = function.parent else { continue };
        let Some(around) = cx.module.function(scope) else { continue };
        let written: Vec<&str> =
            function.decorators.iter().map(|&decorator| cx.module.slice(around.span_of(decorator))).collect();
        let is_decorated = written.iter().any(|text| {
            let name = text.split('(').next().unwrap_or(text);
            matches!(name, "strawberry.mutation" | "strawberry_django.mutation" | "mutation.field" | "mutation")
        });
        let is_method = function.name == "mutate" && function.class.is_some_and(|class| is_mutation(cx, class));
        if !is_decorated && !is_method {
            continue;
        }
        let by_decorator = written.iter().any(|text| {
            text.contains("permission_classes")
                || text.contains("extensions=")
                || words(text).iter().any(|word| {
                    matches!(word.as_str(), "login" | "required" | "permission" | "auth" | "authenticated" | "staff")
                })
        });
        let is_guarded = by_decorator || asks(cx, cx.module, id, function);
        let is_public = words(&function.qualified).iter().any(|word| {
            matches!(
                word.as_str(),
                "login"
                    | "register"
                    | "signup"
                    | "token"
                    | "refresh"
                    | "reset"
                    | "verify"
                    | "logout"
                    | "auth"
                    | "signin"
                    | "password"
            )
        });
        found.push(Resolver { function: id, is_guarded, is_public });
    }
    found
}

fn asks(cx: &Context<'_>, module: &Module, id: FunctionId, function: &Function) -> bool {
    turns_away(cx, cx.facts.module, id)
        || asks_permission(module, function)
        || callers(module, function).iter().any(|is| *is)
        || function
            .values()
            .any(|(_, op)| matches!(op, Op::Attribute { name, .. } if module.symbols.text(name) == "user"))
}

fn is_mutation(cx: &Context<'_>, class: ClassId) -> bool {
    library_bases(cx.program, cx.facts.module, class)
        .iter()
        .any(|base| base.starts_with("graphene") && base.ends_with("Mutation"))
}
