//! Templates that do not escape.

use casemate_python::syntax::{Collection, Constant, FunctionId, Op, Span, Value};

use crate::finding::{Confidence, Severity};
use crate::models::words;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::network::calls::{self, At, Call, calls, is_off, items, tell, text};

/// `autoescape-off`
pub(crate) static RULE: Rule = Rule {
    id: "XSS203",
    name: "autoescape-off",
    summary: "Templates are rendered without escaping",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[79, 116],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.1",
    page: include_str!("autoescape_off.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(FunctionId, Span, String, &str, Confidence)> = Vec::new();
    for call in calls(cx) {
        if let Some((message, remedy, confidence)) = called(cx, &call) {
            found.push((call.id, call.span(), message.to_owned(), remedy, confidence));
        }
    }
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            let Op::StoreAttribute { of, name, value: given } = op else { continue };
            let at = At { module: cx.facts.module, function: id, value: given };
            let written = cx.module.slice(function.span_of(of)).to_ascii_lowercase();
            if cx.module.symbols.text(name) == "autoescape"
                && is_off(cx, at)
                && (written.contains("env") || written.contains("jinja") || written.contains("context"))
            {
                found.push((
                    id,
                    function.span_of(value),
                    format!("`{written}.autoescape` is turned off"),
                    JINJA,
                    Confidence::High,
                ));
            }
        }
        // `app.jinja_options = {"autoescape": False}`, `app.jinja_options["autoescape"] = False`
        for (value, op) in function.values() {
            let named = |of: Value| cx.module.slice(function.span_of(of)).ends_with("jinja_options");
            let at = |value| At { module: cx.facts.module, function: id, value };
            let off = match op {
                Op::StoreAttribute { name, value, .. } if cx.module.symbols.text(name) == "jinja_options" => {
                    calls::entry(cx, calls::settled(cx, at(value)), "autoescape").is_some_and(|at| is_off(cx, at))
                }
                Op::StoreItem { of, index, value } if named(of) => {
                    cx.module.constant_str(function, index) == Some("autoescape") && is_off(cx, at(value))
                }
                _ => false,
            };
            if off {
                let message = "`jinja_options` turns off escaping for every template".to_owned();
                found.push((id, function.span_of(value), message, JINJA, Confidence::High));
            }
        }
        // `def select_jinja_autoescape(self, filename): return False`
        if function.name == "select_jinja_autoescape"
            && !function.returns.is_empty()
            && function.returns.iter().all(|&one| is_off(cx, At { module: cx.facts.module, function: id, value: one }))
        {
            found.push((
                id,
                function.name_span,
                "this method turns off escaping for every template".to_owned(),
                JINJA,
                Confidence::High,
            ));
        }
    }
    // The settings of Django: `TEMPLATES = [{…, "OPTIONS": {"autoescape": False}}]`
    if let Some(body) = cx.module.functions.first() {
        for (value, op) in body.values() {
            let Op::Build { collection: Collection::Dict, .. } = op else { continue };
            let at = At { module: cx.facts.module, function: FunctionId(0), value };
            let Some(options) = calls::entry(cx, at, "OPTIONS") else { continue };
            if let Some(off) = calls::entry(cx, options, "autoescape").filter(|&at| is_off(cx, at)) {
                found.push((
                    FunctionId(0),
                    body.span_of(off.value),
                    "the templates of the project are rendered without escaping".to_owned(),
                    "Take `autoescape` out of the options; it is on unless it is turned off.",
                    Confidence::High,
                ));
            }
        }
    }
    for (id, span, message, remedy, confidence) in found {
        // Nothing says that pages are made here.
        let written = cx.module.function(id).map_or("", |_| cx.module.slice(span));
        let is_meant = ["autoescape", "FileSystemLoader", "PackageLoader"].iter().any(|word| written.contains(word));
        if cx.persona == Persona::Default && confidence != Confidence::High && !is_meant {
            continue;
        }
        let finding = tell(cx, &RULE, id, span, message, remedy, confidence);
        finding.missing_guard = Some("escaping by the template engine".to_owned());
    }
}

