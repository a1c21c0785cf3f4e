//! A session or authentication cookie that other sites' requests carry.

use super::configured::{is_for_development, settings};
use super::cookies;
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{Given, mentions};

/// `cookie-samesite`
pub(crate) static RULE: Rule = Rule {
    id: "WEB603",
    name: "cookie-samesite",
    summary: "A cookie that signs somebody in comes along with requests of other sites",
    severity: Severity::Low,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[1275],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "3.3.2",
    page: include_str!("cookie_samesite.md"),
};

const REMEDY: &str =
    "Set it with `samesite=\"Lax\"`, or `\"Strict\"` where no link from outside leads into the session.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !mentions(cx, cookies::SIGNS) && !mentions(cx, &["COOKIE_SAMESITE", "SESSION_COOKIE_"]) {
        return;
    }
    let mut found = Vec::new();
    for cookie in cookies::set(cx).into_iter().chain(cookies::kept(cx)) {
        let told = match cookie.same_site {
            Given::Nothing => (!cookie.is_lax_by_default)
                .then_some("says nothing about other sites, and not every browser then keeps it from them"),
            Given::Value(value) if value.text().is_some_and(|text| text.eq_ignore_ascii_case("none")) => {
                Some("is sent with requests that other sites make")
            }
            Given::Value(value) if value.is_none() => {
                Some("says nothing about other sites, and not every browser then keeps it from them")
            }
            _ => None,
        };
        if let Some(what) = told
            && (cookie.is_sensitive() || cx.persona == Persona::Pedantic)
        {
            found.push(Told::new(cookie.function, cookie.span, format!("{} {what}", cookie.shown()), REMEDY));
        }
    }
    let is_wanted = |name: &str| {
        matches!(
            name,
            "SESSION_COOKIE_SAMESITE" | "REMEMBER_COOKIE_SAMESITE" | "JWT_COOKIE_SAMESITE" | "CSRF_COOKIE_SAMESITE"
        )
    };
    for setting in settings(cx, is_wanted) {
        let is_open = setting.value.text().is_some_and(|text| text.eq_ignore_ascii_case("none"))
            || setting.value.truth() == Some(false);
        if is_open && !is_for_development(cx, setting.class) {
            let message = format!("`{}`: the cookie is sent with requests that other sites make", setting.name);
            found.push(Told::new(setting.function, setting.span, message, REMEDY));
        }
    }
    found.extend(left_open(cx));
    told::report(cx, &RULE, found);
}

/// The session cookie of a Flask application that is told much, but nothing about other sites, where nothing else keeps
/// their requests off.
fn left_open(cx: &Context<'_>) -> Option<Told> {
    let is_wanted = |name: &str| {
        matches!(
            name,
            "SESSION_COOKIE_SECURE" | "SESSION_COOKIE_HTTPONLY" | "SESSION_COOKIE_NAME" | "SESSION_COOKIE_PATH"
        )
    };
    let makes_it = mentions(cx, &["Flask(", "Quart(", "flask.Flask", "app.config", ".from_mapping("]);
    if !makes_it || mentions(cx, &["django", "DJANGO"]) {
        return None;
    }
    let first = settings(cx, is_wanted).into_iter().find(|setting| !is_for_development(cx, setting.class))?;
    const SETTLE: &[&str] =
        &["SAMESITE", "samesite", "CSRF", "CsrfProtect", "csrf_protect", "csrf_token", "SeaSurf", "FlaskForm"];
    let is_settled = cx.any_module(&RULE, SETTLE, |_| true);
    let message = "the session cookie says nothing about other sites, and nothing else keeps their requests off";
    (!is_settled).then(|| {
        Told::new(first.function, first.span, message, REMEDY).severity(Severity::Low).confidence(Confidence::Medium)
    })
}
