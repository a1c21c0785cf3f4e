//! SNMP without authentication or encryption.

use casemate_python::syntax::Constant;

use super::calls::{calls, constant, is_none, path_of, tell};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;

/// `snmp-insecure`
pub(crate) static RULE: Rule = Rule {
    id: "NET312",
    name: "snmp-insecure",
    summary: "SNMP is spoken without encryption",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[319],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "12.3.1",
    page: include_str!("snmp_insecure.md"),
};

const REMEDY: &str = "Use SNMPv3 with authentication and privacy: `UsmUserData(user, authKey=…, privKey=…, authProtocol=usmHMAC192SHA256AuthProtocol, privProtocol=usmAesCfb128Protocol)`.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for call in calls(cx) {
        let root = call.path.split('.').next().unwrap_or_default();
        let message = match (root, call.name) {
            ("pysnmp", "CommunityData") => {
                "SNMP v1 and v2c send the community, which is a password, and all data in the clear".to_owned()
            }
            ("pysnmp", "UsmUserData") if !call.is_open(cx) => {
                let auth = call.argument(cx, 1, "authKey").filter(|&at| !is_none(cx, at));
                let privacy = call.argument(cx, 2, "privKey").filter(|&at| !is_none(cx, at));
                let turned_off = |name: &str, protocol: &str| {
                    call.keyword(cx, name).is_some_and(|at| path_of(cx, at).ends_with(protocol))
                };
                if auth.is_none() || turned_off("authProtocol", "NoAuthProtocol") {
                    "without `authKey` SNMPv3 believes anybody".to_owned()
                } else if privacy.is_none() || turned_off("privProtocol", "NoPrivProtocol") {
                    "without `privKey` SNMPv3 sends all data in the clear".to_owned()
                } else {
                    continue;
                }
            }
            ("easysnmp" | "puresnmp" | "netsnmp" | "ezsnmp", "Session" | "snmp_get" | "snmp_walk" | "Client") => {
                let version = ["version", "Version"].iter().find_map(|name| call.keyword(cx, name));
                match version.and_then(|at| constant(cx, at)) {
                    Some(Constant::Int(1 | 2)) => {
                        "SNMP v1 and v2c send the community, which is a password, and all data in the clear".to_owned()
                    }
                    _ => continue,
                }
            }
            ("puresnmp", "V1" | "V2C") => {
                "SNMP v1 and v2c send the community, which is a password, and all data in the clear".to_owned()
            }
            _ => continue,
        };
        found.push((call.id, call.span(), message));
    }
    for (id, span, message) in found {
        tell(cx, &RULE, id, span, message, REMEDY, Confidence::High);
    }
}
