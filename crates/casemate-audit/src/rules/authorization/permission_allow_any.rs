//! A view of Django REST framework that lets everybody in.

use rustc_hash::FxHashSet;

use super::standing::{is_aside, is_public, may_change};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::authentication::endpoint_without_authentication::named;

/// `permission-allow-any`
pub(crate) static RULE: Rule = Rule {
    id: "AZN456",
    name: "permission-allow-any",
    summary: "A view is open to everybody although it changes something",
    severity: Severity::Medium,
    kind: Kind::Configuration,
    persona: Persona::Default,
    cwe: &[862],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "8.2.1",
    page: include_str!("permission_allow_any.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    if is_aside(&cx.module.path) {
        return;
    }
    let all = cx.all_routes();
    let mut told = FxHashSet::default();
    for at in cx.routes_here() {
        let (Some(route), Some(standing)) = (all.get(at), cx.standings().get(at)) else { continue };
        let opens = standing.guards.iter().find(|guard| guard.name.rsplit('.').next() == Some("AllowAny"));
        let Some(opens) = opens else { continue };
        if standing.is_protected() || is_public(cx, route, &standing.path) {
            continue;
        }
        let is_clear = may_change(route) && cx.standings().iter().any(|standing| standing.guarded_by.is_some());
        if (!is_clear && cx.persona == Persona::Default)
            || !told.insert(route.view.map_or((route.handler, None), |view| (route.handler, Some(view))))
        {
            continue;
        }
        let written = opens.written.clone();
        let (path, span) = (standing.path.clone(), cx.handler_span(route));
        let finding = cx.report(
            &RULE,
            (route.module, route.handler),
            span,
            format!("{} lets everybody in by `{written}`", named(route, &path)),
        );
        finding.confidence = if is_clear { Confidence::Medium } else { Confidence::Low };
        finding.missing_guard = Some("a permission class that asks who is calling".to_owned());
        finding.remedy = "Use `IsAuthenticated` or a permission class of your own; where strangers may read, `IsAuthenticatedOrReadOnly`.".to_owned();
    }
}
