//! Requests that may wait for ever.

use super::calls::{Call, calls, is_none, tell};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `request-no-timeout`
pub(crate) static RULE: Rule = Rule {
    id: "NET311",
    name: "request-no-timeout",
    summary: "A request to another server has no time limit",
    severity: Severity::Low,
    kind: Kind::Pattern,
    persona: Persona::Pedantic,
    cwe: &[400],
    owasp_2021: "A04",
    owasp_2025: "A06",
    asvs: "13.2.6",
    page: include_str!("request_no_timeout.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for call in calls(cx) {
        let verb = matches!(call.name, "get" | "post" | "put" | "patch" | "delete" | "head" | "options" | "request");
        let root = call.path.split('.').next().unwrap_or_default();
        let (position, endless_by_default) = match root {
            "requests" if verb => (usize::MAX, true),
            // Five seconds unless told otherwise.
            "httpx" if verb || matches!(call.name, "Client" | "AsyncClient" | "stream") => (usize::MAX, false),
            // Five minutes unless told otherwise.
            "aiohttp" if verb || call.name == "ClientSession" => (usize::MAX, false),
            "urllib" if call.path == "urllib.request.urlopen" => (2, true),
            "socket" if call.path == "socket.create_connection" => (1, true),
            "smtplib" if matches!(call.name, "SMTP" | "SMTP_SSL") => (3, true),
            "ftplib" if matches!(call.name, "FTP" | "FTP_TLS") => (4, true),
            "imaplib" if matches!(call.name, "IMAP4" | "IMAP4_SSL") => (3, true),
            "http" if matches!(call.path, "http.client.HTTPConnection" | "http.client.HTTPSConnection") => (2, true),
            _ => continue,
        };
        let given = call.keyword(cx, "timeout").or_else(|| call.position(position));
        let endless = match given {
            Some(at) => is_none(cx, at),
            None => endless_by_default && !call.is_open(cx) && !has_default(cx, &call),
        };
        if endless {
            found.push((call.id, call.span(), call.name.to_owned()));
        }
    }
    for (id, span, name) in found {
        let message = format!("`{name}` waits for ever if the other side does not answer");
        tell(
            cx,
            &RULE,
            id,
            span,
            message,
            "Pass `timeout=` in seconds, best a short one to connect and a longer one to read: `timeout=(3.05, 30)`.",
            Confidence::Medium,
        );
    }
}

/// Whether a default is set for all sockets of the process.
fn has_default(cx: &Context<'_>, call: &Call<'_>) -> bool {
    !call.path.starts_with("requests.") && cx.module.symbols.find("setdefaulttimeout").is_some()
}
