//! A session that keeps its id when somebody signs in.

use casemate_python::syntax::{Constant, FunctionKind, Op};

use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::authorization::standing::is_aside;

/// `session-fixation`
pub(crate) static RULE: Rule = Rule {
    id: "AUT417",
    name: "session-fixation",
    summary: "Signing in keeps the id of the session",
    severity: Severity::Medium,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[384],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "7.2.4",
    page: include_str!("session_fixation.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    // Sessions that live in a signed cookie have no id that somebody could fix beforehand.
    const KEPT_ON_SERVER: &[&str] =
        &["django", "flask_session", "aiohttp_session", "pyramid", "beaker", "starsessions"];
    if is_aside(&cx.module.path) {
        return;
    }
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        let said = words(&function.qualified);
        let signs_in = said.iter().any(|word| matches!(word.as_str(), "login" | "signin" | "authenticate" | "logon"))
            || said.windows(2).any(|pair| pair == ["sign", "in"] || pair == ["log", "in"]);
        if function.kind != FunctionKind::Def || !signs_in || !cx.project_imports(KEPT_ON_SERVER) {
            continue;
        }
        // Its own name is no call of Django's `login`.
        let code = cx.module.slice(function.span).replace("def login(request", "");
        let renews = [
            "cycle_key",
            "flush()",
            "new_session",
            "regenerate",
            "invalidate()",
            "session.clear()",
            "rotate",
            "renew",
            "auth_login(",
            "login(request",
            "remember(",
        ]
        .iter()
        .any(|name| code.contains(name));
        if renews {
            continue;
        }
        for (value, op) in function.values() {
            if let Op::StoreItem { of, index, .. } = op
                && let Op::Constant(Constant::Str(key)) = function.op(index)
                && is_session(cx.module.slice(function.span_of(of)))
                && is_identity(cx.module.string(key))
            {
                found.push((id, function.span_of(value)));
                break;
            }
        }
    }
    for (id, span) in found {
        let message =
            "the session keeps its id when somebody signs in: whoever knew it before is signed in too".to_owned();
        let finding = cx.report(&RULE, (cx.facts.module, id), span, message);
        finding.confidence = Confidence::Medium;
        finding.missing_guard = Some("a new session id before the identity is stored".to_owned());
        finding.remedy = "Sign in with `django.contrib.auth.login`, or call `request.session.cycle_key()` (Django), `session.regenerate()` or `new_session(request)` first.".to_owned();
    }
}

/// Whether an expression is the session: by its name, or as what was awaited for it.
fn is_session(written: &str) -> bool {
    written.ends_with("session") || written.contains("get_session(")
}

fn is_identity(key: &str) -> bool {
    words(key).iter().any(|word| {
        matches!(
            word.as_str(),
            "user" | "uid" | "userid" | "username" | "account" | "member" | "auth" | "authenticated" | "logged"
        )
    })
}
