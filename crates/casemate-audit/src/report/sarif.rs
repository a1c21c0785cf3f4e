//! SARIF 2.1.0 for code hosts and for the tracker.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::excerpt::Excerpts;
use super::{Report, TOOL_NAME, TOOL_URL, TOOL_VERSION};
use crate::audit::Problem;
use crate::baseline::Entry;
use crate::finding::{Finding, Place, Severity, Step};
use crate::fix::Edit;
use crate::rule::{Kind, Persona, Rule};
use crate::rules;

/// The key of our fingerprint; raised when the way it is made changes.
pub const FINGERPRINT_KEY: &str = "casemate/v1";

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Lines shown above and below a region.
const CONTEXT_LINES: u32 = 2;

/// Writes the report, ending with a newline.
pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let rules = rules_that_ran(report);
    let outcome = report.outcome;
    let run = Run {
        tool: json!({
            "driver": {
                "name": TOOL_NAME,
                "version": TOOL_VERSION,
                "semanticVersion": TOOL_VERSION,
                "informationUri": TOOL_URL,
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }
        }),
        automation_details: json!({ "id": format!("{TOOL_NAME}/{}/", percent_encoded(report.category)) }),
        column_kind: "unicodeCodePoints",
        original_uri_base_ids: json!({
            "%SRCROOT%": { "description": { "text": "the folder the audit was started from" } }
        }),
        invocations: json!([{
            "executionSuccessful": true,
            "toolExecutionNotifications": outcome.problems.iter().map(notification).collect::<Vec<_>>(),
        }]),
        results: Results { report, excerpts: RefCell::new(Excerpts::new(report)), rules: &rules },
        properties: properties(report),
    };
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run] };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}

fn properties(report: &Report<'_>) -> Value {
    let outcome = report.outcome;
    let mut properties = json!({
            "casemate/complete": report.is_complete,
            "casemate/paths": report.paths,
            "casemate/files": outcome.files,
            "casemate/lines": outcome.lines,
            "casemate/texts": outcome.texts,
            "casemate/packages": outcome.packages,
            "casemate/advisories": report.advisories,
    });
    if let Some(elsewhere) = &outcome.elsewhere {
        insert(&mut properties, "casemate/since", elsewhere.since.as_str().into());
        insert(&mut properties, "casemate/elsewhere", elsewhere.count.into());
    }
    properties
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Value,
    automation_details: Value,
    column_kind: &'static str,
    original_uri_base_ids: Value,
    invocations: Value,
    results: Results<'a>,
    properties: Value,
}

/// A rule without results still stands in the report: it says that what it looks for was looked for.
fn rules_that_ran(report: &Report<'_>) -> Vec<&'static Rule> {
    let mut rules = super::rules_named(report.outcome);
    rules.extend(rules::ALL.iter().filter(|rule| report.settings.wants(rule)));
    rules.sort_by_key(|rule| rule.id);
    rules.dedup_by_key(|rule| rule.id);
    rules
}

fn descriptor(rule: &Rule) -> Value {
    let cwe = rule.cwe.iter().map(|number| format!("external/cwe/cwe-{number}"));
    let own = ["security".to_owned(), rule.kind.topic().as_str().to_owned()];
    let tags: Vec<String> = own.into_iter().chain(cwe).collect();
    let mut properties = Map::new();
    properties.insert("tags".to_owned(), tags.into());
    properties.insert("precision".to_owned(), precision(rule).into());
    properties.insert("security-severity".to_owned(), security_severity(rule.severity).into());
    properties.insert("severity".to_owned(), rule.severity.as_str().into());
    let standards = [("owasp-2021", rule.owasp_2021), ("owasp-2025", rule.owasp_2025), ("asvs", rule.asvs)];
    for (key, value) in standards.into_iter().filter(|(_, value)| !value.is_empty()) {
        properties.insert(key.to_owned(), value.into());
    }
    json!({
        "id": rule.id,
        "name": rule.name,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": super::why(rule) },
        "help": { "text": rule.page, "markdown": rule.page },
        "helpUri": format!("{TOOL_URL}/blob/main/docs/rules/{}.md", percent_encoded(rule.name)),
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": properties,
    })
}

/// The words code hosts sort by: how many of a rule's findings are real.
fn precision(rule: &Rule) -> &'static str {
    match (rule.persona, rule.kind) {
        (Persona::Pedantic, _) => "low",
        (Persona::Default, Kind::Pattern) => "medium",
        (Persona::Default, _) => "high",
    }
}

