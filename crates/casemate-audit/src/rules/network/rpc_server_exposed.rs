//! Servers of remote calls that were made for one machine.

use casemate_python::syntax::{FunctionId, Span};

use super::calls::{self, At, calls, is_true, items, path_of, tell, text};
use super::hosts::{Distance, distance};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `rpc-server-exposed`
pub(crate) static RULE: Rule = Rule {
    id: "NET313",
    name: "rpc-server-exposed",
    summary: "A server that lets callers run code or read files listens on the network",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[749],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "13.2.1",
    page: include_str!("rpc_server_exposed.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found: Vec<(FunctionId, Span, String, &str)> = Vec::new();
    for call in calls(cx) {
        let message = match call.name {
            "register_instance"
                if call.argument(cx, 1, "allow_dotted_names").is_some_and(|at| is_true(cx, at))
                    && calls::imports(cx.module, &["xmlrpc", "SimpleXMLRPCServer", "jsonrpclib"]) =>
            {
                (
                    "with `allow_dotted_names` callers reach every attribute of the object, and from there any code",
                    "Register the functions that are meant, one by one: `server.register_function(add)`.",
                )
            }
            "HTTPServer" | "ThreadingHTTPServer" | "TCPServer" | "ThreadingTCPServer" => {
                let handler = call.argument(cx, 1, "RequestHandlerClass").map(|at| path_of(cx, at)).unwrap_or_default();
                let serves_files =
                    handler.ends_with("SimpleHTTPRequestHandler") || handler.ends_with("CGIHTTPRequestHandler");
                let wide = call
                    .argument(cx, 0, "server_address")
                    .and_then(|at| items(cx, at).first().copied())
                    .is_some_and(|at| is_wide(cx, at));
                if !serves_files || !wide {
                    continue;
                }
                (
                    "this shows every file of its folder to the whole network, without TLS or a password",
                    "Listen on `127.0.0.1`, or put the files behind a real web server.",
                )
            }
            "BaseManager" | "SyncManager" | "Listener"
                if call.path.starts_with("multiprocessing.")
                    && call
                        .argument(cx, 0, "address")
                        .and_then(|at| items(cx, at).first().copied())
                        .is_some_and(|at| is_wide(cx, at)) =>
            {
                (
                    "what a manager receives is unpickled, so whoever can connect and knows the key runs code here",
                    "Listen on `127.0.0.1` or a Unix socket, and tunnel what comes from other machines.",
                )
            }
            "ThreadedServer" | "ForkingServer" | "OneShotServer" | "ThreadPoolServer"
                if call.path.starts_with("rpyc.")
                    && call.argument(cx, 0, "service").is_some_and(|at| {
                        let path = path_of(cx, at);
                        path.contains("ClassicService") || path.contains("SlaveService")
                    }) =>
            {
                (
                    "the classic service of RPyC lets callers run any code",
                    "Write a service of your own that exposes what is meant (`exposed_…`), and ask for TLS certificates (`SSLAuthenticator`).",
                )
            }
            "listen" if call.path == "logging.config.listen" && call.keyword(cx, "verify").is_none() => (
                "a configuration of `logging` names classes that are called: whoever can connect runs code here",
                "Pass `verify=` with a function that checks a signature, or read the configuration from a file.",
            ),
            "start_kernel" | "embed_kernel" if call.keyword(cx, "ip").is_some_and(|at| is_wide(cx, at)) => {
                ("a kernel runs any code that it is sent", "Listen on `127.0.0.1`.")
            }
            "set_trace" | "listen"
                if matches!(call.path.split('.').next(), Some("debugpy" | "ptvsd" | "rpdb" | "remote_pdb")) =>
            {
                let address = call.argument(cx, 0, "address");
                let wide = address
                    .is_some_and(|at| is_wide(cx, at) || items(cx, at).first().is_some_and(|&at| is_wide(cx, at)));
                if !wide {
                    continue;
                }
                ("a debugger runs any code that it is sent", "Listen on `127.0.0.1`, and tunnel.")
            }
            _ => continue,
        };
        found.push((call.id, call.span(), message.0.to_owned(), message.1));
    }
    for (id, span, message, remedy) in found {
        tell(cx, &RULE, id, span, message, remedy, Confidence::High);
    }
}

/// Whether an address is open to other machines.
fn is_wide(cx: &Context<'_>, at: At) -> bool {
    text(cx, at)
        .is_some_and(|host| host.is_empty() || host == "0.0.0.0" || host == "::" || distance(host) != Distance::Here)
}
