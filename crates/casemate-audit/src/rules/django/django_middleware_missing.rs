//! The list of middleware lacks one that protects, or has them in the wrong order.

use super::settings::{self, Setting};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told;

/// `django-middleware-missing`
pub(crate) static RULE: Rule = Rule {
    id: "DJ1402",
    name: "django-middleware-missing",
    summary: "A middleware that protects a Django project is missing",
    severity: Severity::High,
    kind: Kind::Configuration,
    persona: Persona::Default,
    cwe: &[16, 352],
    owasp_2021: "A05",
    owasp_2025: "A02",
    asvs: "13.4.2",
    page: include_str!("django_middleware_missing.md"),
};

const CSRF: &str = "django.middleware.csrf.CsrfViewMiddleware";
const SECURITY: &str = "django.middleware.security.SecurityMiddleware";
const FRAMES: &str = "django.middleware.clickjacking.XFrameOptionsMiddleware";
const SESSION: &str = "django.contrib.sessions.middleware.SessionMiddleware";
const AUTHENTICATION: &str = "django.contrib.auth.middleware.AuthenticationMiddleware";

const ADD: &str = "Put it back into `MIDDLEWARE`, in the order in which `startproject` writes it.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let Some(settings) = settings::of(cx) else { return };
    let setting = settings.get("MIDDLEWARE");
    let (Setting::Known(written), Some(middleware)) = (setting, setting.texts()) else { return };
    // What is added or taken out later is not followed.
    if ["MIDDLEWARE.", "MIDDLEWARE +=", "MIDDLEWARE["]
        .iter()
        .any(|form| written.module.text.contains(form) || cx.module.text.contains(form))
    {
        return;
    }
    let has = |name: &str| middleware.contains(&name);
    let last = |end: &str| {
        middleware.iter().any(|name| name.rsplit('.').next().is_some_and(|class| class.to_lowercase().contains(end)))
    };
    let apps = settings.get("INSTALLED_APPS").texts().unwrap_or_default();
    let keeps_sessions =
        has(SESSION) || apps.contains(&"django.contrib.sessions") || apps.contains(&"django.contrib.admin");
    let mut found = Vec::new();
    if keeps_sessions && !has(CSRF) && !last("csrf") {
        found.push(settings.set(
            written,
            "`CsrfViewMiddleware` is missing: other sites can send forms in the session of whoever visits them",
            ADD,
        ));
    }
    if keeps_sessions
        && !has(FRAMES)
        && !last("xframe")
        && !last("csp")
        && !last("contentsecuritypolicy")
        && !last("clickjacking")
    {
        found.push(settings.set(written, "`XFrameOptionsMiddleware` is missing: other sites can show the pages in a frame and have visitors click in them", ADD).severity(Severity::Low));
    }
    if !has(SECURITY) && !last("securitymiddleware") && !last("securemiddleware") {
        found.push(
            settings
                .set(written, "`SecurityMiddleware` is missing: none of the `SECURE_…` settings has any effect", ADD)
                .severity(Severity::Medium),
        );
    }
    let place = |name: &str| middleware.iter().position(|one| *one == name);
    if let (Some(session), Some(authentication)) = (place(SESSION), place(AUTHENTICATION))
        && session > authentication
    {
        let message = "`AuthenticationMiddleware` stands before `SessionMiddleware`, which it needs";
        found.push(settings.set(written, message, ADD).severity(Severity::Medium).confidence(Confidence::Medium));
    }
    told::report(cx, &RULE, found);
}