/// A number in the middle of the band that code hosts give the same word as we do.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// Results are made one by one while they are written, so that a large report needs little memory.
struct Results<'a> {
    report: &'a Report<'a>,
    rules: &'a [&'static Rule],
    excerpts: RefCell<Excerpts<'a>>,
}

/// What became of a finding.
#[derive(Clone, Copy)]
enum Fate<'a> {
    Reported,
    /// A comment or a setting silenced it, for this reason.
    Silenced(&'a str),
    /// The baseline of this name knows it.
    Known(&'a str),
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let outcome = self.report.outcome;
        let baseline = self.report.baseline.unwrap_or_default();
        let found = outcome.findings.iter().map(|finding| (finding, Fate::Reported));
        let known = outcome.baselined.iter().map(|finding| (finding, Fate::Known(baseline)));
        let silenced = outcome.suppressed.iter().map(|(finding, why)| (finding, Fate::Silenced(why)));
        let told = found.chain(known).chain(silenced).map(|(finding, fate)| self.result(finding, fate));
        serializer.collect_seq(told.chain(outcome.gone.iter().map(|entry| self.absent(entry))))
    }
}

impl Results<'_> {
    fn result(&self, finding: &Finding, fate: Fate<'_>) -> Value {
        // The lines of today are not about what only an old version of the file holds.
        let mut location = if finding.is_past() { bare(&finding.place) } else { self.location(&finding.place, true) };
        if !finding.function.is_empty() {
            let name = finding.function.rsplit('.').next().unwrap_or(&finding.function);
            let logical = json!({ "name": name, "fullyQualifiedName": finding.function, "kind": "function" });
            insert(&mut location, "logicalLocations", json!([logical]));
        }
        let mut properties = json!({
            "severity": finding.severity,
            "confidence": finding.confidence,
            "topic": finding.rule.kind.topic().as_str(),
            "remedy": finding.remedy,
            "statement": finding.statement,
        });
        if let Some(guard) = &finding.missing_guard {
            insert(&mut properties, "missingGuard", guard.as_str().into());
        }
        if let Some(secret) = finding.secret() {
            insert(&mut properties, "secret", super::detail::secret(secret));
        }
        if let Some(dependency) = finding.dependency() {
            insert(&mut properties, "dependency", super::detail::dependency(dependency));
            if let Some(score) = dependency.score {
                insert(&mut properties, "security-severity", format!("{score:.1}").into());
            }
        }
        let mut result = json!({
            "ruleId": finding.rule.id,
            "level": level(finding.severity),
            "message": { "text": not_empty(&finding.message, finding.rule.summary) },
            "locations": [location],
            "rank": rank(finding),
            "suppressions": suppressions(fate),
            "properties": properties,
        });
        if let Ok(index) = self.rules.binary_search_by_key(&finding.rule.id, |rule| rule.id) {
            insert(&mut result, "ruleIndex", index.into());
        }
        if !finding.fingerprint.is_empty() {
            insert(&mut result, "partialFingerprints", json!({ (FINGERPRINT_KEY): finding.fingerprint }));
        }
        if !finding.path.is_empty() {
            let stops: Vec<Value> = finding.path.iter().map(|step| self.stop(step)).collect();
            insert(&mut result, "codeFlows", json!([{ "threadFlows": [{ "locations": stops }] }]));
        }
        if let Some(fix) = &finding.fix {
            let region = |edit: &Edit| region(&Place { path: String::new(), start: edit.start, end: edit.end });
            let replacements: Vec<Value> = fix
                .edits
                .iter()
                .map(|edit| json!({ "deletedRegion": region(edit), "insertedContent": { "text": edit.replacement } }))
                .collect();
            insert(
                &mut result,
                "fixes",
                json!([{
                    "description": { "text": fix.title },
                    "artifactChanges": [{ "artifactLocation": artifact(&finding.place), "replacements": replacements }],
                    "properties": { "safety": fix.safety.as_str() },
                }]),
            );
        }
        match fate {
            Fate::Known(_) => insert(&mut result, "baselineState", "unchanged".into()),
            Fate::Reported if self.report.baseline.is_some() => insert(&mut result, "baselineState", "new".into()),
            Fate::Reported | Fate::Silenced(_) => {}
        }
        result
    }

    /// An entry of the baseline that is found no more.
    fn absent(&self, entry: &Entry) -> Value {
        let uri = percent_encoded(&entry.path);
        let mut result = json!({
            "ruleId": entry.rule,
            "level": "none",
            "message": { "text": format!("{} of the baseline is found no more", entry.rule) },
            "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri, "uriBaseId": "%SRCROOT%" } } }],
            "baselineState": "absent",
        });
        if let Ok(index) = self.rules.binary_search_by_key(&entry.rule.as_str(), |rule| rule.id) {
            insert(&mut result, "ruleIndex", index.into());
        }
        result
    }

    fn stop(&self, step: &Step) -> Value {
        let mut location = self.location(&step.place, false);
        insert(&mut location, "message", json!({ "text": not_empty(&step.note, &step.snippet) }));
        json!({ "location": location })
    }

    fn location(&self, place: &Place, with_context: bool) -> Value {
        let mut region = region(place);
        let mut context = None;
        let text = self.excerpts.borrow_mut().text(&place.path);
        if let Some(text) = text {
            if let Some(cut) = text.cut(place).filter(|cut| !cut.is_empty()) {
                insert(&mut region, "snippet", json!({ "text": cut }));
            }
            let first = place.start.line.saturating_sub(CONTEXT_LINES).max(1);
            let last = place.end.line.max(place.start.line).saturating_add(CONTEXT_LINES).min(text.last_line());
            if with_context && first <= place.start.line && place.start.line <= last {
                let lines = text.lines(first..last.saturating_add(1));
                context = Some(json!({ "startLine": first, "endLine": last, "snippet": { "text": lines } }));
            }
        }
        let mut physical = json!({ "artifactLocation": artifact(place), "region": region });
        if let Some(context) = context {
            insert(&mut physical, "contextRegion", context);
        }
        json!({ "physicalLocation": physical })
    }
}

