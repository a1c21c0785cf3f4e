//! A socket that is open to strangers.

use casemate_python::names::ModuleId;
use casemate_python::routes::{Route, project_classes};
use casemate_python::syntax::FunctionId;
use rustc_hash::FxHashSet;

use super::acts;
use super::standing::{is_aside, is_public};
use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::authentication::guards::turns_away;

/// `websocket-unauthenticated`
pub(crate) static RULE: Rule = Rule {
    id: "AZN463",
    name: "websocket-unauthenticated",
    summary: "A WebSocket accepts callers without asking who they are",
    severity: Severity::High,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[306],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "4.4.3",
    page: include_str!("websocket_unauthenticated.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    if is_aside(&cx.module.path) {
        return;
    }
    let all = cx.all_routes();
    let mut told = FxHashSet::default();
    for at in cx.routes_here() {
        let (Some(route), Some(standing)) = (all.get(at), cx.standings().get(at)) else { continue };
        if route.methods != ["WEBSOCKET"] || is_public(cx, route, &standing.path) {
            continue;
        }
        // What one method of a class finds out holds for all of them.
        let of_class =
            |other: usize| route.view.is_some() && all.get(other).is_some_and(|other| other.view == route.view);
        let is_asked = standing.is_protected()
            || cx.standings().iter().enumerate().any(|(other, standing)| of_class(other) && standing.is_protected())
            || prepares(cx, route)
            || closes_on_strangers(cx, route.module, route.handler);
        if is_asked || !told.insert((route.view, route.view.is_none().then_some(route.handler))) {
            continue;
        }
        // Sockets that anybody may open exist; where other routes ask who is calling, this is none of them.
        let others = cx
            .standings()
            .iter()
            .enumerate()
            .filter(|(other, standing)| !of_class(*other) && standing.is_protected())
            .count();
        if others == 0 && cx.persona == Persona::Default {
            continue;
        }
        let (path, span) = (standing.path.clone(), cx.handler_span(route));
        let named = if path.is_empty() { "this socket".to_owned() } else { format!("the socket `{path}`") };
        let finding = cx.report(
            &RULE,
            (route.module, route.handler),
            span,
            format!("{named} talks to anybody: nothing asks who is calling"),
        );
        finding.confidence = if others > 0 { Confidence::High } else { Confidence::Low };
        finding.missing_guard = Some(
            "a dependency, a decorator, or a look at the session or token before the connection is accepted".to_owned(),
        );
        finding.remedy = "Verify the session or a token before `accept()`, close with code 4401 or 1008 otherwise, and check the `Origin` header: browsers send cookies with sockets from any page.".to_owned();
    }
}

/// Whether the class finds out who is calling before its socket is opened, as handlers of Tornado do.
fn prepares(cx: &Context<'_>, route: &Route) -> bool {
    let Some((module, class)) = route.view else { return false };
    project_classes(cx.program, module, class).into_iter().any(|(home, class)| {
        let Some(source) = cx.program.module(home) else { return false };
        let prepare = source
            .class(class)
            .into_iter()
            .flat_map(|class| &class.methods)
            .find(|(name, _)| source.symbols.text(*name) == "prepare");
        prepare.and_then(|(_, method)| source.function(*method)).is_some_and(|method| {
            let code = source.slice(method.span);
            code.contains("authenticat") || code.contains("current_user")
        })
    })
}

/// Whether a function closes the connection of whoever does not show who they are.
fn closes_on_strangers(cx: &Context<'_>, module: ModuleId, id: FunctionId) -> bool {
    if turns_away(cx, module, id) {
        return true;
    }
    let turns = |(module, id): (ModuleId, FunctionId)| {
        let Some((source, function)) = cx.function(module, id) else { return false };
        let code = source.slice(function.span);
        let closes = code.contains(".close(") || code.contains("disconnect(");
        closes
            && ["token", "auth", "session", "cookie", "user", "1008", "4401", "4003"]
                .iter()
                .any(|word| code.contains(word))
            || acts::callers(source, function).iter().any(|is| *is)
    };
    // `websocket = await accept_known(websocket)`
    let accepts = |&(module, id): &(ModuleId, FunctionId)| {
        cx.function(module, id).is_some_and(|(_, function)| {
            words(&function.name)
                .iter()
                .any(|word| matches!(word.as_str(), "accept" | "connect" | "authenticate" | "handshake" | "open"))
        })
    };
    turns((module, id)) || acts::called(cx, module, id).into_iter().filter(accepts).any(turns)
}
