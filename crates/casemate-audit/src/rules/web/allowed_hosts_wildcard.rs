//! A host of the request that nothing checks.

use super::middleware::is_middleware;
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told::{self, Told};
use crate::rules::values::{Given, given};

/// `allowed-hosts-wildcard`
pub(crate) static RULE: Rule = Rule {
    id: "WEB616",
    name: "allowed-hosts-wildcard",
    summary: "The application answers under every name",
    severity: Severity::Medium,
    kind: Kind::Configuration,
    persona: Persona::Default,
    cwe: &[644],
    owasp_2021: "A03",
    owasp_2025: "A05",
    asvs: "13.2.4",
    page: include_str!("allowed_hosts_wildcard.md"),
};

const REMEDY: &str = "List the names under which it is reached: `ALLOWED_HOSTS = [\"app.example.org\"]`, or `.example.org` for all below one.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    if let Some(settings) = crate::rules::django::settings::of(cx)
        && !settings.is_debugging()
        && let Some(items) = settings.get("ALLOWED_HOSTS").known().and_then(super::super::values::Written::items)
    {
        for item in items.into_iter().filter(|item| item.text() == Some("*")) {
            found.push(settings.set(
                item,
                "every name is answered: links in mails and caches take over the one an attacker sends",
                REMEDY,
            ));
        }
    }
    for (id, function, value, _, arguments) in cx.calls() {
        if is_middleware(cx, id, function, value, "TrustedHostMiddleware")
            && let Given::Value(hosts) = given(cx, id, arguments, None, "allowed_hosts")
            && hosts.items().is_some_and(|items| items.iter().any(|item| item.text() == Some("*")))
        {
            found.push(Told::new(
                id,
                function.span_of(value),
                "the middleware lets every name through and does nothing",
                REMEDY,
            ));
        }
    }
    told::report(cx, &RULE, found);
}
