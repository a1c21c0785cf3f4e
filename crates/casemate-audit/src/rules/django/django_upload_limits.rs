//! Limits of requests that the settings take off.

use super::settings::{self, Setting};
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told;

/// `django-upload-limits`
pub(crate) static RULE: Rule = Rule {
    id: "DJ1406",
    name: "django-upload-limits",
    summary: "Django's limits of what a request may hold are off",
    severity: Severity::Medium,
    kind: Kind::Configuration,
    persona: Persona::Default,
    cwe: &[770],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "5.2.1",
    page: include_str!("django_upload_limits.md"),
};

const REMEDY: &str =
    "Leave the default, or set what the largest form needs; larger uploads go to the storage directly.";

/// More than this in memory is no limit.
const LARGE: i64 = 1 << 30;

pub(crate) fn check(cx: &mut Context<'_>) {
    let Some(settings) = settings::of(cx) else { return };
    let mut found = Vec::new();
    let limits = [
        "DATA_UPLOAD_MAX_MEMORY_SIZE",
        "DATA_UPLOAD_MAX_NUMBER_FIELDS",
        "DATA_UPLOAD_MAX_NUMBER_FILES",
        "FILE_UPLOAD_MAX_MEMORY_SIZE",
    ];
    for name in limits {
        let Setting::Known(written) = settings.get(name) else { continue };
        let is_off = written.is_none() && name != "FILE_UPLOAD_MAX_MEMORY_SIZE";
        let is_large = name.ends_with("MEMORY_SIZE")
            && settings::number(Setting::Known(written)).is_some_and(|size| size >= LARGE);
        if is_off || is_large {
            let message = format!("`{name}` limits nothing: one request may fill the memory of the server");
            found.push(settings.set(written, message, REMEDY));
        }
    }
    told::report(cx, &RULE, found);
}
