//! Telemetry that takes along what people wrote.

use casemate_python::syntax::{FunctionId, Op, Span};

use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::network::calls::{At, calls, is_true, tell, text};

/// `telemetry-captures-pii`
pub(crate) static RULE: Rule = Rule {
    id: "LOG1108",
    name: "telemetry-captures-pii",
    summary: "Telemetry is told to send personal data along",
    severity: Severity::Low,
    kind: Kind::Configuration,
    persona: Persona::Pedantic,
    cwe: &[532],
    owasp_2021: "A09",
    owasp_2025: "A09",
    asvs: "16.2.5",
    page: include_str!("telemetry_captures_pii.md"),
};

const REMEDY: &str =
    "Leave it off, and add the fields you need by name; what comes along otherwise can be cut out in `before_send`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(FunctionId, Span, String)> = Vec::new();
    for call in calls(cx) {
        for keyword in [
            "send_default_pii",
            "capture_content",
            "trace_content",
            "capture_message_content",
            "record_inputs",
            "include_prompts",
            "capture_prompts",
            "enable_content_tracing",
        ] {
            if call.keyword(cx, keyword).is_some_and(|at| is_true(cx, at)) {
                found.push((call.id, call.span(), keyword.to_owned()));
            }
        }
        for keyword in ["max_request_body_size", "request_bodies"] {
            if call.keyword(cx, keyword).is_some_and(|at| text(cx, at) == Some("always"))
                && call.path.starts_with("sentry_sdk")
            {
                found.push((call.id, call.span(), keyword.to_owned()));
            }
        }
    }
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            let Op::StoreItem { of, index, value: given } = op else { continue };
            let Some(key) = cx.module.constant_str(function, index) else { continue };
            let at = At { module: cx.facts.module, function: id, value: given };
            let on = text(cx, at).is_some_and(|text| {
                matches!(text.to_ascii_lowercase().as_str(), "true" | "1" | "span_and_event" | "span_only")
            });
            if cx.facts.path(id, of) == Some("os.environ")
                && on
                && matches!(
                    key,
                    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
                        | "TRACELOOP_TRACE_CONTENT"
                        | "SENTRY_SEND_DEFAULT_PII"
                        | "AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED"
                )
            {
                found.push((id, function.span_of(value), key.to_owned()));
            }
        }
    }
    for (id, span, name) in found {
        let message = format!("with `{name}` what people send goes along to whoever keeps the telemetry");
        tell(cx, &RULE, id, span, message, REMEDY, Confidence::High);
    }
}
