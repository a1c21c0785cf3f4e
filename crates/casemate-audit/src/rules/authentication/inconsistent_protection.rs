//! A route without the guard that all its siblings have.

use casemate_python::routes::{Framework, Route};

use super::endpoint_without_authentication::named;
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::authorization::acts::acts_near;
use crate::rules::authorization::standing::{is_aside, is_public, may_change};

/// `inconsistent-protection`
pub(crate) static RULE: Rule = Rule {
    id: "AUT405",
    name: "inconsistent-protection",
    summary: "A route lacks the guard that its siblings have",
    severity: Severity::High,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[862],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "8.3.1",
    page: include_str!("inconsistent_protection.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let all = cx.all_routes();
    for at in cx.routes_here() {
        let (Some(route), Some(standing)) = (all.get(at), cx.standings().get(at)) else { continue };
        if !is_odd_one_out(cx, at, cx.persona) {
            continue;
        }
        let sibling = siblings(cx, at).into_iter().find_map(|other| cx.standings().get(other)?.guarded_by.clone());
        let (path, span) = (standing.path.clone(), cx.handler_span(route));
        let guard = sibling.unwrap_or_default();
        let finding = cx.report(
            &RULE,
            (route.module, route.handler),
            span,
            format!(
                "{} lacks the guard that its siblings have: `{}`",
                named(route, &path),
                crate::rules::context::short(&guard)
            ),
        );
        finding.confidence = Confidence::High;
        finding.missing_guard =
            Some(format!("`{}` or another check of who is calling", crate::rules::context::short(&guard)));
        finding.remedy = "Put the same guard here, or move it up to the router, blueprint or base class; a route that is open on purpose belongs on a router of its own.".to_owned();
    }
}

/// Routes that are declared on the same router, or by classes and functions of the same module.
fn siblings(cx: &Context<'_>, at: usize) -> Vec<usize> {
    let all = cx.all_routes();
    let Some(route) = all.get(at) else { return Vec::new() };
    let is_sibling = |other: &Route| match (route.view, other.view) {
        (Some(one), Some(another)) if one == another => true,
        _ => other.owner.is_some() && other.owner == route.owner && other.module == route.module,
    };
    let found = all
        .iter()
        .enumerate()
        .filter(|(number, other)| *number != at && other.handler != route.handler && is_sibling(other));
    found.map(|(number, _)| number).collect()
}

/// Whether a route lacks a guard and nearly all its siblings have one.
pub(crate) fn is_odd_one_out(cx: &Context<'_>, at: usize, persona: Persona) -> bool {
    let all = cx.all_routes();
    let (Some(route), Some(standing)) = (all.get(at), cx.standings().get(at)) else { return false };
    if standing.is_protected() || is_public(cx, route, &standing.path) {
        return false;
    }
    if cx.program.module(route.module).is_none_or(|module| is_aside(&module.path)) {
        return false;
    }
    let mut same = 0_usize;
    let mut total = 0_usize;
    for other in siblings(cx, at) {
        if let (Some(other_route), Some(other)) = (all.get(other), cx.standings().get(other))
            && !is_public(cx, other_route, &other.path)
        {
            total += 1;
            same += usize::from(other.guarded_by.is_some());
        }
    }
    // Reading may be open by design; it is told of where only this one route is.
    let is_clear = if may_change(route) && !acts_near(cx, route.module, route.handler).is_empty() {
        same >= 3 && same * 4 >= total * 3
    } else {
        // What a class only shows is often for more people than what its neighbours do.
        let is_class = route.view.is_some() && route.framework == Framework::Django;
        same >= 4 && same == total && (persona == Persona::Pedantic || !is_class)
    };
    if persona == Persona::Default && is_open_on_purpose(cx, route) {
        return false;
    }
    is_clear || (persona == Persona::Pedantic && same >= 2 && same == total)
}

/// Whether the class of a view says itself that nobody is asked: `permission_classes = ()`.
pub(crate) fn is_open_on_purpose(cx: &Context<'_>, route: &Route) -> bool {
    let Some((module, class)) = route.view else { return false };
    let body = cx.program.module(module).and_then(|source| {
        let body = source.function(source.class(class)?.body)?;
        Some(source.slice(body.span))
    });
    body.is_some_and(|body| {
        body.lines().any(|line| {
            let line = line.trim();
            line.starts_with("permission_classes") && (line.ends_with("= ()") || line.ends_with("= []"))
        })
    })
}
