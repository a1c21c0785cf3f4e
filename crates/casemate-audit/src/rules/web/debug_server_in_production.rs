//! Debug mode, the debugger and reloading in what runs for users.

use casemate_python::syntax::{Constant, FunctionId, Op};

use super::configured::{is_conditional, is_django_settings, is_for_development, settings};
use crate::finding::Severity;
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::told::{self, Told};
use crate::rules::values::{called, given, mentions, written};
use crate::rules::{Context, TextContext};

/// `debug-server-in-production`
pub(crate) static RULE: Rule = Rule {
    id: "WEB609",
    name: "debug-server-in-production",
    summary: "A debugger or a server for development runs for everybody",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[489, 94],
    owasp_2021: "A05",
    owasp_2025: "A02",
    asvs: "13.4.2",
    page: include_str!("debug_server_in_production.md"),
};

const REMEDY: &str = "Leave it off in the code; switch it on for development from outside (`flask --debug run`, `uvicorn --reload`) and start the application with gunicorn or uvicorn.";
const DJANGO: &str = "Write `DEBUG = False`, or read it from the environment with `False` as default.";

pub(crate) fn check(cx: &mut Context<'_>) {
    if !mentions(cx, &["debug", "DEBUG", "reload", "Debug", "TESTING", "ENV"]) {
        return;
    }
    if is_for_development(cx, "") {
        return;
    }
    let mut found = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        let path = cx.facts.path(id, callee).unwrap_or_default();
        let last = called(cx.module, function, callee);
        let span = function.span_of(value);
        let truth = |name: &str| given(cx, id, arguments, None, name).is_true();
        let is_run = matches!(last, "run" | "run_server" | "run_app") && is_server(cx, path);
        let told = if is_run
            && (truth("debug")
                || truth("use_debugger")
                || path == "flask.Flask().run" && given(cx, id, arguments, Some(2), "debug").is_true())
        {
            Some(Told::new(
                id,
                span,
                "the debugger answers errors with the source and a console that runs Python on the server",
                REMEDY,
            ))
        } else if matches!(path, "werkzeug.serving.run_simple" | "werkzeug.run_simple") && truth("use_debugger")
            || path == "werkzeug.debug.DebuggedApplication" && !given(cx, id, arguments, Some(1), "evalex").is_false()
        {
            Some(Told::new(
                id,
                span,
                "the debugger answers errors with a console that runs Python on the server",
                REMEDY,
            ))
        } else if matches!(
            path,
            "fastapi.FastAPI"
                | "starlette.applications.Starlette"
                | "tornado.web.Application"
                | "litestar.Litestar"
                | "bottle.debug"
        ) && (truth("debug")
            || path == "bottle.debug" && !given(cx, id, arguments, Some(0), "mode").is_false())
        {
            Some(
                Told::new(id, span, "errors are answered with the source and the values at hand", REMEDY)
                    .severity(Severity::Medium),
            )
        } else if is_run && (truth("reload") || truth("reloader") || truth("use_reloader")) {
            Some(
                Told::new(id, span, "the server restarts whenever a file changes, which is for development", REMEDY)
                    .severity(Severity::Low),
            )
        } else {
            None
        };
        found.extend(told.filter(|_| is_run || !is_conditional(cx, function, value)));
    }
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            if let Op::StoreAttribute { of, name, value: stored } = op
                && cx.module.symbols.text(name) == "debug"
                && !is_conditional(cx, function, value)
                && matches!(
                    cx.facts.path(id, of),
                    Some(
                        "flask.Flask()"
                            | "quart.Quart()"
                            | "fastapi.FastAPI()"
                            | "starlette.applications.Starlette()"
                            | "sanic.Sanic()"
                    )
                )
                && written(cx, id, stored).and_then(super::super::values::Written::truth) == Some(true)
            {
                found.push(Told::new(
                    id,
                    function.span_of(value),
                    "the debugger answers errors with the source and a console that runs Python on the server",
                    REMEDY,
                ));
            }
        }
    }
    for setting in settings(cx, |name| name == "DEBUG") {
        let is_set = setting.value.truth() == Some(true) && setting.value.text().is_none();
        let is_scoped = cx
            .module
            .function(setting.function)
            .is_some_and(|scope| scope.kind == casemate_python::syntax::FunctionKind::Module);
        let is_production_class =
            words(setting.class).iter().any(|word| matches!(word.as_str(), "prod" | "production" | "live"));
        let is_config_item = setting.class.is_empty() && !is_scoped;
        let is_top_config = setting.class.is_empty()
            && is_scoped
            && matches!(cx.module.function(FunctionId(0)), Some(body) if !body.assigned.iter().any(|(name, _)| cx.module.symbols.text(*name) == "DEBUG"));
        if is_set && (is_production_class || is_config_item || is_top_config) && !is_django_settings(cx) {
            found.push(Told::new(
                setting.function,
                setting.span,
                "errors are answered with the source, the settings and the values at hand",
                REMEDY,
            ));
        }
    }
    // Only who asks for suspicions hears of what Flask does otherwise for tests and developers.
    let is_flask = cx.persona == Persona::Pedantic && cx.imports_any(&["flask", "quart"]);
    for setting in settings(cx, |name| is_flask && matches!(name, "TESTING" | "ENV")) {
        let is_on = match setting.name {
            "ENV" => setting.value.text() == Some("development"),
            _ => setting.value.truth() == Some(true) && setting.value.text().is_none(),
        };
        if is_on && !is_for_development(cx, setting.class) {
            let message = format!(
                "`{}` is set for tests and developers: errors are handled otherwise than for users",
                setting.name
            );
            found.push(Told::new(setting.function, setting.span, message, REMEDY).severity(Severity::Low));
        }
    }
    django(cx, &mut found);
    told::report(cx, &RULE, found);
}

