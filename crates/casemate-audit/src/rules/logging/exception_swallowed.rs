//! Checks whose failure nobody notices.

use casemate_python::syntax::{FunctionId, Module, Op, Span};

use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::network::calls::{name_of, tell};

/// `exception-swallowed`
pub(crate) static RULE: Rule = Rule {
    id: "LOG1105",
    name: "exception-swallowed",
    summary: "An error of a security check is swallowed",
    severity: Severity::Low,
    kind: Kind::Pattern,
    persona: Persona::Pedantic,
    cwe: &[390, 703],
    owasp_2021: "A04",
    owasp_2025: "A10",
    asvs: "16.5.3",
    page: include_str!("exception_swallowed.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(FunctionId, Span, Option<String>)> = Vec::new();
    let module = cx.module;
    for &statement in &module.statements {
        let head = module.slice(statement);
        if !head.starts_with("except") {
            continue;
        }
        // The body stands alone and does nothing.
        let Some(next) = module.statements.iter().find(|next| next.start >= statement.end) else { continue };
        let body = module.slice(*next);
        if !matches!(body, "pass" | "continue" | "...") || !only_statement(module, statement, *next) {
            continue;
        }
        let narrow =
            ["KeyError", "IndexError", "FileNotFoundError", "ImportError", "StopIteration", "ModuleNotFoundError"]
                .iter()
                .any(|name| head.contains(name));
        if narrow {
            continue;
        }
        let Some(tried) = tried(module, statement) else { continue };
        let before = found.len();
        for (id, function) in module.function_ids() {
            if !function.span.contains(statement) && id.0 != 0 {
                continue;
            }
            let control = function.values().find_map(|(value, op)| {
                let Op::Call { callee, .. } = op else { return None };
                let span = function.span_of(value);
                let name = name_of(module, function, callee);
                (tried.contains(span) && is_control(&words(name))).then(|| name.to_owned())
            });
            if let Some(control) = control {
                found.push((id, statement, Some(control)));
            }
        }
        // Whatever goes wrong, and what is wrong with the program itself, is passed over.
        let is_broad =
            matches!(head.trim_end_matches(':').trim(), "except" | "except Exception" | "except BaseException")
                || head.starts_with("except Exception as")
                || head.starts_with("except BaseException as");
        if found.len() == before && is_broad {
            let inner = module.function_ids().filter(|(_, function)| function.span.contains(statement));
            let inner = inner.min_by_key(|(_, function)| function.span.end - function.span.start);
            found.push((inner.map_or(FunctionId(0), |(id, _)| id), statement, None));
        }
    }
    found.sort_by_key(|(_, span, _)| *span);
    found.dedup_by_key(|(_, span, _)| *span);
    for (id, span, control) in found {
        let (message, remedy, confidence) = match control {
            Some(control) => (
                format!("when `{control}` fails nobody notices, and what follows runs as if it had said yes"),
                "Let the error through, or answer as to one who failed the check, and log it.",
                Confidence::Medium,
            ),
            None => (
                "every error is passed over here, and nobody notices".to_owned(),
                "Name the errors that are expected, and log the others.",
                Confidence::Low,
            ),
        };
        tell(cx, &RULE, id, span, message, remedy, confidence);
    }
}

/// Whether nothing but this statement stands in the body of a handler.
fn only_statement(module: &Module, head: Span, body: Span) -> bool {
    let Some(after) = module.statements.iter().find(|next| next.start >= body.end) else { return true };
    indent(module, after.start) <= indent(module, head.start)
}

/// The column of a place.
fn indent(module: &Module, at: u32) -> usize {
    let before = module.text.get(..at as usize).unwrap_or_default();
    before.len() - before.rfind('\n').map_or(0, |newline| newline + 1)
}

/// What a handler's `try` tries.
fn tried(module: &Module, handler: Span) -> Option<Span> {
    let column = indent(module, handler.start);
    let before = module.statements.partition_point(|statement| statement.start < handler.start);
    let start = module
        .statements
        .get(..before)?
        .iter()
        .rev()
        .take(400)
        .find(|statement| module.slice(**statement) == "try" && indent(module, statement.start) == column)?;
    Some(Span { start: start.start, end: handler.start })
}

/// Whether words name something that decides whether somebody may do something.
fn is_control(words: &[String]) -> bool {
    let verb = words.iter().any(|word| {
        matches!(
            word.as_str(),
            "verify"
                | "check"
                | "validate"
                | "authenticate"
                | "authorize"
                | "require"
                | "ensure"
                | "enforce"
                | "assert"
                | "test"
        )
    });
    let thing = words.iter().any(|word| {
        matches!(
            word.as_str(),
            "permission"
                | "permissions"
                | "access"
                | "token"
                | "signature"
                | "password"
                | "auth"
                | "credentials"
                | "csrf"
                | "captcha"
                | "role"
                | "login"
                | "otp"
                | "certificate"
                | "cert"
                | "jwt"
                | "policy"
        )
    });
    let alone = matches!(words, [one] if matches!(one.as_str(), "authenticate" | "authorize" | "verify" | "check_password" | "has_permission"));
    (verb && thing) || alone
}
