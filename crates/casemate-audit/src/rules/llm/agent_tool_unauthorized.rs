//! Tools that change what a language model names without asking whose it is.

use casemate_python::syntax::{Function, Op};

use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `agent-tool-unauthorized`
pub(crate) static RULE: Rule = Rule {
    id: "LLM1305",
    name: "agent-tool-unauthorized",
    summary: "A tool acts on an id that a language model chose, whoever asks",
    severity: Severity::High,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[862],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "8.3.3",
    page: include_str!("agent_tool_unauthorized.md"),
};

/// What changes something, by the words of names.
const ACTS: &[&str] = &[
    "delete", "remove", "update", "set", "change", "edit", "cancel", "refund", "pay", "transfer", "send", "close",
    "archive", "approve", "reset", "revoke", "grant", "assign", "rename", "drop", "purge", "charge", "withdraw",
];

pub(crate) fn check(cx: &mut Context<'_>) {
    for id in cx.tools() {
        let Some(function) = cx.module.function(id) else { continue };
        let names: Vec<&str> =
            function.parameters.iter().map(|parameter| cx.module.symbols.text(parameter.name)).collect();
        let Some(key) = names.iter().find(|name| **name == "id" || name.ends_with("_id") || name.ends_with("Id"))
        else {
            continue;
        };
        // A class says in its own name what its `_run` does.
        let class = function.class.and_then(|class| cx.module.class(class)).map_or("", |class| class.name.as_str());
        let acts = words(&function.name).iter().chain(&words(class)).any(|word| ACTS.contains(&word.as_str()));
        if !acts || names.iter().any(|name| knows_caller(name)) || asks(cx, function) {
            continue;
        }
        let message =
            format!("a tool acts on the `{key}` that a language model gives, and asks nothing about the caller");
        let finding = cx.report(&RULE, (cx.facts.module, id), function.name_span, message);
        finding.confidence = Confidence::Medium;
        finding.missing_guard = Some("the identity of the caller, or a confirmation".to_owned());
        finding.remedy = "Take the caller from the context of the tool, ask whether the thing is theirs, and let a person confirm what cannot be undone.".to_owned();
    }
}

fn knows_caller(name: &str) -> bool {
    matches!(
        name,
        "ctx"
            | "context"
            | "wrapper"
            | "config"
            | "user"
            | "caller"
            | "principal"
            | "tenant"
            | "session"
            | "state"
            | "runtime"
    ) || name.contains("current_user")
        || name.contains("auth")
}

/// Whether the tool calls or reads something about the caller, or lets somebody confirm.
fn asks(cx: &Context<'_>, function: &Function) -> bool {
    function.values().any(|(_, op)| {
        let name = match op {
            Op::Call { callee, .. } => match function.op(callee) {
                Op::Attribute { name, .. } | Op::Name(name) => cx.module.symbols.text(name),
                _ => cx.module.slice(function.span_of(callee)),
            },
            Op::Attribute { name, .. } | Op::Name(name) => cx.module.symbols.text(name),
            _ => return false,
        };
        words(name).iter().any(|word| {
            matches!(
                word.as_str(),
                "require"
                    | "check"
                    | "authorize"
                    | "authorise"
                    | "permission"
                    | "permissions"
                    | "confirm"
                    | "confirmation"
                    | "owner"
                    | "owns"
                    | "allowed"
                    | "verify"
                    | "current"
                    | "approve"
                    | "interrupt"
                    | "elicit"
                    | "tenant"
                    | "caller"
                    | "principal"
                    | "ensure"
                    | "can"
            )
        })
    })
}
