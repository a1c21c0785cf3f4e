//! Filters for HTML that let scripts through.

use casemate_python::syntax::{Function, FunctionId, Span, Value};

use crate::finding::{Confidence, Severity};
use crate::models::{label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::network::calls::{Call, calls, tell, text};

/// `bad-html-filter`
pub(crate) static RULE: Rule = Rule {
    id: "XSS210",
    name: "bad-html-filter",
    summary: "A home-made filter for HTML lets scripts through",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[116],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.3.1",
    page: include_str!("bad_html_filter.md"),
};

const REMEDY: &str = "Escape what is text (`html.escape`), and clean what is HTML with a parser and a list of what is allowed: `nh3.clean(value)`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    // Where nobody makes pages, text is taken out of them.
    let makes_pages = ["mark_safe", "Markup(", "|safe", "HTMLResponse", "HttpResponse", "render_template", "innerHTML"]
        .iter()
        .any(|sign| cx.module.text.contains(sign));
    let is_for_pages = |name: &str| {
        words(name).iter().any(|word| {
            matches!(
                word.as_str(),
                "sanitize" | "sanitise" | "sanitizer" | "xss" | "safe" | "purify" | "bleach" | "scripts" | "html"
            )
        })
    };
    let is_named = cx.module.function_ids().any(|(_, function)| is_for_pages(&function.name));
    if cx.persona == Persona::Default && !makes_pages && !is_named {
        return;
    }
    let mut found: Vec<(FunctionId, Span, String)> = Vec::new();
    for call in calls(cx) {
        let function = call.function;
        match call.name {
            // `re.sub(r"<script.*?</script>", "", text)`
            "sub" | "subn" | "compile" if call.path.starts_with("re.") || call.path.starts_with("regex.") => {
                let Some(pattern) = call.position(0).and_then(|at| text(cx, at)) else { continue };
                let lower = pattern.to_ascii_lowercase();
                let removes = match call.name {
                    "compile" => {
                        is_sanitizer(&function.name)
                            || is_sanitizer_name(cx, function, call.value)
                            || cx.persona == Persona::Pedantic && !is_thorough(&lower)
                    }
                    _ => call
                        .position(1)
                        .and_then(|at| text(cx, at))
                        .is_some_and(|with| with.trim().is_empty() || with.contains('*')),
                };
                let scripts = ["<script", "javascript:", "on\\w+=", "onclick", "onerror", "<iframe"]
                    .iter()
                    .any(|part| lower.contains(part));
                let tags =
                    lower.starts_with('<') && !lower.starts_with("<!") && lower.ends_with('>') && lower.len() <= 12;
                let matters = cx.persona == Persona::Pedantic
                    || call.name == "compile"
                    || is_sanitizer(&function.name)
                    || is_outside(cx, &call, 2);
                // `unescape` of what is left: text is made of a page, not a page of text.
                let is_for_text = cx.persona == Persona::Default
                    && !scripts
                    && ["unescape", "html2text"].iter().any(|word| cx.module.slice(function.span).contains(word));
                if removes
                    && matters
                    && !is_for_text
                    && (scripts || tags && (is_sanitizer(&function.name) || is_outside(cx, &call, 2)))
                {
                    found.push((
                        call.id,
                        call.span(),
                        format!(
                            "a pattern does not understand HTML: `{}` lets other spellings of the same through",
                            crate::rules::context::short(pattern)
                        ),
                    ));
                }
            }
            "replace" => {
                let (Some(from), Some(to)) =
                    (call.position(0).and_then(|at| text(cx, at)), call.position(1).and_then(|at| text(cx, at)))
                else {
                    continue;
                };
                let lower = from.to_ascii_lowercase();
                let scripts = matches!(
                    lower.as_str(),
                    "<script>"
                        | "<script"
                        | "</script>"
                        | "script"
                        | "javascript:"
                        | "javascript"
                        | "<iframe"
                        | "onerror"
                        | "onclick"
                ) && to.len() <= 1;
                let matters =
                    cx.persona == Persona::Pedantic || is_sanitizer(&function.name) || is_chain_outside(cx, &call);
                if scripts && matters && (lower != "script" || is_sanitizer(&function.name)) {
                    found.push((
                        call.id,
                        call.span(),
                        format!(
                            "taking out `{from}` once leaves other spellings, and makes new ones of `<scr<script>ipt>`"
                        ),
                    ));
                } else if lower == "<"
                    && matches!(to, "&lt;" | "")
                    && !handles_quotes(cx, function, &call)
                    && (escapes_for_pages(cx, function) || is_chain_outside(cx, &call))
                {
                    found.push((
                        call.id,
                        call.span(),
                        "quotes get through, which end an attribute and begin a new one".to_owned(),
                    ));
                }
            }
            _ => {}
        }
    }
    found.sort_by_key(|(_, span, _)| *span);
    // A chain of replacements is one filter.
    let mut told: Vec<Span> = Vec::new();
    for (id, span, message) in found {
        if told.iter().any(|other| other.contains(span) || span.contains(*other) || other.start == span.start) {
            continue;
        }
        told.push(span);
        tell(cx, &RULE, id, span, message, REMEDY, Confidence::Medium);
    }
}

