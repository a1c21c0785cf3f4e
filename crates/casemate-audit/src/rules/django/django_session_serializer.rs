//! Sessions that are loaded as pickles, or signed by a key that is known.

use super::settings::{self, Setting};
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told;

/// `django-session-serializer`
pub(crate) static RULE: Rule = Rule {
    id: "DJ1404",
    name: "django-session-serializer",
    summary: "Django's sessions are pickles",
    severity: Severity::High,
    kind: Kind::Configuration,
    persona: Persona::Default,
    cwe: &[502],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "1.5.2",
    page: include_str!("django_session_serializer.md"),
};

const PICKLE: &str = "Leave `SESSION_SERIALIZER` out; the default is JSON. Put what is not JSON into the database and its id into the session.";
const COOKIES: &str = "Read `SECRET_KEY` from the environment, and make a new one; or keep sessions in the database (`django.contrib.sessions.backends.db`).";

pub(crate) fn check(cx: &mut Context<'_>) {
    let Some(settings) = settings::of(cx) else { return };
    let mut found = Vec::new();
    if let Setting::Known(written) = settings.get("SESSION_SERIALIZER")
        && written.text().is_some_and(|name| name.to_lowercase().contains("pickle"))
    {
        let message = "sessions are loaded as pickles: whoever can write one, by the key or by the store, runs code on the server";
        found.push(settings.set(written, message, PICKLE));
    }
    if let Setting::Known(written) = settings.get("SESSION_ENGINE")
        && written.text().is_some_and(|name| name.ends_with("signed_cookies"))
        && settings
            .get("SECRET_KEY")
            .known()
            .and_then(super::super::values::Written::text)
            .is_some_and(|key| !key.is_empty())
    {
        let message = "sessions lie in the browser, signed by a key that stands in the code: whoever reads it writes himself any session";
        found.push(settings.set(written, message, COOKIES));
    }
    told::report(cx, &RULE, found);
}
