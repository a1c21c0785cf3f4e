//! Text that is declared to be safe HTML although somebody outside wrote it.

use casemate_python::facts::{Hit, Labels, TextPart};
use casemate_python::syntax::{BinaryOp, Constant, FunctionId, Op, Span};

use super::raw_markup;

use crate::finding::{Confidence, Severity};
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::network::FROM_OUTSIDE;
use crate::rules::network::calls;
use crate::rules::pattern::tell;
use crate::rules::suspicion::{dynamic, truth};
use crate::rules::taint::Verdict;
use crate::rules::told::{self, Told};
use crate::rules::{Context, Taint, caller};

/// `markup-unescaped`
pub(crate) static RULE: Rule = Rule {
    id: "XSS202",
    name: "markup-unescaped",
    summary: "Untrusted data is declared to be safe HTML",
    severity: Severity::High,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[79],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.2.1",
    page: include_str!("markup_unescaped.md"),
};

/// Who names another host in a request of its own shows itself its own page.
const CHOSEN: Labels = Labels(FROM_OUTSIDE.0 & !label::HOST.0);

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["markup"],
    from: CHOSEN,
    without: Labels::NONE,
    arrives: "is declared to be safe HTML",
    message: "{call} declares data from outside to be safe HTML: {source}",
    missing: "escaping, or a sanitizer with a list of what is allowed (nh3)",
    remedy: "Let the library put the value in: `format_html(\"<b>{}</b>\", value)`, `Markup(\"<b>{}</b>\").format(value)`. Where people may write HTML, clean it first: `mark_safe(nh3.clean(value))`.",
    judge: Some(judge),
};

/// Text that is made plain again at once is no HTML: `Markup(text).unescape()`.
fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    let reach = hit.reach;
    let dismissed = cx.function(reach.module, reach.function).is_some_and(|(module, function)| {
        function.values().any(|(_, op)| match op {
            Op::Attribute { of, name } => {
                of == reach.call && matches!(module.symbols.text(name), "unescape" | "striptags")
            }
            _ => false,
        })
    });
    Verdict { dismissed, ..Verdict::default() }
}

/// Only who asks for suspicions hears of everything that is declared to be safe.
pub(crate) fn check(cx: &mut Context<'_>) {
    let mut shown = raw_markup::shown(cx);
    shown.extend(raw_markup::traces(cx));
    let known: Vec<Span> = shown.iter().map(|one| one.span).collect();
    tell(cx, &RULE, shown);
    if cx.persona != Persona::Pedantic {
        return;
    }
    let mut found = Vec::new();
    for (site, at) in dynamic(cx, "markup", &RULE) {
        if known.contains(&site.at.span()) {
            continue;
        }
        // Text that is made of parts by the library is escaped by it.
        let is_filled = site.path.ends_with("format_html") && site.arguments.len() > 1 && !is_built(at);
        if is_filled || site.path.contains("Template") || site.path.contains("markdown") {
            continue;
        }
        let filled = Context::written(at.module, at.function, at.value);
        let message = format!("`{}` declares `{filled}` to be safe HTML, which is not a constant", site.called());
        found.push(site.found(message, TAINT.remedy).severity(Severity::Medium).suspicion().missing(TAINT.missing));
    }
    for &site in cx.sites() {
        // `@register.filter(is_safe=True)`
        if matches!(site.name(), "filter" | "simple_tag")
            && site.keyword(cx, "is_safe").and_then(|at| truth(cx, at)) == Some(true)
        {
            let message = "what this filter makes of safe text is not escaped, whatever it adds".to_owned();
            found.push(
                site.found(message, "Leave out `is_safe` unless the filter adds no mark of HTML.")
                    .severity(Severity::Low)
                    .suspicion(),
            );
        }
    }
    tell(cx, &RULE, found);
    for (id, span, message) in declared(cx) {
        let remedy = "Build the text with `format_html` or `Markup(…).format(…)` where it is made, and let templates escape the rest.";
        let finding = calls::tell(cx, &RULE, id, span, message, remedy, Confidence::Low);
        finding.severity = Severity::Low;
    }
}

fn is_built(at: crate::rules::constant::At<'_>) -> bool {
    matches!(at.op(), Op::Binary { .. } | Op::Format(_) | Op::Call { .. })
}

