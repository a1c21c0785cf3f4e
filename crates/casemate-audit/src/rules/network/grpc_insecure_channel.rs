//! gRPC without TLS.

use casemate_python::facts::{TextPart, text_of};

use super::calls::{calls, tell, text};
use super::hosts::{Distance, distance};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `grpc-insecure-channel`
pub(crate) static RULE: Rule = Rule {
    id: "NET315",
    name: "grpc-insecure-channel",
    summary: "gRPC is spoken without TLS",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[319],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "12.3.3",
    page: include_str!("grpc_insecure_channel.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for call in calls(cx) {
        let (what, remedy) = match call.name {
            "insecure_channel" if call.path.starts_with("grpc.") => {
                ("this channel", "Use `grpc.secure_channel(target, grpc.ssl_channel_credentials())`.")
            }
            "add_insecure_port" => (
                "this port",
                "Use `server.add_secure_port(address, grpc.ssl_server_credentials([(key, certificate)]))`.",
            ),
            _ => continue,
        };
        let Some(at) = call.argument(cx, 0, if call.name == "insecure_channel" { "target" } else { "address" }) else {
            continue;
        };
        let serves = call.name == "add_insecure_port";
        let is_open = |address: &str| {
            let host = address.trim_start_matches("dns:///").trim_start_matches("ipv4:").trim_start_matches("ipv6:");
            if host.starts_with("unix:") {
                return None;
            }
            let all = host.starts_with("0.0.0.0")
                || host.starts_with("[::]")
                || host.starts_with(":::")
                || host.starts_with("*");
            match distance(host) {
                _ if serves && all => Some(Confidence::High),
                Distance::Here => None,
                Distance::Near => Some(Confidence::Low),
                Distance::Far => Some(Confidence::High),
            }
        };
        let confidence = match text(cx, at) {
            Some(address) => is_open(address),
            None => {
                // `f"[::]:{port}"`, or an address that comes from a setting.
                let first = text_of(cx.program, at.module, at.function, at.value).into_iter().next();
                match first {
                    Some(TextPart::Literal(beginning)) => is_open(beginning.trim_end_matches(':')),
                    _ => Some(Confidence::Low),
                }
            }
        };
        let Some(confidence) = confidence else { continue };
        if confidence == Confidence::Low && cx.persona == Persona::Default {
            continue;
        }
        found.push((
            call.id,
            call.span(),
            format!("{what} sends everything in the clear and shows nobody who is at the other end"),
            remedy,
            confidence,
        ));
    }
    for (id, span, message, remedy, confidence) in found {
        tell(cx, &RULE, id, span, message, remedy, confidence);
    }
}
