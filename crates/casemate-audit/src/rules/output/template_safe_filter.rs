//! Templates that put data into the page as it is.

use casemate_python::names::Program;
use casemate_python::syntax::{Constant, Op};

use super::json_in_script::is_json;
use super::rendered::rendered;
use super::templates::{Output, Place, read};
use crate::finding::Step;
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::network::calls::{At, Call, call_at, calls, constant, entry, settled, tell, text};
use crate::rules::network::{FROM_OUTSIDE, hit_at};
use crate::rules::{Context, ProjectContext, evidence};

/// `template-safe-filter`
pub(crate) static RULE: Rule = Rule {
    id: "XSS204",
    name: "template-safe-filter",
    summary: "A template puts data from outside into the page without escaping",
    severity: Severity::High,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[79],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.1",
    page: include_str!("template_safe_filter.md"),
};

const REMEDY: &str = "Take out `safe` (or the `autoescape` block) and let the template escape. Where people may write HTML, clean it in the view (`nh3.clean(value)`) and hand over the result.";

/// Templates that stand in the code: `render_template_string("{{ bio|safe }}", bio=bio)`.
pub(crate) fn inline(cx: &mut Context<'_>) {
    let Some(kind) = cx.knowledge.kind("html") else { return };
    let mut found = Vec::new();
    for call in calls(cx) {
        let source = match call.path {
            "flask.render_template_string"
            | "flask.stream_template_string"
            | "quart.render_template_string"
            | "quart.stream_template_string" => call.argument(cx, 0, "source").and_then(|at| text(cx, at)),
            // `environment.from_string("{{ bio|safe }}").render(bio=bio)`
            path if path.ends_with(".render") => template_of(cx, &call),
            _ => None,
        };
        let Some(source) = source else { continue };
        for output in read(source).0 {
            if !output.is_unescaped() || matches!(output.place, Place::Other) {
                continue;
            }
            let at = call.keyword(cx, &output.root).or_else(|| {
                // `render({"bio": bio})`
                let values = call.position(0).filter(|_| call.name == "render")?;
                entry(cx, settled(cx, values), &output.root)
            });
            let Some(at) = at.filter(|at| at.module == cx.facts.module) else { continue };
            let fact = cx.facts.fact(at.function, at.value);
            if fact.labels.meets(FROM_OUTSIDE) && cx.facts.clean_of(fact) & (1 << kind) == 0 && !is_json(cx, at) {
                let written = source.get(output.span.clone()).unwrap_or_default().to_owned();
                found.push((call.id, call.value, call.span(), at, written));
            }
        }
    }
    for (id, call, span, at, written) in found {
        let path = cx.path(&hit_at(cx, kind, at.function, call, at.value), FROM_OUTSIDE, "is given to the template");
        let source = path.first().map(|step| step.note.clone()).unwrap_or_default();
        let message = format!("`{written}` puts data from outside into the page as it is: {source}");
        let finding = tell(cx, &RULE, id, span, message, REMEDY, Confidence::High);
        finding.path = path;
        finding.missing_guard = Some("escaping by the template".to_owned());
    }
}

/// The text of the template whose `render` is called, where it stands in the code.
fn template_of<'c>(cx: &Context<'c>, call: &Call<'c>) -> Option<&'c str> {
    let Op::Attribute { of, .. } = call.function.op(call.function.bare(call.callee)) else { return None };
    let made = settled(cx, At { module: cx.facts.module, function: call.id, value: of });
    let made = call_at(cx, made.function, made.value).filter(|_| made.module == cx.facts.module)?;
    let is_jinja = made.path == "jinja2.Template"
        || made.path.starts_with("jinja2.") && made.path.ends_with("Environment().from_string");
    made.argument(cx, 0, "source").filter(|_| is_jinja).and_then(|at| text(cx, at))
}

