//! A session that lasts for months.

use casemate_python::syntax::{FunctionKind, Op};

use crate::finding::Severity;
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, duration, is_none, number, text};
use crate::rules::pattern::{Found, Site, tell};

/// `session-lifetime`
pub(crate) static RULE: Rule = Rule {
    id: "AUT418",
    name: "session-lifetime",
    summary: "A session or a remembered sign-in lasts longer than its loss would be noticed",
    severity: Severity::Low,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[613],
    owasp_2021: "A07",
    owasp_2025: "A07",
    asvs: "7.3.2",
    page: include_str!("session_lifetime.md"),
};

const DAY: f64 = 86_400.0;

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        if matches!(function.kind, FunctionKind::Module | FunctionKind::ClassBody) {
            for &(symbol, value) in &function.assigned {
                found.extend(cx.at(id, value).and_then(|at| setting(cx, cx.module.symbols.text(symbol), at)));
            }
        }
        for (_, op) in function.values() {
            if let Op::StoreItem { index, value, .. } = op
                && let (Some(name), Some(at)) = (cx.module.constant_str(function, index), cx.at(id, value))
            {
                found.extend(setting(cx, name, at));
            }
            if let Op::StoreAttribute { name, value, .. } = op
                && cx.module.symbols.text(name) == "permanent_session_lifetime"
            {
                found.extend(cx.at(id, value).and_then(|at| judge(cx, at, 30.0)));
            }
        }
    }
    for &site in cx.sites() {
        found.extend(called(cx, &site));
    }
    tell(cx, &RULE, found);
}

fn setting(cx: &Context<'_>, name: &str, at: At<'_>) -> Option<Found> {
    let days = match name {
        "PERMANENT_SESSION_LIFETIME" | "SESSION_COOKIE_AGE" | "SECURITY_FRESHNESS" => 30.0,
        "REMEMBER_COOKIE_DURATION" => 90.0,
        _ => return None,
    };
    judge(cx, at, days)
}

fn judge(cx: &Context<'_>, at: At<'_>, days: f64) -> Option<Found> {
    let seconds = duration(cx, at).or_else(|| number(cx, at))?;
    (seconds > days * DAY).then(|| {
        Found::new(
            at,
            format!("whoever copies the cookie is signed in for {} days", (seconds / DAY).round()),
            "Let sessions end after hours without use and after days in any case, and ask for the password again before what matters.",
        )
    })
}

fn called(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    match site.name() {
        "set_cookie" => {
            let name = text(cx, site.argument(cx, 0, "key")?)?;
            let is_session = words(&name).iter().any(|word| {
                matches!(word.as_str(), "session" | "sessionid" | "sid" | "token" | "auth" | "jwt" | "remember")
            });
            is_session.then(|| judge(cx, site.argument(cx, 2, "max_age")?, 90.0))?
        }
        "SessionMiddleware" | "add_middleware" if site.path.contains("SessionMiddleware") || names_sessions(site) => {
            let age = site.keyword(cx, "max_age")?;
            if is_none(cx, age) {
                return None;
            }
            judge(cx, age, 30.0)
        }
        "login_user" => judge(cx, site.keyword(cx, "duration")?, 90.0),
        _ => None,
    }
}

fn names_sessions(site: &Site<'_>) -> bool {
    site.position(0).is_some_and(|first| first.written().ends_with("SessionMiddleware"))
}
