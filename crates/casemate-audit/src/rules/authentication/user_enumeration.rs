//! A sign-in that tells which accounts there are.

use casemate_python::syntax::{Constant, Op};

use super::{is_login, route_words};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::At;
use crate::rules::pattern::{Found, tell};

/// `user-enumeration`
pub(crate) static RULE: Rule = Rule {
    id: "AUT415",
    name: "user-enumeration",
    summary: "A sign-in tells whether an account exists",
    severity: Severity::Low,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[204],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "6.3.8",
    page: include_str!("user_enumeration.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<Found> = Vec::new();
    for route in cx.routes() {
        let (_, path) = cx.chain(route);
        let (path_words, handler_words) = route_words(cx, route, &path);
        let recovers = path_words
            .iter()
            .chain(&handler_words)
            .any(|word| matches!(word.as_str(), "forgot" | "reset" | "recover" | "recovery"));
        if !is_login(&path_words, &handler_words) && !recovers {
            continue;
        }
        let Some((module, handler)) = cx.function(route.module, route.handler) else { continue };
        let speaks_of_password = module.slice(handler.span).to_ascii_lowercase().contains("password") || recovers;
        for (value, op) in handler.values() {
            let Op::Constant(Constant::Str(text)) = op else { continue };
            let span = handler.span_of(value);
            if !speaks_of_password || !tells_of_account(module.string(text)) || is_logged(module, span) {
                continue;
            }
            let at = At { home: route.module, module, id: route.handler, function: handler, value };
            if found.iter().any(|one| one.span == span && one.at.0 == route.module) {
                continue;
            }
            found.push(
                Found::new(
                    at,
                    format!("`{path}` answers differently when there is no such account, so anybody can find out who has one"),
                    "Answer the same in both cases, \"name or password is wrong\", or \"if there is such an account, a mail is on its way\", and spend the same time.",
                )
                .confidence(Confidence::Medium),
            );
        }
    }
    tell(cx, &RULE, found);
}

/// Whether a message says that an account is not there.
fn tells_of_account(message: &str) -> bool {
    let text = message.to_ascii_lowercase();
    if text.len() > 200 {
        return false;
    }
    let account =
        ["user", "account", "email", "e-mail", "username", "login name"].iter().any(|word| text.contains(word));
    let gone = [
        "not found",
        "does not exist",
        "doesn't exist",
        "not exist",
        "not registered",
        "no such",
        "unknown",
        "no user",
        "no account",
        "not recognized",
        "invalid username",
        "invalid email",
        "incorrect username",
        "wrong username",
        "is not in our",
    ]
    .iter()
    .any(|words| text.contains(words));
    // "wrong name or password" gives nothing away.
    let both = text.contains("password") || text.contains(" or ") || text.contains("if ");
    account && gone && !both
}

/// What goes into the log is not shown to the caller.
fn is_logged(module: &casemate_python::syntax::Module, span: casemate_python::syntax::Span) -> bool {
    let statement = module.slice(crate::rules::statement_at(module, span)).trim_start();
    statement.starts_with("log")
        || statement.starts_with("current_app.log")
        || statement.starts_with("app.log")
        || statement.starts_with("self.log")
        || statement.starts_with("print(")
}
