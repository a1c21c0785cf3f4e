//! Browsers that guess what a file is.

use casemate_python::syntax::{FunctionId, Span};

use super::headers::{headers, settings};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::network::calls::{calls, is_off, tell};

/// `nosniff-missing`
pub(crate) static RULE: Rule = Rule {
    id: "XSS214",
    name: "nosniff-missing",
    summary: "Browsers may guess another type than the one that was sent",
    severity: Severity::Info,
    kind: Kind::Configuration,
    persona: Persona::Pedantic,
    cwe: &[693],
    owasp_2021: "A05",
    owasp_2025: "A06",
    asvs: "3.4.4",
    page: include_str!("nosniff_missing.md"),
};

const REMEDY: &str =
    "Send `X-Content-Type-Options: nosniff` with every answer; in Django leave `SECURE_CONTENT_TYPE_NOSNIFF` on.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(FunctionId, Span)> = Vec::new();
    for setting in settings(cx) {
        if setting.name == "SECURE_CONTENT_TYPE_NOSNIFF" && is_off(cx, setting.at) {
            found.push((setting.at.function, setting.span));
        }
    }
    for header in headers(cx, "x-content-type-options") {
        if !header.value.trim().eq_ignore_ascii_case("nosniff") {
            found.push((header.id, header.span));
        }
    }
    for call in calls(cx) {
        if call.path.starts_with("flask_talisman.")
            && call.keyword(cx, "x_content_type_options").is_some_and(|at| is_off(cx, at))
        {
            found.push((call.id, call.span()));
        }
    }
    for (id, span) in found {
        tell(
            cx,
            &RULE,
            id,
            span,
            "browsers may take a file of a user for a page or a script".to_owned(),
            REMEDY,
            Confidence::High,
        );
    }
}
