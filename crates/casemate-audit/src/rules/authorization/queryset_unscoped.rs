//! A list of everybody's objects for whoever has signed in.

use rustc_hash::FxHashSet;

use casemate_python::syntax::Op;

use super::acts::{class_name, model_within, owner_column, tenant_column};
use super::standing::is_aside;
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `queryset-unscoped`
pub(crate) static RULE: Rule = Rule {
    id: "AZN457",
    name: "queryset-unscoped",
    summary: "A view lists the objects of everybody",
    severity: Severity::Medium,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[639],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "8.2.2",
    page: include_str!("queryset_unscoped.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    if is_aside(&cx.module.path) {
        return;
    }
    let all = cx.all_routes();
    let mut told = FxHashSet::default();
    for at in cx.routes_here() {
        let (Some(route), Some(standing)) = (all.get(at), cx.standings().get(at)) else { continue };
        let Some((_, class)) = route.view.filter(|view| view.0 == cx.facts.module) else { continue };
        let Some(definition) = cx.module.class(class) else { continue };
        // Only who has signed in is asked; a role, an object permission or a filter may narrow it.
        let only_asks_who = standing.guarded_by.is_some()
            && standing.guards.iter().all(|guard| {
                matches!(
                    guard.name.rsplit('.').next().unwrap_or(""),
                    "IsAuthenticated"
                        | "IsAuthenticatedOrReadOnly"
                        | "LoginRequiredMixin"
                        | "login_required"
                        | "TokenHasScope"
                ) || !super::standing::authenticates(cx, guard)
            });
        let narrows =
            ["get_queryset", "filter_queryset", "get_object", "check_object_permissions", "list", "filter_backends"]
                .iter()
                .any(|name| cx.module.method(class, name).is_some() || has_attribute(cx, class, name));
        let Some(body) = cx.module.function(definition.body).filter(|_| only_asks_who && !narrows) else { continue };
        let held =
            cx.module.symbols.find("queryset").and_then(|symbol| body.exit.iter().find(|(name, _)| *name == symbol));
        let Some(&(_, queryset)) = held else { continue };
        let is_all = matches!(body.op(queryset), Op::Call { callee, .. } if cx.module.slice(body.span_of(callee)).ends_with("objects.all"));
        if !is_all || !told.insert(class) {
            continue;
        }
        let Some(model) = model_within(cx.facts, definition.body, body, queryset, &mut { 100 }) else { continue };
        let Some(owner) = owner_column(cx, model).or_else(|| tenant_column(cx, model)) else { continue };
        let (name, span) = (class_name(cx, model), body.span_of(queryset));
        let finding = cx.report(
            &RULE,
            (route.module, definition.body),
            span,
            format!("`{}` serves every `{name}` to whoever has signed in, whatever its `{owner}`", definition.name),
        );
        finding.confidence = Confidence::Medium;
        finding.missing_guard =
            Some(format!("`get_queryset` with a condition on `{owner}`, an object permission or a filter backend"));
        finding.remedy = format!(
            "Override `get_queryset` and return `{name}.objects.filter({owner}=self.request.user)`, or what the caller may see."
        );
    }
}

fn has_attribute(cx: &Context<'_>, class: casemate_python::syntax::ClassId, name: &str) -> bool {
    let body = cx.module.class(class).and_then(|class| cx.module.function(class.body));
    let symbol = cx.module.symbols.find(name);
    body.zip(symbol).is_some_and(|(body, symbol)| body.exit.iter().any(|(known, _)| *known == symbol))
}
