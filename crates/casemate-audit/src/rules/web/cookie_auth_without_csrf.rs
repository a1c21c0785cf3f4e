//! Routes that a session's cookie authorises, with nothing against forged requests.

use casemate_python::routes::{Framework, Guard, Route};
use casemate_python::syntax::Op;

use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};

/// `cookie-auth-without-csrf`
pub(crate) static RULE: Rule = Rule {
    id: "WEB608",
    name: "cookie-auth-without-csrf",
    summary: "Routes that change something trust the cookie alone",
    severity: Severity::Medium,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[352],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "3.5.1",
    page: include_str!("cookie_auth_without_csrf.md"),
};

const REMEDY: &str = "Put `CSRFProtect(app)` of Flask-WTF before the application, or set `SESSION_COOKIE_SAMESITE = \"Lax\"` and take requests in JSON only.";

/// What speaks for a protection anywhere in the project.
const SIGNS: &[&str] = &[
    "CSRFProtect",
    "CsrfProtect",
    "csrf",
    "SeaSurf",
    "SESSION_COOKIE_SAMESITE",
    "same_site=",
    "XSRF",
    "xsrf",
    "FlaskForm",
    "Sec-Fetch-Site",
    "X-Requested-With",
    "samesite",
];

pub(crate) fn check(cx: &mut Context<'_>) {
    let routes = cx.routes();
    let mut found = Vec::new();
    let mut told = Vec::new();
    for route in
        routes.into_iter().filter(|route| route.framework == Framework::Flask && route.module == cx.facts.module)
    {
        if changes(route) && uses_session(cx, route) && !told.contains(&route.handler) {
            told.push(route.handler);
            if let Some(function) = cx.module.function(route.handler) {
                found.push(
                    Told::new(route.handler, function.name_span, format!("`{}` changes something for whoever the session's cookie names, and a form on another site sends that cookie too", route.path), REMEDY)
                        .confidence(Confidence::Medium)
                        .missing("a token against forged requests, or `SameSite` on the session's cookie"),
                );
            }
        }
    }
    if found.is_empty() || cx.any_module(&RULE, SIGNS, |_| true) {
        return;
    }
    told::report(cx, &RULE, found);
}

fn changes(route: &Route) -> bool {
    route.methods.iter().any(|method| matches!(method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE"))
}

/// Whether the handler asks the session who it is.
fn uses_session(cx: &Context<'_>, route: &Route) -> bool {
    let is_guarded =
        route.guards.iter().any(|guard| guard.name.ends_with("login_required") && !is_told_by_header(cx, guard));
    let Some(function) = cx.module.function(route.handler) else { return false };
    let reads = function.values().any(|(value, op)| {
        let path = cx.facts.path(route.handler, value);
        match op {
            Op::Subscript { of, .. } => cx.facts.path(route.handler, of) == Some("flask.session"),
            _ => matches!(path, Some("flask.session.get" | "flask_login.current_user")),
        }
    });
    // A sign-in changes nothing for somebody else.
    let signs_in =
        function.name.contains("login") || function.name.contains("register") || function.name.contains("signup");
    (reads || is_guarded) && !signs_in
}

/// Whether a guard of the project reads a header to know who calls: no form of another site sends one.
fn is_told_by_header(cx: &Context<'_>, guard: &Guard) -> bool {
    let name = guard.name.rsplit('.').next().unwrap_or_default();
    // It may have been put on every class by the one they are made from.
    let named = || {
        cx.program.mentioning(&[name]).find_map(|(home, module)| {
            let (id, _) = module.function_ids().find(|(_, function)| function.name == name)?;
            Some((home, id))
        })
    };
    guard.function.or_else(named).and_then(|(home, id)| cx.function(home, id)).is_some_and(|(module, function)| {
        let code = module.slice(function.span);
        code.contains("headers") && !["session[", "session.", "cookies"].iter().any(|word| code.contains(word))
    })
}
