//! A content security policy that lets any script run.

use casemate_python::syntax::{FunctionId, Span};

use super::headers::{headers, settings};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::network::calls::{At, calls, entries, entry, is_off, items, settled, tell, text};

/// `csp-missing-or-unsafe`
pub(crate) static RULE: Rule = Rule {
    id: "XSS212",
    name: "csp-missing-or-unsafe",
    summary: "There is no content security policy, or one that lets any script run",
    severity: Severity::Low,
    kind: Kind::Configuration,
    persona: Persona::Pedantic,
    cwe: &[693],
    owasp_2021: "A05",
    owasp_2025: "A06",
    asvs: "3.4.3",
    page: include_str!("csp_missing_or_unsafe.md"),
};

const REMEDY: &str = "Name where scripts may come from, without `'unsafe-inline'`: `default-src 'self'; script-src 'self' 'nonce-…'; object-src 'none'; base-uri 'none'`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(FunctionId, Span, String)> = Vec::new();
    for header in headers(cx, "content-security-policy") {
        if let Some(source) = in_policy(header.value) {
            found.push((header.id, header.span, said(&source)));
        }
    }
    for setting in settings(cx) {
        match setting.name {
            "CSP_SCRIPT_SRC" | "CSP_DEFAULT_SRC" | "CSP_SCRIPT_SRC_ELEM" | "CSP_OBJECT_SRC" => {
                if let Some(source) = sources(cx, setting.at).into_iter().find(|source| is_open(source)) {
                    found.push((setting.at.function, setting.span, said(&source)));
                }
            }
            "CONTENT_SECURITY_POLICY" | "SECURE_CSP" => {
                let directives = entry(cx, settled(cx, setting.at), "DIRECTIVES").unwrap_or(setting.at);
                if let Some(source) = in_directives(cx, directives) {
                    found.push((setting.at.function, setting.span, said(&source)));
                }
            }
            "MIDDLEWARE" => {
                let names: Vec<&str> = items(cx, setting.at).iter().filter_map(|&at| text(cx, at)).collect();
                let has_policy = names.iter().any(|name| {
                    name.to_lowercase().contains("csp") || name.to_lowercase().contains("contentsecuritypolicy")
                });
                if names.iter().any(|name| name.contains("django.")) && !has_policy {
                    found.push((
                        setting.at.function,
                        setting.span,
                        "no content security policy is sent, so a script that gets into a page runs".to_owned(),
                    ));
                }
            }
            _ => {}
        }
    }
    for call in calls(cx) {
        if !call.path.starts_with("flask_talisman.") && !call.path.starts_with("flask_csp.") {
            continue;
        }
        let Some(at) = call.keyword(cx, "content_security_policy") else { continue };
        if is_off(cx, at) {
            found.push((
                call.id,
                call.span(),
                "no content security policy is sent, so a script that gets into a page runs".to_owned(),
            ));
        } else if let Some(source) = text(cx, at).and_then(in_policy).or_else(|| in_directives(cx, at)) {
            found.push((call.id, call.span(), said(&source)));
        }
    }
    for (id, span, message) in found {
        tell(cx, &RULE, id, span, message, REMEDY, Confidence::Medium);
    }
}

fn said(source: &str) -> String {
    format!("the content security policy lets scripts in by `{source}`, so one that gets into a page runs")
}

fn is_open(source: &str) -> bool {
    matches!(source.trim(), "'unsafe-inline'" | "'unsafe-eval'" | "*" | "http:" | "https:" | "data:")
}

/// What lets scripts in, in a policy as it is sent.
fn in_policy(policy: &str) -> Option<String> {
    policy.split(';').find_map(|directive| {
        let mut words = directive.split_whitespace();
        let name = words.next()?;
        if !matches!(name, "default-src" | "script-src" | "script-src-elem" | "object-src") {
            return None;
        }
        // A nonce or digest makes browsers pass over `'unsafe-inline'`.
        let all: Vec<&str> = words.collect();
        let strict = all
            .iter()
            .any(|word| word.starts_with("'nonce-") || word.starts_with("'sha256-") || *word == "'strict-dynamic'");
        all.into_iter().find(|word| is_open(word) && !(strict && *word != "'unsafe-eval'")).map(str::to_owned)
    })
}

fn in_directives(cx: &Context<'_>, at: At) -> Option<String> {
    entries(cx, settled(cx, at)).into_iter().find_map(|(name, at)| {
        if !matches!(name, "default-src" | "script-src" | "script-src-elem" | "object-src") {
            return None;
        }
        sources(cx, at).into_iter().find(|source| is_open(source))
    })
}

fn sources(cx: &Context<'_>, at: At) -> Vec<String> {
    let one = text(cx, at).map(|text| text.split_whitespace().map(str::to_owned).collect());
    one.unwrap_or_else(|| items(cx, at).iter().filter_map(|&at| text(cx, at).map(str::to_owned)).collect())
}
