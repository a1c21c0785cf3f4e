//! Sites whose first request may go out in the clear.

use casemate_python::syntax::{Constant, FunctionId, Span};

use super::headers::{headers, settings};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::network::calls::{calls, constant, is_off, is_true, tell};

/// `hsts-missing`
pub(crate) static RULE: Rule = Rule {
    id: "XSS213",
    name: "hsts-missing",
    summary: "Browsers are not told to use TLS only",
    severity: Severity::Low,
    kind: Kind::Configuration,
    persona: Persona::Pedantic,
    cwe: &[319],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "3.4.1",
    page: include_str!("hsts_missing.md"),
};

const REMEDY: &str = "Send `Strict-Transport-Security: max-age=31536000; includeSubDomains`; in Django set `SECURE_HSTS_SECONDS = 31536000`.";

/// A year.
const LONG: i64 = 31_536_000;

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(FunctionId, Span, String)> = Vec::new();
    let settings = settings(cx);
    let served = settings.iter().find(|setting| setting.name == "SECURE_SSL_REDIRECT" && is_true(cx, setting.at));
    match (settings.iter().find(|setting| setting.name == "SECURE_HSTS_SECONDS"), served) {
        (Some(setting), _) => {
            if let Some(Constant::Int(seconds)) = constant(cx, setting.at)
                && seconds < LONG
            {
                found.push((
                    setting.at.function,
                    setting.span,
                    format!("after {seconds} seconds browsers may come back without TLS"),
                ));
            }
        }
        (None, Some(setting)) => found.push((
            setting.at.function,
            setting.span,
            "TLS is served, but browsers are not told to use nothing else: `SECURE_HSTS_SECONDS` is not set".to_owned(),
        )),
        _ => {}
    }
    for header in headers(cx, "strict-transport-security") {
        let age = header.value.split(';').find_map(|part| {
            part.trim()
                .to_ascii_lowercase()
                .strip_prefix("max-age=")
                .and_then(|age| age.trim_matches('"').parse::<i64>().ok())
        });
        if age.is_some_and(|age| age < LONG) {
            found.push((
                header.id,
                header.span,
                format!("after {} seconds browsers may come back without TLS", age.unwrap_or_default()),
            ));
        }
    }
    for call in calls(cx) {
        if call.path.starts_with("flask_talisman.")
            && call.keyword(cx, "strict_transport_security").is_some_and(|at| is_off(cx, at))
        {
            found.push((call.id, call.span(), "browsers are not told to use TLS only".to_owned()));
        }
    }
    for (id, span, message) in found {
        tell(cx, &RULE, id, span, message, REMEDY, Confidence::Medium);
    }
}