/// Classes whose texts templates do not escape: with `__html__`, of `SafeString`, decorated with `html_safe`.
fn declared(cx: &Context<'_>) -> Vec<(FunctionId, Span, String)> {
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        if function.name == "__html__" && function.class.is_some() {
            found.push((id, function.name_span, "templates take what `__html__` answers as it is".to_owned()));
        }
    }
    for class in &cx.module.classes {
        let Some(around) = cx.module.function(class.parent) else { continue };
        for &base in &class.bases {
            let path = cx.facts.path(class.parent, base).unwrap_or_default();
            if matches!(path.rsplit('.').next(), Some("SafeString" | "SafeText" | "SafeData" | "SafeBytes"))
                && path.starts_with("django.")
            {
                found.push((class.parent, class.name_span, format!("templates take a `{}` as it is", class.name)));
            }
        }
        for &decorator in &class.decorators {
            if cx.facts.path(class.parent, decorator).is_some_and(|path| path.ends_with("html.html_safe")) {
                // A name is the import that bound it, which stands elsewhere.
                let span = match around.op(decorator) {
                    Op::Import(_) => class.name_span,
                    _ => around.span_of(decorator),
                };
                found.push((class.parent, span, format!("templates take a `{}` as it is", class.name)));
            }
        }
    }
    found
}

/// HTML that is put together with the fields of a record as they are. Who wrote these, nobody sees here, so only the
/// pedantic are told, unless the function says that its answer is HTML.
pub(crate) fn built(cx: &mut Context<'_>) {
    let is_pedantic = cx.persona == Persona::Pedantic;
    // Django before 2.0 shows what such a method of an administrator's page answers as it is.
    let is_shown = |name: &str| cx.module.text.contains(&format!("{name}.allow_tags"));
    if !is_pedantic && !cx.module.text.contains(".allow_tags")
        || !cx.module.text.contains("</")
        || !caller::is_product(&cx.module.path, cx)
    {
        return;
    }
    let mut found: Vec<Told> = Vec::new();
    let mut known = Vec::new();
    for (id, function) in cx.module.function_ids() {
        let is_shown = is_shown(&function.name);
        if !is_pedantic && !is_shown {
            continue;
        }
        for (value, op) in function.values() {
            let is_text = match op {
                Op::Format(_) | Op::Binary { op: BinaryOp::Add, .. } => true,
                // `Markup("…") % name` escapes.
                Op::Binary { op: BinaryOp::Mod, left, .. } => {
                    matches!(function.op(function.plain(left)), Op::Constant(Constant::Str(_)))
                }
                Op::Call { callee, .. } => match function.op(callee) {
                    Op::Attribute { of, name } => {
                        cx.module.symbols.text(name) == "format"
                            && matches!(function.op(function.plain(of)), Op::Constant(Constant::Str(_)))
                    }
                    _ => false,
                },
                _ => false,
            };
            let span = function.span_of(value);
            if !is_text || known.contains(&span.start) {
                continue;
            }
            let parts = cx.facts.text_of(cx.program, id, value);
            let written: String = parts
                .iter()
                .filter_map(|part| match part {
                    TextPart::Literal(text) => Some(text.as_str()),
                    TextPart::Hole(_) => None,
                })
                .collect();
            if !is_markup(&written) {
                continue;
            }
            let field = parts.iter().find_map(|part| {
                let TextPart::Hole(hole) = part else { return None };
                let Op::Attribute { name, .. } = function.op(function.plain(*hole)) else { return None };
                let is_written = raw_markup::WRITTEN.contains(&cx.module.symbols.text(name));
                (is_written && !is_given_to_function(&cx.module.text, span, function.span_of(*hole))).then_some(*hole)
            });
            let Some(field) = field else { continue };
            known.push(span.start);
            let message = format!(
                "`{}` becomes part of HTML as it is; whoever fills in that field writes the page",
                cx.module.slice(function.span_of(field))
            );
            let step = |span, note: &str| cx.step(cx.facts.module, span, note.to_owned());
            let path =
                vec![step(function.span_of(field), "a field of a record"), step(span, "becomes part of HTML as it is")];
            let told = Told::new(id, span, message, TAINT.remedy).severity(Severity::Medium).path(path);
            let confidence = if is_shown { Confidence::Medium } else { Confidence::Low };
            found.push(told.confidence(confidence).missing(TAINT.missing));
        }
    }
    told::report(cx, &RULE, found);
}

/// Whether what is filled in goes through a function first: `escape(page.title)`.
fn is_given_to_function(text: &str, whole: Span, hole: Span) -> bool {
    let before = text.get(whole.start as usize..hole.start as usize).unwrap_or_default().trim_end();
    let Some(called) = before.strip_suffix('(') else { return false };
    let name = called.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    !matches!(name, "" | "format" | "join" | "str" | "unicode")
}

/// Whether a text has an element of HTML in it.
fn is_markup(text: &str) -> bool {
    text.contains("</")
        && [
            "<a ", "<b>", "<div", "<span", "<p>", "<p ", "<li", "<td", "<option", "<strong", "<em>", "<h1", "<h2",
            "<h3", "<label",
        ]
        .iter()
        .any(|element| text.contains(element))
}
