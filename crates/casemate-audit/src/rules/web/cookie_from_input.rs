//! Cookies that somebody outside writes.

use casemate_python::facts::{Hit, Labels};

use crate::finding::Severity;
use crate::models::label;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::network::{FROM_OUTSIDE, hit_at};
use crate::rules::output::open_redirect::stored_under;
use crate::rules::taint::Verdict;
use crate::rules::{Context, Taint};

/// `cookie-from-input`
pub(crate) static RULE: Rule = Rule {
    id: "WEB604",
    name: "cookie-from-input",
    summary: "The name or value of a cookie comes from outside",
    severity: Severity::Medium,
    kind: Kind::Taint,
    persona: Persona::Default,
    cwe: &[20],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "3.3.1",
    page: include_str!("cookie_from_input.md"),
};

pub(crate) static TAINT: Taint = Taint {
    rule: &RULE,
    sinks: &["cookie"],
    from: CHOSEN,
    without: label::COOKIE,
    arrives: "becomes part of a cookie",
    message: "{call} sets a cookie that somebody outside chose: {source}",
    missing: "a check against a fixed list, or a signature",
    remedy: "Set values of your own: look the choice up in a fixed list, or keep it on the server and give the browser a random id. Names of cookies are constants.",
    judge: Some(judge),
};

fn judge(cx: &Context<'_>, hit: &Hit) -> Verdict {
    // Django itself makes this one.
    let is_own = cx
        .module
        .function(hit.function)
        .is_some_and(|function| cx.module.slice(function.span_of(function.bare(hit.argument))).contains("CSRF_COOKIE"));
    Verdict::only_if(!is_own)
}

/// `Response(headers={"Set-Cookie": "choice=" + choice})`, `response.headers["Set-Cookie"] = …`
pub(crate) fn check(cx: &mut Context<'_>) {
    let Some(kind) = cx.knowledge.kind("cookie") else { return };
    let mut found = Vec::new();
    for (id, function) in cx.module.function_ids() {
        for (at, value) in stored_under(cx, function, "set-cookie") {
            let fact = cx.facts.fact(id, value);
            let chosen = fact.labels & CHOSEN;
            if !chosen.is_empty() && !fact.labels.meets(label::COOKIE) && cx.facts.clean_of(fact) & (1 << kind) == 0 {
                found.push(hit_at(cx, kind, id, at, value));
            }
        }
    }
    for hit in found {
        let verdict = judge(cx, &hit);
        if !verdict.dismissed {
            TAINT.report(cx, &hit, verdict);
        }
    }
}

const CHOSEN: Labels = Labels(FROM_OUTSIDE.0 & !label::COOKIE.0);
