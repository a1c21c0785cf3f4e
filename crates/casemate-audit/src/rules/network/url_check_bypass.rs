//! A check of a URL that other URLs pass too.

use casemate_python::syntax::{CompareOp, Function, FunctionId, Op, Span, Value};

use super::calls::{name_of, tell};
use super::{domains, urls};
use crate::finding::{Confidence, Severity};
use crate::models::{label, words};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::context::short;
use crate::rules::cryptography::secrecy::is_asked_by_another;

/// `url-check-bypass`
pub(crate) static RULE: Rule = Rule {
    id: "NET303",
    name: "url-check-bypass",
    summary: "A check of a URL lets other hosts through",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[20, 918],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "1.3.6",
    page: include_str!("url_check_bypass.md"),
};

const REMEDY: &str = "Parse the URL and compare its host as a whole: `urlsplit(url).hostname in {\"example.com\"}`. For subdomains, compare the end with a dot before it: `host.endswith(\".example.com\")`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        for branch in urls::branches(function) {
            tests(cx, id, function, branch.test, &mut found, 0);
        }
        for &returned in &function.returns {
            tests(cx, id, function, returned, &mut found, 0);
        }
    }
    found.sort_by_key(|(_, span, _)| *span);
    found.dedup_by_key(|(_, span, _)| *span);
    for (id, span, message) in found {
        let finding = tell(cx, &RULE, id, span, message, REMEDY, Confidence::Medium);
        finding.missing_guard = Some("a comparison of the host alone, as a whole".to_owned());
    }
}

type Found = Vec<(FunctionId, Span, String)>;

