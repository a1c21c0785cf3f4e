//! JSON that ends the script it stands in.

use super::rendered::rendered;
use super::templates::{Place, Template};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::TextContext;
use crate::rules::network::calls::{At, call_at, settled};

/// `json-in-script`
pub(crate) static RULE: Rule = Rule {
    id: "XSS206",
    name: "json-in-script",
    summary: "JSON stands in a script as it is",
    severity: Severity::Medium,
    kind: Kind::Program,
    persona: Persona::Default,
    cwe: &[79],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.3",
    page: include_str!("json_in_script.md"),
};

const REMEDY: &str = "Hand over the value, not its JSON, and write `{{ value|tojson }}` (Jinja), or `{{ value|json_script:\"id\" }}` and `JSON.parse(document.getElementById(\"id\").textContent)` (Django).";

/// What a template says by itself: its JSON is marked as safe.
pub(crate) fn check(cx: &mut TextContext<'_>) {
    let Some(template) = Template::new(cx.path, cx.text) else { return };
    for output in &template.outputs {
        let names_json = output.expression.to_ascii_lowercase().contains("json")
            || output
                .filters
                .iter()
                .any(|filter| filter != "tojson" && filter != "json_script" && filter.contains("json"));
        // Escaped JSON in a script is broken, so a filter of one's own that stands there alone puts it out as it is.
        let is_plain = output.is_variable()
            && output.filters.last().is_some_and(|last| matches!(last.as_str(), "json_dumps" | "jsondumps" | "dumps"));
        if (output.is_unescaped() || is_plain)
            && !matches!(output.root.as_str(), "settings" | "widget")
            && (matches!(output.place, Place::Script { .. }) || is_plain && output.place == Place::Other)
            && names_json
        {
            let written = cx.text.get(output.span.clone()).unwrap_or_default();
            let finding = cx.report(&RULE, output.span.clone(), said(written));
            finding.remedy = REMEDY.to_owned();
            finding.confidence = Confidence::Medium;
        }
    }
}

fn said(written: &str) -> String {
    format!(
        "`{written}` puts JSON into a script as it is: a text with `</script>` in it ends the script and begins another"
    )
}

/// What a view makes of it: `json.dumps` for a place in a script where it is marked as safe.
pub(crate) fn check_views(cx: &mut Context<'_>) {
    let templates = cx.templates;
    if templates.is_empty() {
        return;
    }
    let mut found = Vec::new();
    for view in rendered(cx) {
        for (template, output) in view.outputs(templates) {
            let Some(at) = view.value(cx, &output.root).filter(|at| at.module == cx.facts.module) else { continue };
            if output.is_unescaped()
                && matches!(output.place, Place::Script { .. })
                && is_json(cx, at)
                && !is_constant(cx, at)
            {
                found.push((template, output.clone()));
            }
        }
    }
    for (template, output) in found {
        let written = template.text.get(output.span.clone()).unwrap_or_default();
        let finding = cx.report_in_template(&RULE, template, output.span.clone(), said(written));
        finding.remedy = REMEDY.to_owned();
        finding.confidence = Confidence::Medium;
    }
}

/// Whether a value is JSON made by the view.
pub(crate) fn is_json(cx: &Context<'_>, at: At) -> bool {
    let made = settled(cx, at);
    let call = (made.module == cx.facts.module).then(|| call_at(cx, made.function, made.value)).flatten();
    call.is_some_and(|call| matches!(call.name, "dumps" | "to_json" | "json" | "model_dump_json" | "serialize"))
}

fn is_constant(cx: &Context<'_>, at: At) -> bool {
    let made = settled(cx, at);
    let Some(call) = (made.module == cx.facts.module).then(|| call_at(cx, made.function, made.value)).flatten() else {
        return false;
    };
    call.position(0).is_some_and(|given| cx.facts.fact(call.id, given.value).constant)
}