/// `DEBUG = True` in settings that stand on their own; those of several modules have a rule of their own.
fn django(cx: &Context<'_>, found: &mut Vec<Told>) {
    let Some(all) = crate::rules::django::settings::of(cx) else { return };
    if all.sets_itself("DEBUG")
        && let Some(written) = all.get("DEBUG").known()
        && matches!(written.op(), Op::Constant(Constant::Bool(true)))
    {
        found.push(all.set(
            written,
            "`DEBUG = True`: error pages show the source, the settings and the values at hand to everybody",
            DJANGO,
        ));
    }
}

fn is_server(cx: &Context<'_>, path: &str) -> bool {
    const KNOWN: [&str; 9] =
        ["flask.", "quart.", "sanic.", "dash.", "bottle.", "uvicorn.", "flask_socketio.", "hypercorn.", "aiohttp."];
    if KNOWN.iter().any(|known| path.starts_with(known)) {
        return true;
    }
    // An application that another function makes.
    path.is_empty()
        && cx.module.imports.iter().any(|import| {
            matches!(
                import.module.split('.').next(),
                Some("flask" | "quart" | "sanic" | "dash" | "bottle" | "app" | "application" | "server" | "web")
            ) || import.name.as_deref().is_some_and(|name| matches!(name, "create_app" | "app" | "application"))
        })
}

/// `ENV FLASK_DEBUG=1` of an image.
pub(crate) fn check_text(cx: &mut TextContext<'_>) {
    let name = cx.name().to_ascii_lowercase();
    if cx.format != casemate_secrets::Format::Dockerfile
        || ["dev", "test", "local", "debug"].iter().any(|word| name.contains(word))
    {
        return;
    }
    let mut at = 0;
    let mut spans = Vec::new();
    for line in cx.text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let bare = line.trim();
        if !bare.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("ENV ")) {
            continue;
        }
        let settings: Vec<&str> = bare.split_whitespace().skip(1).collect();
        let is_on = settings.iter().any(|setting| {
            matches!(
                setting.trim_matches('"').to_ascii_lowercase().as_str(),
                "flask_debug=1"
                    | "flask_debug=true"
                    | "flask_env=development"
                    | "django_debug=true"
                    | "django_debug=1"
                    | "debug=true"
                    | "quart_debug=1"
                    | "werkzeug_debug_pin=off"
            )
        }) || matches!(
            settings.as_slice(),
            ["FLASK_DEBUG", "1" | "true" | "True"] | ["FLASK_ENV", "development"] | ["DEBUG", "True" | "true"]
        );
        if is_on {
            spans.push(start..start + bare.len());
        }
    }
    for span in spans {
        let finding = cx.report(&RULE, span, "the image switches the debug mode on wherever it runs".to_owned());
        finding.remedy = "Take it out of the image and set it where a developer starts the container.".to_owned();
    }
}