pub(crate) fn check(cx: &mut Context<'_>) {
    let Some(kind) = cx.knowledge.kind("html") else { return };
    let templates = cx.templates;
    if templates.is_empty() {
        return;
    }
    let mut found = Vec::new();
    for view in rendered(cx) {
        for (template, output) in view.outputs(templates) {
            // What the definition of a form says, whatever was filled in.
            let is_of_form = output.expression.rsplit_once('.').is_some_and(|(_, last)| {
                matches!(
                    last,
                    "help_text" | "label" | "label_tag" | "legend_tag" | "media" | "html_name" | "id_for_label"
                )
            });
            if !output.is_unescaped() || is_of_form || matches!(output.place, Place::Other) {
                continue;
            }
            let Some(at) = view.value(cx, &output.root).filter(|at| at.module == cx.facts.module) else { continue };
            let fact = cx.facts.fact(at.function, at.value);
            let is_clean = cx.facts.clean_of(fact) & (1 << kind) != 0;
            let is_outside = fact.labels.meets(FROM_OUTSIDE) && !is_clean;
            // What cannot be told is told to those who want to see suspicions.
            let is_unknown = (cx.persona == Persona::Pedantic || is_stored_text(cx.program, output))
                && !fact.constant
                && !is_clean
                && constant(cx, at).is_none()
                && !makes_html(cx, at);
            let hit = hit_at(cx, kind, at.function, view.call.value, at.value);
            let is_doubtful = cx.persona == Persona::Default && evidence::is_thin(cx, &hit, FROM_OUTSIDE);
            if (is_outside && !is_doubtful || is_unknown) && !is_json(cx, at) {
                let is_stored = !is_outside && is_stored_text(cx.program, output);
                found.push((template, output.clone(), at, view.call.value, (is_outside, is_stored)));
            }
        }
    }
    for (template, output, at, call, (is_outside, is_stored)) in found {
        let hit = hit_at(cx, kind, at.function, call, at.value);
        let written = template.text.get(output.span.clone()).unwrap_or_default().to_owned();
        let mut path = if is_outside { cx.path(&hit, FROM_OUTSIDE, "is given to the template") } else { Vec::new() };
        let source = path.first().map(|step| step.note.clone()).unwrap_or_default();
        let message = if is_outside {
            format!("`{written}` puts data from outside into the page as it is: {source}")
        } else if is_stored {
            of_record(&written)
        } else {
            format!("`{written}` puts into the page as it is what cannot be shown to be safe")
        };
        let finding = cx.report_in_template(&RULE, template, output.span.clone(), message);
        let end =
            Step { place: finding.place.clone(), note: "is put into the page as it is".to_owned(), snippet: written };
        if is_outside {
            path.push(end);
        }
        finding.path = path;
        finding.severity = if is_outside { Severity::High } else { Severity::Medium };
        finding.confidence = match (is_outside, is_stored) {
            (true, _) => Confidence::High,
            (false, true) => Confidence::Medium,
            (false, false) => Confidence::Low,
        };
        finding.missing_guard = Some("escaping by the template".to_owned());
        finding.remedy = REMEDY.to_owned();
    }
}

/// Templates that no view of the project names.
pub(crate) fn alone(cx: &mut ProjectContext<'_>) {
    let templates = cx.templates;
    let is_pedantic = cx.persona == Persona::Pedantic;
    let is_told = |output: &Output| {
        output.is_unescaped() && output.place != Place::Other && (is_pedantic || is_stored_text(cx.program, output))
    };
    if !templates.iter().any(|template| template.outputs.iter().any(is_told)) {
        return;
    }
    let mut names: Vec<&str> =
        templates.iter().flat_map(|template| template.includes.iter().map(String::as_str)).collect();
    for module in cx.program.modules() {
        for function in &module.functions {
            for (_, op) in function.values() {
                if let Op::Constant(Constant::Str(text)) = op {
                    let text = module.string(text);
                    if text.len() < 200 && text.contains('.') && !text.contains(char::is_whitespace) {
                        names.push(text);
                    }
                }
            }
        }
    }
    for template in templates {
        if names.iter().any(|name| template.is_named(name)) {
            continue;
        }
        let program = cx.program;
        let is_told = |output: &Output| {
            output.is_unescaped() && output.place != Place::Other && (is_pedantic || is_stored_text(program, output))
        };
        for output in template.outputs.iter().filter(|output| is_told(output)) {
            let written = template.text.get(output.span.clone()).unwrap_or_default();
            let is_stored = is_stored_text(program, output);
            let message = match is_stored {
                true => of_record(written),
                false => format!("`{written}` puts into the page as it is what cannot be shown to be safe"),
            };
            let finding = cx.report_in_template(&RULE, template, output.span.clone(), message);
            finding.severity = Severity::Medium;
            finding.confidence = if is_stored { Confidence::Medium } else { Confidence::Low };
            finding.remedy = REMEDY.to_owned();
        }
    }
}

fn of_record(written: &str) -> String {
    format!("`{written}` puts the text of a record into the page as it is: whoever fills in that field writes the page")
}

/// Whether a template shows a field of a record as HTML that is plain text by its name: a caption, not a body. The project
/// itself declares the field, and cleans HTML nowhere.
fn is_stored_text(program: &Program, output: &Output) -> bool {
    let Some((of, field)) = output.expression.rsplit_once('.') else { return false };
    let is_text = matches!(
        field,
        "title"
            | "caption"
            | "subject"
            | "username"
            | "first_name"
            | "last_name"
            | "full_name"
            | "display_name"
            | "nickname"
    );
    let is_form = of.split('.').any(|part| matches!(part, "form" | "field" | "column" | "widget" | "tab" | "menu"));
    let is_declared = |column: &str| {
        let declared = format!("{field} = {column}");
        program.mentioning(&[field]).any(|(_, module)| module.text.contains(&declared))
    };
    is_text
        && !is_form
        && !output.is_raw
        && output.filters.iter().any(|filter| filter == "safe")
        && ["models.CharField(", "models.TextField(", "db.Column(", "Column("].iter().any(|column| is_declared(column))
        && program.mentioning(&["bleach", "nh3", "sanitize_html"]).next().is_none()
}

/// Whether a value is made by what makes HTML on purpose.
fn makes_html(cx: &Context<'_>, at: At) -> bool {
    let made = settled(cx, at);
    let Some(call) = (made.module == cx.facts.module).then(|| call_at(cx, made.function, made.value)).flatten() else {
        return false;
    };
    cx.knowledge.models.calls.get(call.path).is_some_and(|model| model.cleans != 0)
        || matches!(
            call.name,
            "render_to_string"
                | "render_template"
                | "as_p"
                | "as_table"
                | "format_html"
                | "highlight"
                | "clean"
                | "sanitize"
        )
}