/// Whether a pattern for scripts takes all that browsers take for the end of one: `</script foo>`, in any case.
fn is_thorough(lower: &str) -> bool {
    let Some((_, end)) = lower.rsplit_once("</script") else { return !lower.contains("<script") };
    !end.trim_start_matches("\\s*").starts_with('>')
        && lower.contains("(?i") | lower.contains("(?si") | lower.contains("(?is")
}

/// Whether a function is called like one that makes text harmless.
fn is_sanitizer(name: &str) -> bool {
    words(name).iter().any(|word| {
        matches!(
            word.as_str(),
            "sanitize"
                | "sanitise"
                | "sanitizer"
                | "escape"
                | "clean"
                | "xss"
                | "html"
                | "filter"
                | "safe"
                | "purify"
                | "strip"
        )
    })
}

/// Whether a function is called like one that makes text ready for any place of a page, and not for what stands between
/// tags alone: there quotes do nothing.
fn escapes_for_pages(cx: &Context<'_>, function: &Function) -> bool {
    if cx.persona == Persona::Pedantic {
        return is_sanitizer(&function.name);
    }
    let is_between_tags = |name: &str| {
        words(name)
            .iter()
            .any(|word| matches!(word.as_str(), "cdata" | "pcdata" | "text" | "code" | "pre" | "body" | "content"))
    };
    // One beside it does the same for attributes.
    let has_other = || {
        cx.module.functions.iter().any(|other| {
            let words = words(&other.name);
            words.iter().any(|word| matches!(word.as_str(), "attr" | "attrib" | "attribute" | "quoteattr"))
                && words.iter().any(|word| matches!(word.as_str(), "escape" | "quote" | "quoteattr"))
        })
    };
    let says = words(&function.name).iter().any(|word| {
        matches!(
            word.as_str(),
            "sanitize" | "sanitise" | "sanitizer" | "escape" | "clean" | "xss" | "filter" | "safe" | "purify"
        )
    });
    says && !is_between_tags(&function.name) && !has_other()
}

fn is_sanitizer_name(cx: &Context<'_>, function: &Function, value: Value) -> bool {
    function.assigned.iter().any(|(name, assigned)| {
        *assigned == value
            && words(cx.module.symbols.text(*name))
                .iter()
                .any(|word| matches!(word.as_str(), "xss" | "sanitize" | "unsafe" | "dangerous" | "bad" | "evil"))
    })
}

fn is_outside(cx: &Context<'_>, call: &Call<'_>, position: usize) -> bool {
    call.position(position).is_some_and(|at| cx.facts.fact(call.id, at.value).labels.meets(label::UNTRUSTED))
}

fn is_chain_outside(cx: &Context<'_>, call: &Call<'_>) -> bool {
    call.receiver().is_some_and(|of| cx.facts.fact(call.id, of).labels.meets(label::UNTRUSTED))
}

/// Whether the same function replaces quotes too.
fn handles_quotes(cx: &Context<'_>, function: &Function, call: &Call<'_>) -> bool {
    calls(cx).iter().any(|other| {
        std::ptr::eq(other.function, function)
            && other.name == "replace"
            && other.value != call.value
            && other.position(0).and_then(|at| text(cx, at)).is_some_and(|from| from == "\"" || from == "'")
    })
}
