//! Sign-ins that leave no trace.

use casemate_python::facts::Entity;
use casemate_python::names::ModuleId;
use casemate_python::syntax::{FunctionId, Op, Span};

use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::network::calls::tell;

/// `auth-event-unlogged`
pub(crate) static RULE: Rule = Rule {
    id: "LOG1107",
    name: "auth-event-unlogged",
    summary: "A sign-in leaves no record",
    severity: Severity::Info,
    kind: Kind::Program,
    persona: Persona::Pedantic,
    cwe: &[778],
    owasp_2021: "A09",
    owasp_2025: "A09",
    asvs: "16.3.1",
    page: include_str!("auth_event_unlogged.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(FunctionId, Span, String)> = Vec::new();
    for route in cx.routes() {
        let Some((source, function)) = cx.function(route.module, route.handler) else { continue };
        let path: Vec<String> = route.path.split('/').flat_map(words).collect();
        let handler = words(&function.name);
        let says = |words: &[String]| {
            words.iter().any(|word| matches!(word.as_str(), "login" | "signin" | "logon" | "authenticate"))
        };
        let changes =
            route.methods.is_empty() || route.methods.iter().any(|method| matches!(method.as_str(), "POST" | "PUT"));
        if !changes || !(says(&path) || says(&handler)) || records(cx, route.module, route.handler, 0) {
            continue;
        }
        // Somebody is let in here only if something is checked here.
        let checks = function.values().any(|(_, op)| match op {
            Op::Call { callee, .. } => words(source.slice(function.span_of(callee))).iter().any(|word| {
                matches!(word.as_str(), "authenticate" | "verify" | "check" | "login" | "password" | "credentials")
            }),
            _ => false,
        });
        if checks {
            found.push((route.handler, function.name_span, route.path.clone()));
        }
    }
    found.sort_by_key(|(_, span, _)| *span);
    found.dedup_by_key(|(_, span, _)| *span);
    for (id, span, path) in found {
        let message = format!("nobody can tell later who signed in at `{path}`, or tried to");
        tell(
            cx,
            &RULE,
            id,
            span,
            message,
            "Log every attempt with the account, the address and how it ended, but not the password.",
            Confidence::Medium,
        );
    }
}

/// Whether a function, or one that it calls, writes something down.
fn records(cx: &Context<'_>, module: ModuleId, id: FunctionId, depth: u32) -> bool {
    let Some((source, function)) = cx.function(module, id) else { return false };
    function.values().any(|(_, op)| {
        let Op::Call { callee, .. } = op else { return false };
        let written = words(source.slice(function.span_of(callee)));
        if written.iter().any(|word| {
            matches!(
                word.as_str(),
                "log"
                    | "logger"
                    | "logging"
                    | "audit"
                    | "record"
                    | "event"
                    | "events"
                    | "journal"
                    | "track"
                    | "emit"
                    | "signal"
                    | "send"
            )
        }) {
            return true;
        }
        depth < 3
            && module == cx.facts.module
            && match cx.facts.fact(id, callee).entity {
                Entity::Function(inner, function) | Entity::Method(inner, function) => {
                    records(cx, inner, function, depth + 1)
                }
                _ => false,
            }
    })
}