/// The single questions of a test.
fn tests(cx: &Context<'_>, id: FunctionId, function: &Function, test: Value, found: &mut Found, depth: u32) {
    if depth > 8 {
        return;
    }
    match function.op(test) {
        Op::Not(of) | Op::Refine { of, .. } => tests(cx, id, function, of, found, depth + 1),
        Op::And(list) | Op::Or(list) => {
            for &one in function.list(list) {
                tests(cx, id, function, one, found, depth + 1);
            }
        }
        Op::Choice { yes, no, .. } => {
            tests(cx, id, function, yes, found, depth + 1);
            tests(cx, id, function, no, found, depth + 1);
        }
        Op::Compare { op: CompareOp::In | CompareOp::NotIn, left, right } => {
            let Some(text) = urls::texts(cx.module, function, left).first().copied() else { return };
            let host = text.split_once("://").map_or(text, |(_, rest)| rest);
            if is_host(host) && speaks_of_url(cx, id, function, right) {
                found.push((
                    id,
                    function.span_of(test),
                    format!("`{text}` may stand anywhere in a URL, as in `https://evil.example/?{text}`"),
                ));
            }
        }
        // `url.find("example.com") != -1`, `url.count("example.com") > 0`
        Op::Compare { left, right, .. } => {
            for side in [left, right] {
                let Op::Call { callee, arguments } = function.op(function.bare(side)) else { continue };
                let (Some(first), Op::Attribute { of, .. }) =
                    (function.call_arguments(arguments).first(), function.op(callee))
                else {
                    continue;
                };
                let Some(text) = urls::texts(cx.module, function, first.value).first().copied() else { continue };
                let host = text.split_once("://").map_or(text, |(_, rest)| rest);
                let is_anywhere = matches!(name_of(cx.module, function, callee), "find" | "rfind" | "count");
                if is_anywhere && is_host(host) && speaks_of_url(cx, id, function, of) {
                    found.push((
                        id,
                        function.span_of(test),
                        format!("`{text}` may stand anywhere in a URL, as in `https://evil.example/?{text}`"),
                    ));
                }
            }
        }
        Op::Call { callee, arguments } => {
            let arguments = function.call_arguments(arguments);
            // `any(host.endswith(one) for one in domains)`
            if let [only] = arguments
                && name_of(cx.module, function, callee) == "any"
                && let Op::Build { items, .. } = function.op(function.plain(only.value))
            {
                for &item in function.list(items) {
                    tests(cx, id, function, item, found, depth + 1);
                }
            }
            let (Some(first), Op::Attribute { of, .. }) = (arguments.first(), function.op(callee)) else { return };
            let span = function.span_of(test);
            let name = name_of(cx.module, function, callee);
            let texts = urls::texts(cx.module, function, first.value);
            match name {
                "startswith" if speaks_of_url(cx, id, function, of) => {
                    let open = texts.iter().find(|text| {
                        text.split_once("://").is_some_and(|(_, rest)| is_host(rest)) && !urls::ends_host(text)
                    });
                    if let Some(text) = open {
                        found.push((id, span, format!("a URL that begins with `{text}` may go on with another host, as in `{text}.evil.example` or `{text}@evil.example`")));
                    }
                }
                "endswith" if texts.is_empty() && is_open_end(cx, id, function, (of, first.value)) => {
                    let domain = Context::written(cx.module, function, first.value);
                    found.push((id, span, format!("a host that ends with `{domain}` need not be in it: `evilexample.com` ends with `example.com`")));
                }
                "endswith" if urls::of_host(cx.module, function, of) && is_asked_of_host(cx, id, function, of) => {
                    if let Some(text) = texts.iter().find(|text| !text.starts_with('.') && is_host(text)) {
                        found.push((id, span, format!("`evil{text}` ends with `{text}` too")));
                    }
                }
                // What is turned away is turned away, also if it is more than the host.
                "endswith" if cx.persona == Persona::Default && turns_away(function, test) => {}
                "endswith" if speaks_of_url(cx, id, function, of) => {
                    if let Some(text) = texts.iter().find(|text| is_host(text.trim_start_matches('.'))) {
                        found.push((
                            id,
                            span,
                            format!(
                                "a URL that ends with `{text}` may name any host, as in `https://evil.example/{text}`"
                            ),
                        ));
                    }
                }
                "match" | "search" | "fullmatch" => {
                    let (pattern, tested) = match arguments {
                        [_, tested, ..] => (texts.first().copied(), tested.value),
                        _ => return,
                    };
                    let Some(pattern) = pattern.filter(|pattern| names_host(pattern)) else { return };
                    let on_host = urls::of_host(cx.module, function, tested);
                    // What comes from outside and is compared with a scheme and a host is a URL, whatever it is called.
                    let is_url = pattern.contains("://") && cx.facts.fact(id, tested).labels.meets(label::UNTRUSTED);
                    if (on_host || is_url || speaks_of_url(cx, id, function, tested))
                        && !urls::holds_host(pattern, name, on_host)
                    {
                        found.push((id, span, format!("the pattern `{}` lets other hosts through", short(pattern))));
                    }
                }
                _ => {}
            }
        }
        _ => {}
    }
}

/// The same of the host of a URL, which may have been parsed elsewhere.
fn is_asked_of_host(cx: &Context<'_>, id: FunctionId, function: &Function, value: Value) -> bool {
    cx.persona == Persona::Pedantic || is_asked_about(cx, id, function, value)
}

/// Whether the host of a URL is compared with the end of a domain as it is given, by a function that says it checks hosts or
/// of a host from outside.
fn is_open_end(cx: &Context<'_>, id: FunctionId, function: &Function, (host, domain): (Value, Value)) -> bool {
    urls::of_host(cx.module, function, host)
        && domains::is_bare(cx, id, domain)
        && (is_asked_of_host(cx, id, function, host) || says_it_checks(domains::around(cx, function)))
}

/// Whether something hangs on what is said of a value: it comes from outside, or callers want to know whether it will do.
fn is_asked_about(cx: &Context<'_>, id: FunctionId, function: &Function, value: Value) -> bool {
    if cx.facts.fact(id, value).labels.meets(label::UNTRUSTED) {
        return true;
    }
    // Where somebody was led who is asked by the program itself opens nothing here.
    cx.facts.from_caller(id, value)
        && (cx.persona == Persona::Pedantic || says_it_checks(function) && !is_asked_by_another(cx))
}

