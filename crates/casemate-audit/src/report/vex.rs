//! OpenVEX 0.2: what is to be thought of every known hole in the packages, as far as the audit can tell.

use std::collections::BTreeMap;
use std::io;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::sbom::purl_of;
use super::upgrades::known_hole;
use super::{Report, TOOL_NAME, TOOL_VERSION};
use crate::finding::{DependencyDetail, Finding};

/// Writes the document, ending with a newline; `now` is the time in the form of RFC 3339, which OpenVEX demands.
pub fn write(report: &Report<'_>, now: &str, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &document(report, now))?;
    out.write_all(b"\n")
}

fn document(report: &Report<'_>, now: &str) -> Value {
    let outcome = report.outcome;
    let open = outcome.findings.iter().chain(&outcome.baselined).map(|finding| (finding, None));
    let settled = outcome.suppressed.iter().map(|(finding, reason)| (finding, Some(reason.as_str())));
    let mut statements: BTreeMap<(String, String, String), Value> = BTreeMap::new();
    for (finding, reason) in open.chain(settled) {
        // What stands in the code tells the same hole again.
        if finding.rule.id == "DEP1502" {
            continue;
        }
        if let Some(detail) = known_hole(finding) {
            let id = detail.advisories.first().cloned().unwrap_or_default();
            let key = (id, detail.package.clone(), detail.version.clone());
            statements.entry(key).or_insert_with(|| statement(finding, detail, reason));
        }
    }
    let statements: Vec<Value> = statements.into_values().collect();
    let digest = Sha256::digest(json!(statements).to_string().as_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": format!("https://openvex.dev/docs/public/vex-{digest}"),
        "author": "casemate", "role": "automated audit", "timestamp": now, "version": 1,
        "tooling": format!("{TOOL_NAME} {TOOL_VERSION}"),
        "statements": statements,
    })
}

fn statement(finding: &Finding, detail: &DependencyDetail, reason: Option<&str>) -> Value {
    let id = detail.advisories.first().map(String::as_str).unwrap_or_default();
    let aliases: Vec<&String> = detail.advisories.iter().skip(1).collect();
    let mut told = json!({
        "vulnerability": {"name": id, "aliases": aliases},
        "products": [{"@id": purl_of(&detail.package, &detail.version)}],
    });
    let mut put = |key: &str, value: &str| {
        if let Value::Object(told) = &mut told {
            told.insert(key.to_owned(), value.into());
        }
    };
    match (reason, detail.is_reachable) {
        (Some(reason), _) => {
            put("status", "not_affected");
            put("impact_statement", reason);
        }
        // Only where the advisory says what is affected, and the project alone could use it.
        (None, Some(false)) => {
            put("status", "not_affected");
            put("justification", "vulnerable_code_not_in_execute_path");
            put("impact_statement", "No code of the project calls or imports what the advisory names.");
        }
        (None, Some(true)) => {
            put("status", "affected");
            put("action_statement", &finding.remedy);
        }
        // A known hole that nobody has looked at is no statement about its harm.
        (None, None) => put("status", "under_investigation"),
    }
    told
}
