//! Settings that keep cookies and pages to TLS are off or missing.

use super::settings::{self, Setting};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told;

/// `django-transport-settings`
pub(crate) static RULE: Rule = Rule {
    id: "DJ1401",
    name: "django-transport-settings",
    summary: "Sessions and forms of a Django project travel unprotected",
    severity: Severity::Medium,
    kind: Kind::Configuration,
    persona: Persona::Default,
    cwe: &[319, 614],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "3.3.1",
    page: include_str!("django_transport_settings.md"),
};

const REMEDY: &str = "In the settings of production: `SESSION_COOKIE_SECURE = True`, `CSRF_COOKIE_SECURE = True`, `SECURE_SSL_REDIRECT = True` (or redirect in the proxy), `SECURE_HSTS_SECONDS = 31536000`.";
const HEADER: &str = "Write the header as Django sees it (`(\"HTTP_X_FORWARDED_PROTO\", \"https\")`), and let the proxy remove it from what clients send.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let Some(settings) = settings::of(cx) else { return };
    // Nothing is installed that would set a cookie.
    if settings
        .get("INSTALLED_APPS")
        .known()
        .and_then(super::super::values::Written::items)
        .is_some_and(|apps| apps.is_empty())
    {
        return;
    }
    let mut found = Vec::new();
    if !settings.is_debugging() {
        let wanted = [
            ("SESSION_COOKIE_SECURE", "the cookie of the session is sent without TLS as well"),
            ("CSRF_COOKIE_SECURE", "the cookie against forged requests is sent without TLS as well"),
            ("SECURE_SSL_REDIRECT", "pages are served without TLS as well"),
        ];
        let mut missing = Vec::new();
        for (name, message) in wanted {
            match settings.get(name) {
                Setting::Known(written) if written.truth() == Some(false) => {
                    found.push(settings.set(written, format!("{message} (`{name} = False`)"), REMEDY));
                }
                Setting::Absent if name != "SECURE_SSL_REDIRECT" => missing.push(name),
                _ => {}
            }
        }
        if !missing.is_empty() {
            let message = format!("cookies are sent without TLS as well: {} not set", missing.join(" and "));
            found.push(settings.missing(message, REMEDY).confidence(Confidence::Medium));
        }
        if let Setting::Known(hsts) = settings.get("SECURE_HSTS_SECONDS")
            && settings::number(Setting::Known(hsts)) == Some(0)
        {
            found.push(
                settings
                    .set(hsts, "browsers are not told to use TLS only (`SECURE_HSTS_SECONDS = 0`)", REMEDY)
                    .severity(Severity::Low),
            );
        }
    }
    if let Some(header) = settings.get("SECURE_PROXY_SSL_HEADER").texts()
        && header.first().is_some_and(|name| !name.starts_with("HTTP_"))
        && let Setting::Known(written) = settings.get("SECURE_PROXY_SSL_HEADER")
    {
        found.push(settings.set(
            written,
            "Django knows no header of this name, so no request counts as secure",
            HEADER,
        ));
    }
    told::report(cx, &RULE, found);
}
