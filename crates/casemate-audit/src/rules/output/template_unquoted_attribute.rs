//! Places of a page where escaping for HTML does not help.

use casemate_python::facts::Kinds;
use casemate_python::syntax::{BinaryOp, Constant, Function, FunctionId, Module, Op, Piece, Value};

use super::open_redirect;
use super::rendered::rendered;
use super::templates::{Output, Place, Template};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::network::{FROM_OUTSIDE, calls, hit_at};
use crate::rules::{Context, TextContext, evidence};

/// `template-unquoted-attribute`
pub(crate) static RULE: Rule = Rule {
    id: "XSS205",
    name: "template-unquoted-attribute",
    summary: "A template puts a value where escaping does not help",
    severity: Severity::Medium,
    kind: Kind::Configuration,
    persona: Persona::Default,
    cwe: &[79],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.3",
    page: include_str!("template_unquoted_attribute.md"),
};

pub(crate) fn check(cx: &mut TextContext<'_>) {
    let Some(template) = Template::new(cx.path, cx.text) else { return };
    // Pages of other makers use the same braces for what the browser fills in.
    if ["ng-app", "ng-repeat", "ng-controller", "*ngFor", "v-for=", "v-bind:", "x-data=", "{{#", "{{/"]
        .iter()
        .any(|mark| cx.text.contains(mark))
    {
        return;
    }
    for output in &template.outputs {
        let Some((message, remedy, confidence)) = told(output, cx.is_pedantic()) else { continue };
        let written = cx.text.get(output.span.clone()).unwrap_or_default();
        let finding = cx.report(&RULE, output.span.clone(), message.replace("{}", &format!("`{written}`")));
        finding.remedy = remedy.to_owned();
        finding.confidence = confidence;
    }
}

/// What a view gives such a place from outside is told to everybody.
pub(crate) fn check_views(cx: &mut Context<'_>) {
    let Some(kind) = cx.knowledge.kind("html") else { return };
    let templates = cx.templates;
    if templates.is_empty() {
        return;
    }
    let mut found = Vec::new();
    for view in rendered(cx) {
        for (template, output) in view.outputs(templates) {
            let Some(at) = view.value(cx, &output.root).filter(|at| at.module == cx.facts.module) else { continue };
            let fact = cx.facts.fact(at.function, at.value);
            // A mask of all kinds is that of a value without any text, a number for one.
            let is_outside = fact.labels.meets(FROM_OUTSIDE) && cx.facts.clean_of(fact) != Kinds::MAX;
            if is_outside
                && let Some(told) = told(output, true)
                && !(told.0.contains("javascript:") && is_own_address(cx, at.function, at.value))
            {
                found.push((template, output.clone(), told, view.call.value, at));
            }
        }
    }
    for (template, output, (message, remedy, _), call, at) in found {
        let hit = hit_at(cx, kind, at.function, call, at.value);
        let is_doubtful = evidence::is_thin(cx, &hit, FROM_OUTSIDE)
            || message.contains("javascript:") && !open_redirect::is_direct(cx, &hit);
        if is_doubtful && cx.persona == Persona::Default {
            continue;
        }
        let path = cx.path(&hit, FROM_OUTSIDE, "is given to the template");
        let written = template.text.get(output.span.clone()).unwrap_or_default();
        let message = message.replace("{}", &format!("`{written}`"));
        let finding = cx.report_in_template(&RULE, template, output.span.clone(), message);
        finding.path = path;
        finding.remedy = remedy.to_owned();
        finding.confidence = Confidence::High;
    }
}

/// Whether an address is one of the site: it was checked to be one to be sent to, or begins with the path that was asked for.
fn is_own_address(cx: &Context<'_>, id: FunctionId, value: Value) -> bool {
    let mask = cx.knowledge.kind("redirect").map_or(0, |kind| 1 << kind);
    if mask != 0 && cx.facts.clean(id, value) & mask == mask {
        return true;
    }
    let Some(function) = cx.module.function(id) else { return false };
    if begins_with_address(cx.module, function, value, 0) {
        return true;
    }
    let mut value = function.bare(value);
    for _ in 0..4 {
        match function.op(value) {
            Op::Attribute { of, name } => {
                return matches!(cx.module.symbols.text(name), "uri" | "path" | "full_path" | "path_info")
                    && cx.module.slice(function.span_of(of)).ends_with("request");
            }
            Op::Call { callee, arguments } if calls::name_of(cx.module, function, callee) == "url_concat" => {
                let Some(first) = function.call_arguments(arguments).first() else { return false };
                value = function.bare(first.value);
            }
            _ => return false,
        }
    }
    false
}

