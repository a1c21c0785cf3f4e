//! A session or authentication cookie without `Secure`.

use super::configured::{is_django_settings, is_for_development, settings};
use super::cookies;
use super::middleware::is_middleware;
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{given, mentions};

/// `cookie-not-secure`
pub(crate) static RULE: Rule = Rule {
    id: "WEB601",
    name: "cookie-not-secure",
    summary: "A cookie that signs somebody in is sent without TLS too",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[614],
    owasp_2021: "A05",
    owasp_2025: "A02",
    asvs: "3.3.1",
    page: include_str!("cookie_not_secure.md"),
};

const REMEDY: &str =
    "Set it with `secure=True` (for sessions of the framework: `SESSION_COOKIE_SECURE = True`, `https_only=True`).";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !mentions(cx, cookies::SIGNS)
        && !mentions(cx, &["COOKIE_SECURE", "SessionMiddleware", "Set-Cookie", "tools.sessions"])
    {
        return;
    }
    let mut found = Vec::new();
    for cookie in cookies::set(cx).into_iter().chain(cookies::written_out(cx)).chain(cookies::kept(cx)) {
        let is_off = cookie.secure.is_nothing() || cookie.secure.is_false();
        // Whoever writes that it is off has thought of it, whatever the cookie is called.
        let is_told = cookie.is_sensitive() || cookie.secure.is_false() && !cookie.is_trifle();
        if is_off && (is_told || cx.persona == Persona::Pedantic) {
            let message =
                format!("{} is sent without TLS as well, where everybody on the way reads it", cookie.shown());
            found.push(Told::new(cookie.function, cookie.span, message, REMEDY));
        }
    }
    let is_wanted = |name: &str| {
        matches!(
            name,
            "SESSION_COOKIE_SECURE"
                | "REMEMBER_COOKIE_SECURE"
                | "JWT_COOKIE_SECURE"
                | "AUTH_COOKIE_SECURE"
                | "tools.sessions.secure"
        )
    };
    // Django's settings are taken together by a rule of their own.
    if !is_django_settings(cx) {
        for setting in settings(cx, is_wanted) {
            if setting.value.truth() == Some(false) && !is_for_development(cx, setting.class) {
                let message = format!(
                    "`{} = False`: the cookie is sent without TLS as well, where everybody on the way reads it",
                    setting.name
                );
                found.push(Told::new(setting.function, setting.span, message, REMEDY));
            }
        }
    }
    for (id, function, value, _, arguments) in cx.calls() {
        let is_session = is_middleware(cx, id, function, value, "SessionMiddleware");
        if is_session
            && (given(cx, id, arguments, None, "https_only").is_nothing()
                || given(cx, id, arguments, None, "https_only").is_false())
        {
            let message = "the session's cookie is sent without TLS as well, for `https_only` is off unless it is set";
            found.push(Told::new(id, function.span_of(value), message, REMEDY));
        }
    }
    told::report(cx, &RULE, found);
}