const JINJA: &str = "Pass `autoescape=jinja2.select_autoescape()`, which escapes in templates that end in .html, .htm and .xml, or `autoescape=True`.";

fn called(cx: &Context<'_>, call: &Call<'_>) -> Option<(&'static str, &'static str, Confidence)> {
    let given = call.keyword(cx, "autoescape");
    let is_pedantic = cx.persona == Persona::Pedantic;
    match call.path {
        "jinja2.Environment"
        | "jinja2.environment.Environment"
        | "jinja2.sandbox.SandboxedEnvironment"
        | "jinja2.sandbox.ImmutableSandboxedEnvironment"
        | "jinja2.nativetypes.NativeEnvironment" => match given {
            _ if !is_pedantic && is_for_other_text(cx, call) => None,
            Some(at) if is_off(cx, at) || never_escapes(cx, at) => makes_pages(cx, true)
                .map(|confidence| ("`autoescape` is off, so data becomes part of pages as it is", JINJA, confidence)),
            Some(_) => None,
            None if call.is_open(cx) || later(cx, call) => None,
            None => makes_pages(cx, is_pedantic || loads_files(cx, call)).map(|confidence| {
                (
                    "`Environment` does not escape unless it is told to, so data becomes part of pages as it is",
                    JINJA,
                    confidence,
                )
            }),
        },
        "jinja2.Template" | "jinja2.environment.Template" => {
            let off = given.map_or(!call.is_open(cx), |at| is_off(cx, at));
            let written = call.position(0).and_then(|at| text(cx, at));
            let is_page = written.is_some_and(looks_like_page);
            // `Content-Type: text/plain` stands above it.
            if written.is_some_and(|text| text.to_ascii_lowercase().contains("content-type: text/plain"))
                && !is_pedantic
            {
                return None;
            }
            // What is written to a file is no page that is sent.
            let is_kept = !is_pedantic
                && Context::uses(call.function, call.value).into_iter().any(|used| match call.function.op(used) {
                    Op::Call { callee, .. } => {
                        matches!(calls::name_of(cx.module, call.function, callee), "write" | "write_text")
                            && !cx.module.slice(call.function.span_of(callee)).contains("self.")
                    }
                    _ => false,
                });
            (off && !is_kept && (is_page || calls::imports(cx.module, calls::WEB)))
                .then_some(("a `Template` of its own does not escape unless it is told to", "Use an environment with `autoescape=jinja2.select_autoescape()` and its `from_string`, or pass `autoescape=True`.", Confidence::Medium))
        }
        "django.template.Engine"
        | "django.template.engine.Engine"
        | "django.template.Context"
        | "django.template.context.Context"
            if given.is_some_and(|at| is_off(cx, at)) && call.name != "Context" =>
        {
            Some(("templates of this engine are rendered without escaping", "Leave `autoescape` on.", Confidence::High))
        }
        "django.template.Context" | "django.template.context.Context" if given.is_some_and(|at| is_off(cx, at)) => {
            // Mails in plain text are rendered so, and rightly.
            let is_text = call.function.values().any(
                |(_, op)| matches!(op, Op::Constant(Constant::Str(text)) if cx.module.string(text).ends_with(".txt")),
            );
            (!is_text && (is_pedantic || is_shown_as_page(cx, call))).then_some((
                "this context turns off escaping",
                "Leave `autoescape` on; plain text has templates of its own.",
                Confidence::Medium,
            ))
        }
        "mako.template.Template" | "mako.lookup.TemplateLookup" => {
            let filters = call.keyword(cx, "default_filters").map(|at| {
                items(cx, at)
                    .iter()
                    .filter_map(|&at| text(cx, at))
                    .any(|filter| matches!(filter, "h" | "x") || words(filter).iter().any(|word| word == "escape"))
            });
            (filters != Some(true) && !call.is_open(cx) && makes_pages(cx, true).is_some()).then_some((
                "Mako does not escape unless it is told to",
                "Pass `default_filters=[\"h\"]`.",
                Confidence::Medium,
            ))
        }
        // Flask escapes in templates that end in these, and in no others.
        "flask.render_template" | "flask.templating.render_template" | "quart.render_template" => {
            let name = call.position(0).and_then(|at| text(cx, at))?.to_ascii_lowercase();
            let end = name.rsplit_once('.')?.1;
            let is_escaped = matches!(end, "html" | "htm" | "xml" | "xhtml" | "svg");
            let is_text = [
                "txt",
                "text",
                "js",
                "json",
                "css",
                "csv",
                "md",
                "rst",
                "py",
                "sql",
                "sh",
                "yaml",
                "yml",
                "toml",
                "ini",
                "conf",
                "tex",
                "eml",
                "ics",
                "cfg",
                "webmanifest",
            ]
            .iter()
            .any(|kind| name.ends_with(&format!(".{kind}")) || name.contains(&format!(".{kind}.")));
            let has_values = call.arguments.len() > 1;
            let is_set = cx.any_module(&RULE, &["select_jinja_autoescape", "autoescape"], |_| true);
            (!is_escaped && !is_text && has_values && !is_set).then_some((
                "Flask does not escape in a template with this ending, so data becomes part of the page as it is",
                "Name the template `.html` (also `.htm`, `.xml`, `.xhtml`, `.svg`), or escape in it (`{{ value|e }}`).",
                Confidence::Medium,
            ))
        }
        "bottle.SimpleTemplate" | "bottle.template"
            if call.keyword(cx, "noescape").is_some_and(|at| calls::is_true(cx, at)) =>
        {
            Some((
                "`noescape` puts data into the page as it is",
                "Leave out `noescape`, and write `{{!value}}` only for HTML of your own.",
                Confidence::High,
            ))
        }
        "tornado.web.Application" | "tornado.template.Loader" | "tornado.template.Template"
            if given.is_some_and(|at| calls::is_none(cx, at)) =>
        {
            Some((
                "`autoescape=None` puts data into pages as it is",
                "Leave out `autoescape`; write `{% raw … %}` only for HTML of your own.",
                Confidence::High,
            ))
        }
        "fastapi.templating.Jinja2Templates" | "starlette.templating.Jinja2Templates"
            if given.is_some_and(|at| is_off(cx, at)) =>
        {
            Some((
                "`autoescape` is off, so data becomes part of pages as it is",
                "Leave out `autoescape`.",
                Confidence::High,
            ))
        }
        "airspeed.Template" | "chevron.render" => None,
        _ => None,
    }
}

