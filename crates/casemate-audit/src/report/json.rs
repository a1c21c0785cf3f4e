//! JSON for programs: a stable shape with a version, documented in `docs/reports.md`.

use std::io;

use serde::Serialize;
use serde_json::Value;

use super::{Report, TOOL_NAME, TOOL_URL, TOOL_VERSION, summary};
use crate::baseline::Entry;
use crate::finding::{Confidence, Finding, Place, Position, Severity, Step};
use crate::fix::Fix;
use crate::rule::{Kind, Rule, Topic};
use crate::settings::persona_word;

/// Raised when a reader of the old shape would misread the new one; new keys alone do not raise it.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    complete: bool,
    paths: &'a [String],
    summary: Summary<'a>,
    findings: Vec<JsonFinding<'a>>,
    baselined: Vec<JsonFinding<'a>>,
    gone: &'a [Entry],
    suppressed: Vec<JsonFinding<'a>>,
    problems: Vec<JsonProblem<'a>>,
    rules: Vec<JsonRule<'a>>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct Summary<'a> {
    files: usize,
    lines: usize,
    texts: usize,
    packages: usize,
    advisories: Option<&'a str>,
    baseline: Option<&'a str>,
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    info: usize,
    topics: Vec<JsonTopic>,
    tasks: Vec<JsonTask>,
    suppressed: usize,
    baselined: usize,
    gone: usize,
    problems: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    elsewhere: Option<usize>,
    persona: &'static str,
    fail_on: String,
    failing: usize,
}

#[derive(Serialize)]
struct JsonTopic {
    topic: &'static str,
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    info: usize,
}

#[derive(Serialize)]
struct JsonTask {
    task: String,
    severity: Severity,
    closes: usize,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    name: &'a str,
    severity: Severity,
    confidence: Confidence,
    path: &'a str,
    start: Position,
    end: Position,
    function: &'a str,
    message: &'a str,
    why: String,
    missing_guard: Option<&'a str>,
    remedy: &'a str,
    cwe: &'a [u16],
    flow: Vec<JsonStep<'a>>,
    statement: &'a str,
    topic: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dependency: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<JsonFix<'a>>,
    fingerprint: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed_because: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    title: &'a str,
    safety: &'static str,
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    start: Position,
    end: Position,
    replacement: &'a str,
}

#[derive(Serialize)]
struct JsonStep<'a> {
    path: &'a str,
    start: Position,
    end: Position,
    note: &'a str,
    snippet: &'a str,
}

#[derive(Serialize)]
struct JsonProblem<'a> {
    path: &'a str,
    start: Position,
    end: Position,
    message: &'a str,
}

#[derive(Serialize)]
struct JsonRule<'a> {
    id: &'a str,
    name: &'a str,
    summary: &'a str,
    severity: Severity,
    kind: &'static str,
    persona: &'static str,
    cwe: &'a [u16],
    owasp_2021: &'a str,
    owasp_2025: &'a str,
    asvs: &'a str,
}

/// Writes the report, ending with a newline.
pub fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &document(report))?;
    out.write_all(b"\n")
}

