//! The settings of production take `DEBUG` or a database of developers from the module they build upon.

use super::settings::{self, Setting};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told;

/// `django-production-settings-unreachable`
pub(crate) static RULE: Rule = Rule {
    id: "DJ1407",
    name: "django-production-settings-unreachable",
    summary: "Production takes over what was meant for development",
    severity: Severity::High,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[489, 1188],
    owasp_2021: "A05",
    owasp_2025: "A02",
    asvs: "13.4.2",
    page: include_str!("django_production_settings_unreachable.md"),
};

const DEBUG: &str = "Write `DEBUG = False` into the module of production, or better into the base, and `True` into the one for development only.";
const OTHER: &str = "Set it in the module of production.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let Some(settings) = settings::of(cx) else { return };
    if !settings.is_split() {
        return;
    }
    let mut found = Vec::new();
    if !settings.sets_itself("DEBUG")
        && let Setting::Known(written) = settings.get("DEBUG")
        && written.truth() == Some(true)
    {
        let message = format!(
            "`DEBUG = True` of `{}` is in force here as well: error pages show the source, the settings and the data at hand",
            written.module.path
        );
        found.push(settings.missing(message, DEBUG));
    }
    if !settings.sets_itself("EMAIL_BACKEND")
        && let Setting::Known(written) = settings.get("EMAIL_BACKEND")
        && written.text().is_some_and(|name| name.ends_with("console.EmailBackend"))
    {
        let message = format!(
            "mails are printed, as `{}` says for development: links that reset passwords end up in the log",
            written.module.path
        );
        found.push(settings.missing(message, OTHER).severity(Severity::Medium).confidence(Confidence::Medium));
    }
    told::report(cx, &RULE, found);
}