/// Whether an address begins with one that the site makes, or with a text of the program.
fn begins_with_address(module: &Module, function: &Function, value: Value, depth: u32) -> bool {
    if depth > 12 {
        return false;
    }
    let begins = |value: Value| begins_with_address(module, function, value, depth + 1);
    match function.op(value) {
        Op::Refine { of, .. } => begins(of),
        Op::Constant(Constant::Str(text)) => !module.string(text).is_empty(),
        Op::Phi(list) | Op::Or(list) => function.list(list).iter().all(|&one| one.0 < value.0 && begins(one)),
        Op::Binary { op: BinaryOp::Add, left, .. } => begins(left),
        Op::Format(pieces) => match function.format_pieces(pieces).first() {
            Some(Piece::Literal(text)) => !module.string(*text).to_ascii_lowercase().starts_with("javascript"),
            Some(Piece::Hole(hole)) => begins(*hole),
            None => false,
        },
        Op::Call { callee, .. } => {
            let name = calls::name_of(module, function, callee);
            matches!(name, "reverse" | "url_for" | "get_absolute_url" | "static")
                || name.starts_with("get_") && name.ends_with("_url")
        }
        _ => false,
    }
}

fn told(output: &Output, is_pedantic: bool) -> Option<(&'static str, &'static str, Confidence)> {
    let last = output.filters.last().map_or("", String::as_str);
    let is_number = matches!(
        last,
        "int" | "float" | "length" | "floatformat" | "count" | "round" | "date" | "yesno" | "slugify" | "wordcount"
    );
    let name = output.expression.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let counts = matches!(
        name.as_str(),
        "id" | "pk"
            | "counter"
            | "counter0"
            | "index"
            | "index0"
            | "count"
            | "page"
            | "number"
            | "width"
            | "height"
            | "size"
            | "total"
            | "length"
    ) || name.ends_with("_id")
        || ["_count", "_sum", "_total", "_size", "_width", "_height", "_index", "_number", "_percent"]
            .iter()
            .any(|end| name.ends_with(end));
    if !output.is_variable() || is_number || counts {
        return None;
    }
    match &output.place {
        // A filter of the project may do anything, and settings are the project's own.
        Place::Attribute { name, is_quoted: false, .. }
            if !name.is_empty()
                && (is_pedantic
                    || output.filters.is_empty() && !matches!(output.root.as_str(), "config" | "settings")) =>
        {
            Some((
                "{} stands in an attribute without quotes, so a space in it begins another attribute, `onclick` for one",
                "Put the value into quotes: `value=\"{{ value }}\"`.",
                Confidence::High,
            ))
        }
        Place::Attribute { name, is_quoted: true, .. }
            if is_pedantic && name.starts_with("on") && last != "escapejs" && last != "tojson" =>
        {
            Some((
                "{} stands in a script: browsers take the escaping of HTML back before they run it",
                "Put the value into a `data-` attribute and read it from there, or use `escapejs` (Django) or `tojson` (Jinja).",
                Confidence::High,
            ))
        }
        Place::Attribute { name: attribute, is_quoted: true, is_first: true }
            if is_pedantic && matches!(attribute.as_str(), "href" | "src" | "action" | "formaction") =>
        {
            let chosen = ["website", "homepage", "link", "redirect", "next", "callback", "external"]
                .iter()
                .any(|word| name.contains(word))
                || name == "url";
            (chosen && !output.filters.iter().any(|filter| filter == "urlencode")).then_some((
                "{} may begin with `javascript:`, and escaping does not change that",
                "Accept addresses with `http:` and `https:` only, where they are entered.",
                Confidence::Low,
            ))
        }
        Place::Script { in_string: false }
            if is_pedantic
                && !output.filters.iter().any(|filter| filter.contains("json"))
                && !matches!(last, "tojson" | "escapejs" | "safe" | "json" | "json_script" | "default" | "lower")
                && !output.is_raw =>
        {
            Some((
                "{} stands in a script outside of a string, where escaping for HTML does not help",
                "Use `{{ value|tojson }}` (Jinja), or `{{ value|json_script:\"id\" }}` and read it from there (Django).",
                Confidence::Medium,
            ))
        }
        _ => None,
    }
}
