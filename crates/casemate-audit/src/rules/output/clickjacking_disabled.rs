//! Pages that other sites may put into a frame.

use casemate_python::syntax::{FunctionId, Span};

use super::headers::{headers, settings};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::network::calls::{calls, is_none, items, tell, text};

/// `clickjacking-disabled`
pub(crate) static RULE: Rule = Rule {
    id: "XSS211",
    name: "clickjacking-disabled",
    summary: "Other sites may show a page in a frame",
    severity: Severity::Low,
    kind: Kind::Configuration,
    persona: Persona::Pedantic,
    cwe: &[1021],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "3.4.6",
    page: include_str!("clickjacking_disabled.md"),
};

const REMEDY: &str = "Send `Content-Security-Policy: frame-ancestors 'none'` (or `'self'`) and `X-Frame-Options: DENY`; in Django keep `XFrameOptionsMiddleware`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(FunctionId, Span, String)> = Vec::new();
    for (_, function) in cx.module.function_ids() {
        let Some((parent_id, parent)) = function.parent.and_then(|id| Some((id, cx.module.function(id)?))) else {
            continue;
        };
        for &decorator in &function.decorators {
            let written =
                cx.facts.path(parent_id, decorator).unwrap_or_else(|| cx.module.slice(parent.span_of(decorator)));
            if written.ends_with("xframe_options_exempt") {
                found.push((
                    parent_id,
                    // A decorator that is only a name stands where the name was made.
                    Span { start: function.span.start, end: function.name_span.end },
                    format!("`{}` may be shown in a frame of any other site", function.name),
                ));
            }
        }
    }
    for setting in settings(cx) {
        match setting.name {
            "X_FRAME_OPTIONS" => {
                if let Some(value) = text(cx, setting.at)
                    .filter(|value| !matches!(value.to_ascii_uppercase().as_str(), "DENY" | "SAMEORIGIN"))
                {
                    found.push((
                        setting.at.function,
                        setting.span,
                        format!("browsers do not know `{value}`, so any other site may show the pages in a frame"),
                    ));
                }
            }
            "MIDDLEWARE" | "MIDDLEWARE_CLASSES" => {
                let names: Vec<&str> = items(cx, setting.at).iter().filter_map(|&at| text(cx, at)).collect();
                if names.iter().any(|name| name.contains("django."))
                    && !names.iter().any(|name| name.contains("XFrameOptions") || name.contains("csp"))
                {
                    found.push((
                        setting.at.function,
                        setting.span,
                        "without `XFrameOptionsMiddleware` any other site may show the pages in a frame".to_owned(),
                    ));
                }
            }
            _ => {}
        }
    }
    for header in headers(cx, "x-frame-options") {
        if header.value.to_ascii_uppercase().starts_with("ALLOW") {
            found.push((
                header.id,
                header.span,
                format!("browsers do not know `{}`, so any other site may show the pages in a frame", header.value),
            ));
        }
    }
    for call in calls(cx) {
        if call.path.starts_with("flask_talisman.")
            && call.keyword(cx, "frame_options").is_some_and(|at| is_none(cx, at))
        {
            found.push((
                call.id,
                call.span(),
                "without `frame_options` any other site may show the pages in a frame".to_owned(),
            ));
        }
    }
    for (id, span, message) in found {
        tell(cx, &RULE, id, span, message, REMEDY, Confidence::Medium);
    }
}
