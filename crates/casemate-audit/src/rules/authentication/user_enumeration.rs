//! A sign-in that tells which accounts there are.

use casemate_python::syntax::{CompareOp, Constant, Function, Module, Op, Value};

use super::{is_login, route_words};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::At;
use crate::rules::pattern::{Found, tell};
use crate::rules::values::called;

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
        // Who registers, or is signed in, asks about something else.
        let is_other = handler_words
            .iter()
            .any(|word| matches!(word.as_str(), "register" | "signup" | "update" | "change" | "install"));
        if !is_login(&path_words, &handler_words) && !recovers || is_other {
            continue;
        }
        let Some((module, handler)) = cx.function(route.module, route.handler) else { continue };
        // Whoever comes with a link from a mail has been told already.
        let code = module.slice(handler.span);
        let has_link =
            ["check_token", "verify_reset", "reset_key", "reset_token"].iter().any(|sign| code.contains(sign));
        if recovers && has_link && cx.persona == Persona::Default {
            continue;
        }
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
    by_time(cx, &mut found);
    tell(cx, &RULE, found);
}

/// Functions that take their time over a password.
const SLOW: &[&str] = &[
    "check_password_hash",
    "check_password",
    "verify_password",
    "verify_and_update_password",
    "verify_and_update",
    "verify_hash",
    "checkpw",
    "verify",
    "check_hash",
];

/// A sign-in that answers at once where there is no such account, and only hashes where there is one.
fn by_time(cx: &Context<'_>, found: &mut Vec<Found>) {
    for (id, function, call, callee, arguments) in cx.calls() {
        let name = called(cx.module, function, callee);
        let is_slow =
            SLOW.contains(&name) && (name != "verify" || cx.module.slice(function.span_of(call)).contains("passw"));
        if !is_slow {
            continue;
        }
        // The account whose password it is: `user.check_password(p)`, `check_password_hash(user.password, p)`.
        let of = |value: Value| match function.op(function.plain(value)) {
            Op::Attribute { of, .. } => Some(function.plain(of)),
            _ => None,
        };
        let owners: Vec<Value> =
            of(callee).into_iter().chain(arguments.iter().filter_map(|one| of(one.value))).collect();
        for (test, op) in function.values() {
            let Op::Compare { op: CompareOp::Is | CompareOp::Eq, left, right } = op else { continue };
            let is_none = matches!(function.op(right), Op::Constant(Constant::None));
            if !is_none || !owners.contains(&function.plain(left)) || !leaves_at_once(cx.module, function, test, call) {
                continue;
            }
            let Some(at) = cx.at(id, test) else { continue };
            found.push(
                Found::new(
                    at,
                    "where there is no such account the answer comes at once, and where there is one a password is hashed first: the time tells who has one".to_owned(),
                    "Hash the given password in both cases, against a fixed hash where there is no account.",
                )
                .suspicion(),
            );
        }
    }
}

/// Whether the branch behind a test leaves the function before the slow call, and hashes nothing itself.
fn leaves_at_once(module: &Module, function: &Function, test: Value, call: Value) -> bool {
    let (test, call) = (function.span_of(test), function.span_of(call));
    let Some(between) = module.text.get(test.end as usize..call.start as usize) else { return false };
    let branch: Vec<&str> = between.lines().skip(1).take(6).map(str::trim).collect();
    let end = branch.iter().position(|line| line.starts_with("return") || line.starts_with("raise"));
    let Some(end) = end else { return false };
    let left = branch.get(..=end).unwrap_or_default().join(" ").to_ascii_lowercase();
    !["hash", "verify", "password(", "dummy", "encrypt"].iter().any(|word| left.contains(word))
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
fn is_logged(module: &Module, span: casemate_python::syntax::Span) -> bool {
    let statement = module.slice(crate::rules::statement_at(module, span)).trim_start();
    statement.starts_with("log")
        || statement.starts_with("current_app.log")
        || statement.starts_with("app.log")
        || statement.starts_with("self.log")
        || statement.starts_with("print(")
}
