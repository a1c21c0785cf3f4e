//! Credentials on the open wire.

use casemate_python::facts::TextPart;
use casemate_python::syntax::{Collection, Op};

use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, Entry, entry, is_none, origins};
use crate::rules::pattern::{Site, tell};

/// `basic-auth-over-http`
pub(crate) static RULE: Rule = Rule {
    id: "AUT421",
    name: "basic-auth-over-http",
    summary: "Credentials are sent over HTTP, where everybody on the way reads them",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[523],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "12.2.1",
    page: include_str!("basic_auth_over_http.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for &site in cx.sites() {
        let Some(url) = url(cx, &site) else { continue };
        if is_open(cx, url) && shows_credentials(cx, &site) {
            found.push(site.found(
                "credentials go to an address that begins with `http://`: everybody on the way reads them".to_owned(),
                "Use `https://`, and let the server send callers of `http://` away before they have shown anything.",
            ));
        }
    }
    tell(cx, &RULE, found);
}

fn url<'a>(cx: &Context<'a>, site: &Site<'a>) -> Option<At<'a>> {
    let clients = ["requests.", "httpx.", "aiohttp.", "urllib3.", "niquests."];
    if !clients.iter().any(|client| site.path.starts_with(client)) && site.path != "urllib.request.Request" {
        return None;
    }
    match site.name() {
        "get" | "post" | "put" | "patch" | "delete" | "head" | "options" | "Request" => site.argument(cx, 0, "url"),
        "request" | "stream" => site.argument(cx, 1, "url"),
        _ => None,
    }
}

/// A text that begins with `http://` and goes on to another machine.
fn is_open(cx: &Context<'_>, url: At<'_>) -> bool {
    origins(cx, url).into_iter().any(|at| {
        let parts = casemate_python::facts::text_of(cx.program, at.home, at.id, at.value);
        let Some(TextPart::Literal(first)) = parts.first() else { return false };
        let Some(rest) = first.to_ascii_lowercase().strip_prefix("http://").map(str::to_owned) else { return false };
        let host =
            rest.split(['/', ':', '?']).next().unwrap_or_default().rsplit('@').next().unwrap_or_default().to_owned();
        let local = host.is_empty()
            || matches!(
                host.as_str(),
                "localhost" | "0.0.0.0" | "::1" | "host.docker.internal" | "testserver" | "test"
            )
            || host.starts_with("127.")
            || host.starts_with("169.254.")
            || host.ends_with(".local")
            || host.ends_with(".internal")
            || host.ends_with(".svc")
            || host.ends_with(".localhost")
            || !host.contains('.');
        !local
    })
}

fn shows_credentials(cx: &Context<'_>, site: &Site<'_>) -> bool {
    if site.keyword(cx, "auth").is_some_and(|at| !is_none(cx, at)) {
        return true;
    }
    let Some(headers) = site.keyword(cx, "headers") else { return false };
    let names = ["Authorization", "authorization", "X-API-Key", "X-Api-Key", "x-api-key", "X-Auth-Token"];
    names.iter().any(|name| matches!(entry(cx, headers, name), Entry::Given(_)))
        || matches!(headers.op(), Op::Build { collection: Collection::Dict, .. })
            && headers.written().contains("Authorization")
}