/// Whether a function says by its name that it is asked whether something will do.
fn says_it_checks(function: &Function) -> bool {
    words(&function.name).iter().any(|word| {
        matches!(
            word.as_str(),
            "allowed"
                | "allow"
                | "valid"
                | "validate"
                | "safe"
                | "trusted"
                | "trust"
                | "check"
                | "verify"
                | "permitted"
                | "internal"
                | "external"
                | "same"
                | "own"
                | "local"
                | "redirect"
                | "authorize"
                | "accept"
                | "ensure"
                | "guard"
                | "whitelisted"
                | "blocked"
                | "forbidden"
                | "ours"
                | "may"
                | "can"
        ) || word == "is" && function.class.is_none()
    })
}

/// Whether a value is the text of a URL that somebody else chose, by where it comes from and what it is called.
fn speaks_of_url(cx: &Context<'_>, id: FunctionId, function: &Function, value: Value) -> bool {
    if !is_asked_about(cx, id, function, value) {
        return false;
    }
    let written = Context::written(cx.module, function, value);
    let names = words(&written);
    // Where an answer came from was asked before; and the name of a URL pattern is no URL.
    let of_answer = names.first().is_some_and(|word| matches!(word.as_str(), "response" | "resp" | "res"));
    if of_answer || names.last().is_some_and(|word| word == "name") {
        return false;
    }
    names.iter().any(|word| {
        matches!(
            word.as_str(),
            "url"
                | "uri"
                | "href"
                | "link"
                | "redirect"
                | "target"
                | "origin"
                | "referer"
                | "referrer"
                | "next"
                | "callback"
                | "webhook"
                | "endpoint"
                | "location"
                | "netloc"
                | "hostname"
                | "host"
                | "domain"
        )
    }) && !names.iter().any(|word| matches!(word.as_str(), "type" | "mime" | "path" | "pattern" | "prefix"))
}

/// Whether a text is the name of a host: it has a dot, and its end is letters.
fn is_host(text: &str) -> bool {
    // `url.scheme`, `os.environ/`
    if matches!(text.split('.').next(), Some("url" | "host" | "os" | "server" | "client" | "http")) {
        return false;
    }
    let host = text.split(['/', ':', '?']).next().unwrap_or_default();
    let Some((before, end)) = host.rsplit_once('.') else { return false };
    let letters = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.');
    !before.is_empty()
        && letters(before)
        && end.len() >= 2
        && end.chars().all(|c| c.is_ascii_alphabetic())
        && !matches!(
            end,
            "html"
                | "htm"
                | "php"
                | "json"
                | "xml"
                | "git"
                | "zip"
                | "gz"
                | "whl"
                | "py"
                | "txt"
                | "js"
                | "css"
                | "png"
                | "svg"
                | "jpg"
                | "pdf"
                | "tar"
                | "exe"
                | "csv"
                | "md"
                | "yaml"
                | "yml"
        )
}

/// Whether a pattern names a host: `example\\.com`, `example.com`.
fn names_host(pattern: &str) -> bool {
    let plain = pattern.replace('\\', "");
    ["com", "org", "net", "io", "dev", "de", "app", "local", "internal", "example"].iter().any(|end| {
        plain.match_indices(&format!(".{end}")).any(|(at, dotted)| {
            let before = plain.get(..at).and_then(|text| text.chars().last());
            let after = plain.get(at + dotted.len()..).and_then(|text| text.chars().next());
            before.is_some_and(|c| c.is_ascii_alphanumeric()) && !after.is_some_and(|c| c.is_ascii_alphanumeric())
        })
    })
}

/// Whether a function raises where a test holds.
fn turns_away(function: &Function, test: Value) -> bool {
    function.conditions.iter().any(|&(block, condition, held)| {
        let is_part = match function.op(condition) {
            Op::And(list) => function.list(list).iter().any(|&one| function.plain(one) == test),
            _ => function.plain(condition) == test,
        };
        held && is_part
            && function.values().any(|(value, op)| matches!(op, Op::Raise(_)) && function.block_of(value) == block)
    })
}
