//! Servers that listen on every network of the machine.

use super::calls::{At, calls, items, tell, text};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `bind-all-interfaces`
pub(crate) static RULE: Rule = Rule {
    id: "NET310",
    name: "bind-all-interfaces",
    summary: "A server listens on all interfaces",
    severity: Severity::Low,
    kind: Kind::Pattern,
    persona: Persona::Pedantic,
    cwe: &[605],
    owasp_2021: "A05",
    owasp_2025: "A02",
    asvs: "13.2.4",
    page: include_str!("bind_all_interfaces.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for call in calls(cx) {
        if call.path.contains(".connect")
            || matches!(call.name, "connect" | "startswith" | "replace" | "get" | "ip_address" | "add_argument")
        {
            continue;
        }
        let address = match call.name {
            // `socket.bind(("", port))`, `HTTPServer(("0.0.0.0", port), …)`
            "bind"
            | "HTTPServer"
            | "ThreadingHTTPServer"
            | "TCPServer"
            | "UDPServer"
            | "ThreadingTCPServer"
            | "ThreadingUDPServer"
            | "SimpleXMLRPCServer"
            | "create_server" => call
                .argument(cx, 0, "server_address")
                .and_then(|at| items(cx, at).first().copied())
                .filter(|&at| is_everywhere(cx, at, true)),
            "start_server" | "listen" | "serve" | "run_app" | "run" | "run_simple" | "make_server" | "run_server"
            | "TCPSite" | "run_task" | "Server" | "Config" | "ThreadedServer" | "run_forever" => None,
            _ => continue,
        };
        let named = ["host", "address", "hostname", "listen_address", "interface", "bind"]
            .iter()
            .find_map(|name| call.keyword(cx, name))
            .or_else(|| (0..3).find_map(|at| call.position(at).filter(|&at| is_everywhere(cx, at, false))));
        if let Some(at) = address.or(named.filter(|&at| is_everywhere(cx, at, false))) {
            let host = text(cx, at).unwrap_or_default().to_owned();
            found.push((call.id, call.span(), host));
        }
    }
    for (id, span, host) in found {
        let message = format!("`{host}` listens on every network that the machine is part of");
        tell(
            cx,
            &RULE,
            id,
            span,
            message,
            "Listen on `127.0.0.1` behind a reverse proxy, or on the one address that is meant; in a container take the address from a setting, so that it is wide only there.",
            Confidence::Low,
        );
    }
}

fn is_everywhere(cx: &Context<'_>, at: At, empty_too: bool) -> bool {
    text(cx, at).is_some_and(|text| {
        matches!(text, "0.0.0.0" | "::" | "0:0:0:0:0:0:0:0" | "[::]") || empty_too && text.is_empty()
    })
}
