//! Debug toolbars and profilers in production; for pedantic readers also the description of an API.

use casemate_python::syntax::Op;

use super::configured::{is_conditional, is_for_development};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::given;

/// `api-docs-exposed`
pub(crate) static RULE: Rule = Rule {
    id: "WEB611",
    name: "api-docs-exposed",
    summary: "Tools for developers are reachable in production",
    severity: Severity::Low,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[200],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "13.4.5",
    page: include_str!("api_docs_exposed.md"),
};

const TOOLS: &str = "Add it only where `DEBUG` is on, or in the settings for development.";
const DOCS: &str = "Switch it off where nobody outside needs it (`FastAPI(docs_url=None, redoc_url=None, openapi_url=None)`), or put it behind a sign-in.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if is_for_development(cx, "") {
        return;
    }
    let mut found = Vec::new();
    if let Some(settings) = crate::rules::django::settings::of(cx)
        && !settings.is_debugging()
    {
        // Silk may ask who looks at it.
        let is_guarded = ["SILKY_AUTHENTICATION", "SILKY_AUTHORISATION"]
            .iter()
            .any(|name| settings.get(name).known().is_some_and(|value| value.truth() == Some(true)));
        for name in ["MIDDLEWARE", "INSTALLED_APPS"] {
            let Some(items) = settings.get(name).known().and_then(super::super::values::Written::items) else {
                continue;
            };
            for item in items {
                let is_tool = item.text().is_some_and(|text| {
                    text.starts_with("debug_toolbar")
                        || text.starts_with("silk") && !is_guarded
                        || text.starts_with("django_pdb")
                        || text.starts_with("werkzeug_debugger_runserver")
                });
                if is_tool {
                    let told = settings.set(
                        item,
                        "a tool for developers runs in production: it shows queries, settings and requests of others",
                        TOOLS,
                    );
                    found.push(told.severity(Severity::Medium).confidence(Confidence::Medium));
                }
            }
        }
    }
    for (id, function, value, callee, arguments) in cx.calls() {
        if is_conditional(cx, function, value) {
            continue;
        }
        let span = function.span_of(value);
        match cx.facts.path(id, callee).unwrap_or_default() {
            "werkzeug.middleware.profiler.ProfilerMiddleware"
            | "werkzeug.contrib.profiler.ProfilerMiddleware"
            | "flask_debugtoolbar.DebugToolbarExtension"
            | "pyinstrument.middleware.ProfilerMiddleware" => {
                found.push(
                    Told::new(id, span, "a tool for developers runs wherever the application does", TOOLS)
                        .confidence(Confidence::Medium),
                );
            }
            "fastapi.FastAPI" if cx.persona == Persona::Pedantic => {
                let is_off = ["docs_url", "openapi_url", "redoc_url"]
                    .iter()
                    .any(|name| !given(cx, id, arguments, None, name).is_nothing());
                let is_open =
                    arguments.iter().all(|argument| argument.passing != casemate_python::syntax::Passing::DoubleStar);
                let guards = given(cx, id, arguments, None, "dependencies").is_nothing();
                if !is_off && is_open && guards && matches!(function.op(value), Op::Call { .. }) {
                    found.push(Told::new(id, span, "`/docs` and `/openapi.json` describe every route to everybody, those for administrators too", DOCS).confidence(Confidence::Low));
                }
            }
            _ => {}
        }
    }
    told::report(cx, &RULE, found);
}
