//! Origins and hosts that are trusted more widely than is safe.

use super::settings::{self, Setting};
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told;

/// `django-trusted-origins`
pub(crate) static RULE: Rule = Rule {
    id: "DJ1405",
    name: "django-trusted-origins",
    summary: "A Django project trusts requests from almost everywhere",
    severity: Severity::Medium,
    kind: Kind::Configuration,
    persona: Persona::Default,
    cwe: &[942, 346],
    owasp_2021: "A05",
    owasp_2025: "A02",
    asvs: "3.4.2",
    page: include_str!("django_trusted_origins.md"),
};

const ORIGINS: &str = "List the origins one by one, with their scheme: `[\"https://app.example.org\"]`.";
const HOST: &str =
    "Leave it off unless a proxy of yours sets the header itself, and list the hosts in `ALLOWED_HOSTS`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let Some(settings) = settings::of(cx) else { return };
    let mut found = Vec::new();
    let origins = settings.get("CSRF_TRUSTED_ORIGINS");
    if let (Setting::Known(_), Some(items)) = (origins, origins.known().and_then(super::super::values::Written::items))
    {
        for item in items {
            if let Some(origin) = item.text().filter(|origin| is_broad(origin)) {
                let message = format!("forms of any site under `{origin}` are accepted as if they were of this one");
                found.push(settings.set(item, message, ORIGINS));
            }
        }
    }
    for name in ["CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL"] {
        let with_credentials = settings.get("CORS_ALLOW_CREDENTIALS").truth() == Some(true);
        if let Setting::Known(written) = settings.get(name)
            && written.truth() == Some(true)
            && !with_credentials
        {
            let message = "every site may read the answers, also inside a network that only this browser reaches";
            found.push(settings.set(written, message, ORIGINS).severity(Severity::Low));
        }
    }
    if let Setting::Known(written) = settings.get("USE_X_FORWARDED_HOST")
        && written.truth() == Some(true)
        && settings.get("ALLOWED_HOSTS").texts().is_some_and(|hosts| hosts.contains(&"*"))
    {
        let message = "the host is what a header of the request says, and every host is allowed: links in mails lead where an attacker wants";
        found.push(settings.set(written, message, HOST));
    }
    told::report(cx, &RULE, found);
}

/// `*`, `https://*`, `https://*.com`
fn is_broad(origin: &str) -> bool {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    match host.strip_prefix('*') {
        Some(rest) => {
            let rest = rest.trim_start_matches('.').split(':').next().unwrap_or_default();
            !rest.contains('.') && rest != "localhost"
        }
        None => false,
    }
}