/// `lambda name: False`
fn never_escapes(cx: &Context<'_>, at: At) -> bool {
    let Op::Function(id) = calls::op(cx, calls::settled(cx, at)) else { return false };
    cx.function(at.module, id).is_some_and(|(_, function)| {
        !function.returns.is_empty()
            && function.returns.iter().all(|&value| is_off(cx, At { function: id, value, ..at }))
    })
}

/// Whether a function says that what it renders is a page: by the name of a template, by tags, or by what it does with it.
fn is_shown_as_page(cx: &Context<'_>, call: &Call<'_>) -> bool {
    call.function.values().any(|(_, op)| match op {
        Op::Constant(Constant::Str(text)) => {
            let text = cx.module.string(text);
            text.ends_with(".html") || text.ends_with(".htm") || looks_like_page(text) || text == "text/html"
        }
        Op::Call { callee, .. } => matches!(
            calls::name_of(cx.module, call.function, callee),
            "HttpResponse"
                | "HTMLResponse"
                | "mark_safe"
                | "SafeString"
                | "attach_alternative"
                | "StreamingHttpResponse"
        ),
        _ => false,
    })
}

/// Whether an environment is told later on.
fn later(cx: &Context<'_>, call: &Call<'_>) -> bool {
    call.function.values().any(|(_, op)| match op {
        Op::StoreAttribute { of, name, .. } => {
            cx.module.symbols.text(name) == "autoescape" && calls::settled(cx, call.at(of)).value == call.value
        }
        _ => false,
    })
}

