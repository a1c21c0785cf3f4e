//! A URL whose host was checked, and redirects that lead elsewhere.

use super::calls::{Call, calls, is_off, tell};
use super::urls::{self, Chosen, Worth};
use super::{FROM_OUTSIDE, hit_at};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `redirects-followed`
pub(crate) static RULE: Rule = Rule {
    id: "NET304",
    name: "redirects-followed",
    summary: "Redirects lead away from the host that was checked",
    severity: Severity::Low,
    kind: Kind::Taint,
    persona: Persona::Pedantic,
    cwe: &[918],
    owasp_2021: "A10",
    owasp_2025: "A01",
    asvs: "15.3.2",
    page: include_str!("redirects_followed.md"),
};

/// Calls that follow redirects unless told otherwise: the keyword, and what is done without it.
fn follows(cx: &Context<'_>, call: &Call<'_>) -> bool {
    let (keyword, otherwise) = match call.path.split('.').next().unwrap_or_default() {
        "requests" | "aiohttp" => ("allow_redirects", call.name != "head"),
        "httpx" => ("follow_redirects", false),
        "urllib3" => ("redirect", true),
        "urllib" => return true,
        _ => return false,
    };
    call.keyword(cx, keyword).map_or(otherwise, |given| !is_off(cx, given))
}

pub(crate) fn check(cx: &mut Context<'_>) {
    let Some(kind) = cx.knowledge.kind("url") else { return };
    let mut found = Vec::new();
    for call in calls(cx) {
        let Some(model) = cx.knowledge.models.calls.get(call.path) else { continue };
        for sink in model.sinks.iter().filter(|sink| sink.kind == kind) {
            let at = sink.argument.position.and_then(|position| call.position(position));
            let at = at.or_else(|| sink.argument.keyword.as_deref().and_then(|name| call.keyword(cx, name)));
            let Some(at) = at.filter(|at| cx.facts.fact(call.id, at.value).labels.meets(FROM_OUTSIDE)) else {
                continue;
            };
            let hit = hit_at(cx, kind, call.id, call.value, at.value);
            if follows(cx, &call)
                && urls::chosen(cx, &hit) == Chosen::Host
                && urls::checked(cx, &hit) == Some(Worth::Strong)
            {
                found.push((call, hit));
                break;
            }
        }
    }
    for (call, hit) in found {
        let path = cx.path(&hit, FROM_OUTSIDE, "is fetched, redirects and all");
        let message =
            format!("`{}` follows redirects, so a host that was allowed can send it to one that was not", call.name);
        let finding = tell(
            cx,
            &RULE,
            call.id,
            call.span(),
            message,
            "Pass `allow_redirects=False` (`follow_redirects=False` for httpx, `redirect=False` for urllib3) and check the `Location` of each answer as the first URL was checked.",
            Confidence::Medium,
        );
        finding.path = path;
        finding.missing_guard = Some("redirects turned off".to_owned());
    }
}
