//! A session or authentication cookie without `HttpOnly`.

use super::configured::{is_for_development, settings};
use super::cookies;
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::mentions;

/// `cookie-not-httponly`
pub(crate) static RULE: Rule = Rule {
    id: "WEB602",
    name: "cookie-not-httponly",
    summary: "Scripts can read a cookie that signs somebody in",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[1004],
    owasp_2021: "A05",
    owasp_2025: "A02",
    asvs: "3.3.4",
    page: include_str!("cookie_not_httponly.md"),
};

const REMEDY: &str =
    "Set it with `httponly=True`; the session cookies of Flask and Django have it unless it is taken off.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !mentions(cx, cookies::SIGNS) && !mentions(cx, &["COOKIE_HTTPONLY", "tools.sessions"]) {
        return;
    }
    let mut found = Vec::new();
    for cookie in cookies::set(cx).into_iter().chain(cookies::kept(cx)) {
        let is_off = cookie.http_only.is_nothing() || cookie.http_only.is_false();
        if is_off && (cookie.is_sensitive() || cx.persona == Persona::Pedantic) {
            let message =
                format!("scripts of the page can read {}, also those that an attacker brought in", cookie.shown());
            found.push(Told::new(cookie.function, cookie.span, message, REMEDY));
        }
    }
    let is_wanted = |name: &str| {
        matches!(
            name,
            "SESSION_COOKIE_HTTPONLY" | "REMEMBER_COOKIE_HTTPONLY" | "AUTH_COOKIE_HTTPONLY" | "tools.sessions.httponly"
        )
    };
    for setting in settings(cx, is_wanted) {
        if setting.value.truth() == Some(false) && !is_for_development(cx, setting.class) {
            let message = format!(
                "`{} = False`: scripts of the page can read the cookie, also those that an attacker brought in",
                setting.name
            );
            found.push(Told::new(setting.function, setting.span, message, REMEDY));
        }
    }
    told::report(cx, &RULE, found);
}