/// Whether an environment is made for text that is no page: with marks of its own, as for LaTeX, or for values of Python.
fn is_for_other_text(cx: &Context<'_>, call: &Call<'_>) -> bool {
    call.path.ends_with("NativeEnvironment")
        || ["block_start_string", "variable_start_string", "comment_start_string"]
            .iter()
            .any(|mark| call.keyword(cx, mark).is_some())
        // The same by position: `Environment("{%", "%}", "{", "}")`
        || call.path.ends_with("nvironment") && call.position(0).is_some_and(|at| text(cx, at).is_some())
}

/// Whether an environment reads templates from files: without a loader it has those texts alone that it is given, most
/// often queries, prompts and names.
fn loads_files(cx: &Context<'_>, call: &Call<'_>) -> bool {
    let is_given_text = call.function.values().any(|(_, op)| match op {
        Op::Call { callee, .. } => match call.function.op(callee) {
            Op::Attribute { of, name } => of == call.value && cx.module.symbols.text(name) == "from_string",
            _ => false,
        },
        _ => false,
    });
    (call.keyword(cx, "loader").is_some() || call.position(0).is_some()) && !is_given_text
}

/// Whether the templates of a module are pages, and how sure that is; `None` if they are something else. Where only the
/// libraries of the module speak for it, or nothing at all, it depends on what the environment is.
fn makes_pages(cx: &Context<'_>, loads: bool) -> Option<Confidence> {
    let mut templates = Vec::new();
    for function in &cx.module.functions {
        for (_, op) in function.values() {
            let Op::Constant(Constant::Str(text)) = op else { continue };
            let text = cx.module.string(text);
            if text.len() < 200 && !text.contains(char::is_whitespace) && text.contains('.') {
                templates.push(text);
            } else if looks_like_page(text) {
                return Some(Confidence::High);
            }
        }
    }
    let page = |text: &&str| {
        let text = text
            .trim_end_matches(".j2")
            .trim_end_matches(".jinja2")
            .trim_end_matches(".jinja")
            .trim_end_matches(".tmpl");
        [".html", ".htm", ".xhtml", ".svg"].iter().any(|end| text.ends_with(end))
    };
    if templates.iter().any(page) || loads && calls::imports(cx.module, calls::WEB) {
        return Some(Confidence::High);
    }
    let other = |text: &&str| {
        let plain = text.trim_end_matches(".j2").trim_end_matches(".jinja2").trim_end_matches(".jinja");
        [
            ".txt", ".py", ".sql", ".tex", ".md", ".rst", ".yaml", ".yml", ".toml", ".cfg", ".conf", ".json", ".c",
            ".h", ".cpp", ".rs", ".go", ".ts", ".js", ".sh", ".ini", ".xml", ".j2", ".jinja", ".jinja2", ".in", ".tpl",
        ]
        .iter()
        .any(|end| plain.ends_with(end) || text.ends_with(end))
    };
    if templates.iter().any(other) {
        return None;
    }
    // Nothing tells what is rendered.
    if !loads {
        return None;
    }
    Some(if cx.persona == Persona::Pedantic { Confidence::Low } else { Confidence::Medium })
        .filter(|_| !is_generator(cx))
}

/// Whether a module writes code or documents rather than pages.
fn is_generator(cx: &Context<'_>) -> bool {
    let path = cx.module.path.to_lowercase();
    ["codegen", "generat", "scaffold", "cookiecutter", "setup.py", "build", "docs/", "sphinx", "prompt", "sql", "latex"]
        .iter()
        .any(|word| path.contains(word))
}

fn looks_like_page(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["<html", "<body", "<div", "<p>", "<h1", "<li", "<a ", "<span", "<td", "<b>", "<br"]
        .iter()
        .any(|tag| lower.contains(tag))
}