fn bare(place: &Place) -> Value {
    json!({ "physicalLocation": { "artifactLocation": artifact(place), "region": region(place) } })
}

fn suppressions(fate: Fate<'_>) -> Value {
    let (kind, because) = match fate {
        Fate::Reported => return json!([]),
        Fate::Silenced(because) => ("inSource", because.to_owned()),
        Fate::Known(baseline) => ("external", format!("known in the baseline {baseline}")),
    };
    let mut suppression = json!({ "kind": kind, "status": "accepted" });
    if !because.is_empty() {
        insert(&mut suppression, "justification", because.into());
    }
    json!([suppression])
}

/// From 0 to 100: the score where there is one, otherwise the middle of the severity's band.
fn rank(finding: &Finding) -> f64 {
    let score = finding.dependency().and_then(|detail| detail.score).map(super::detail::rounded);
    score.unwrap_or(match finding.severity {
        Severity::Critical => 9.5,
        Severity::High => 8.0,
        Severity::Medium => 5.5,
        Severity::Low => 3.0,
        Severity::Info => 0.0,
    }) * 10.0
}

fn notification(problem: &Problem) -> Value {
    json!({
        "level": "error",
        "message": { "text": not_empty(&problem.message, "unknown problem") },
        "locations": [{
            "physicalLocation": { "artifactLocation": artifact(&problem.place), "region": region(&problem.place) }
        }],
    })
}

fn artifact(place: &Place) -> Value {
    json!({ "uri": percent_encoded(&place.path), "uriBaseId": "%SRCROOT%" })
}

fn region(place: &Place) -> Value {
    let (start, end) = (place.start, place.end.max(place.start));
    json!({
        "startLine": start.line.max(1),
        "startColumn": start.column.max(1),
        "endLine": end.line.max(1),
        "endColumn": end.column.max(1),
    })
}

/// SARIF wants a text in every message.
fn not_empty<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}

/// RFC 3986: everything but unreserved characters and the `/` between parts is encoded, also the `:` that would make
/// the first part a scheme.
fn percent_encoded(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn insert(object: &mut Value, key: &str, value: Value) {
    if let Value::Object(map) = object {
        map.insert(key.to_owned(), value);
    }
}