fn document<'a>(report: &Report<'a>) -> Document<'a> {
    let outcome = report.outcome;
    let is_new = report.baseline.map(|_| "new");
    let [critical, high, medium, low, info] = report.counts().map(|(_, count)| count);
    Document {
        version: VERSION,
        tool: Tool { name: TOOL_NAME, version: TOOL_VERSION, url: TOOL_URL },
        complete: report.is_complete,
        paths: report.paths,
        summary: Summary {
            files: outcome.files,
            lines: outcome.lines,
            texts: outcome.texts,
            packages: outcome.packages,
            advisories: report.advisories,
            baseline: report.baseline,
            critical,
            high,
            medium,
            low,
            info,
            topics: report.counts_by_topic().map(json_topic).into(),
            tasks: summary::tasks(report).into_iter().map(json_task).collect(),
            baselined: outcome.baselined.len(),
            gone: outcome.gone.iter().map(|entry| entry.count).sum(),
            suppressed: outcome.suppressed.len(),
            problems: outcome.problems.len(),
            since: outcome.elsewhere.as_ref().map(|elsewhere| elsewhere.since.as_str()),
            elsewhere: outcome.elsewhere.as_ref().map(|elsewhere| elsewhere.count),
            persona: persona_word(report.settings.persona),
            fail_on: report.settings.fail_on.to_string(),
            failing: report.failing(),
        },
        findings: outcome.findings.iter().map(|finding| json_finding(finding, is_new, None)).collect(),
        baselined: outcome.baselined.iter().map(|finding| json_finding(finding, Some("unchanged"), None)).collect(),
        gone: &outcome.gone,
        suppressed: outcome.suppressed.iter().map(|(finding, why)| json_finding(finding, None, Some(why))).collect(),
        problems: outcome
            .problems
            .iter()
            .map(|problem| {
                let Place { path, start, end } = &problem.place;
                JsonProblem { path, start: *start, end: *end, message: &problem.message }
            })
            .collect(),
        rules: super::rules_named(outcome).into_iter().map(json_rule).collect(),
    }
}

fn json_topic((topic, [critical, high, medium, low, info]): (Topic, [usize; 5])) -> JsonTopic {
    JsonTopic { topic: topic.as_str(), critical, high, medium, low, info }
}

fn json_task(task: summary::Task) -> JsonTask {
    JsonTask { task: task.words, severity: task.severity, closes: task.closes }
}

fn json_finding<'a>(
    finding: &'a Finding,
    baseline_state: Option<&'static str>,
    suppressed_because: Option<&'a str>,
) -> JsonFinding<'a> {
    JsonFinding {
        rule: finding.rule.id,
        name: finding.rule.name,
        severity: finding.severity,
        confidence: finding.confidence,
        path: &finding.place.path,
        start: finding.place.start,
        end: finding.place.end,
        function: &finding.function,
        message: &finding.message,
        why: super::why(finding.rule),
        missing_guard: finding.missing_guard.as_deref(),
        remedy: &finding.remedy,
        cwe: finding.rule.cwe,
        flow: finding.path.iter().map(json_step).collect(),
        statement: &finding.statement,
        topic: finding.rule.kind.topic().as_str(),
        secret: finding.secret().map(super::detail::secret),
        dependency: finding.dependency().map(super::detail::dependency),
        fix: finding.fix.as_deref().map(json_fix),
        fingerprint: &finding.fingerprint,
        baseline_state,
        suppressed_because,
    }
}

fn json_fix(fix: &Fix) -> JsonFix<'_> {
    let edits =
        fix.edits.iter().map(|edit| JsonEdit { start: edit.start, end: edit.end, replacement: &edit.replacement });
    JsonFix { title: &fix.title, safety: fix.safety.as_str(), edits: edits.collect() }
}

fn json_step(step: &Step) -> JsonStep<'_> {
    let Place { path, start, end } = &step.place;
    JsonStep { path, start: *start, end: *end, note: &step.note, snippet: &step.snippet }
}

fn json_rule(rule: &Rule) -> JsonRule<'_> {
    JsonRule {
        id: rule.id,
        name: rule.name,
        summary: rule.summary,
        severity: rule.severity,
        kind: kind_word(rule.kind),
        persona: persona_word(rule.persona),
        cwe: rule.cwe,
        owasp_2021: rule.owasp_2021,
        owasp_2025: rule.owasp_2025,
        asvs: rule.asvs,
    }
}

fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Taint => "taint",
        Kind::Pattern => "pattern",
        Kind::Program => "program",
        Kind::Configuration => "configuration",
        Kind::Secret => "secret",
        Kind::Dependency => "dependency",
        Kind::Run => "run",
    }
}
