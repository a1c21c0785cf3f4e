//! Templates that put data into the page as it is.

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
            let is_unknown = cx.persona == Persona::Pedantic
                && !fact.constant
                && !is_clean
                && constant(cx, at).is_none()
                && !makes_html(cx, at);
            let hit = hit_at(cx, kind, at.function, view.call.value, at.value);
            let is_doubtful = cx.persona == Persona::Default && evidence::is_thin(cx, &hit, FROM_OUTSIDE);
            if (is_outside && !is_doubtful || is_unknown) && !is_json(cx, at) {
                found.push((template, output.clone(), at, view.call.value, is_outside));
            }
        }
    }
    for (template, output, at, call, is_outside) in found {
        let hit = hit_at(cx, kind, at.function, call, at.value);
        let written = template.text.get(output.span.clone()).unwrap_or_default().to_owned();
        let mut path = if is_outside { cx.path(&hit, FROM_OUTSIDE, "is given to the template") } else { Vec::new() };
        let source = path.first().map(|step| step.note.clone()).unwrap_or_default();
        let message = if is_outside {
            format!("`{written}` puts data from outside into the page as it is: {source}")
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
        finding.confidence = if is_outside { Confidence::High } else { Confidence::Low };
        finding.missing_guard = Some("escaping by the template".to_owned());
        finding.remedy = REMEDY.to_owned();
    }
}

/// Templates that no view of the project names.
pub(crate) fn alone(cx: &mut ProjectContext<'_>) {
    let templates = cx.templates;
    if cx.persona != Persona::Pedantic || templates.is_empty() {
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
        if !template.outputs.iter().any(Output::is_unescaped) || names.iter().any(|name| template.is_named(name)) {
            continue;
        }
        for output in template.outputs.iter().filter(|output| output.is_unescaped() && output.place != Place::Other) {
            let written = template.text.get(output.span.clone()).unwrap_or_default();
            let finding = cx.report_in_template(
                &RULE,
                template,
                output.span.clone(),
                format!("`{written}` puts into the page as it is what cannot be shown to be safe"),
            );
            finding.severity = Severity::Medium;
            finding.confidence = Confidence::Low;
            finding.remedy = REMEDY.to_owned();
        }
    }
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
