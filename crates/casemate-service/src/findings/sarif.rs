//! Reads what we need of a SARIF 2.1.0 report (OASIS, 2020), ours or another tool's.
//!
//! Lenient about shapes (what is missing or of another kind counts as absent) and strict about size: depth, numbers and
//! lengths are bounded before anything is kept. Whatever is shown later is free of control and bidi characters.

mod shape;

use std::collections::HashMap;

use casemate_model::case::CaseSeverity;
use casemate_model::finding::{FlowStep, Occurrence};
use casemate_model::text::clean;

use shape::{Artifact, Component, Invocation, Log, Message, Properties, Region, Rule, RunShape};

/// Most results in all runs of a report together.
pub const MOST_RESULTS: usize = 50_000;
/// Most runs in a report.
pub const MOST_RUNS: usize = 20;
/// How deep arrays and objects may nest.
const MOST_DEPTH: usize = 64;
/// Most objects in a report, whatever they are.
const MOST_OBJECTS: usize = 1_000_000;

const MOST_NAME: usize = 200;
const MOST_PATH: usize = 1_000;
const MOST_MESSAGE: usize = 4_000;
const MOST_SNIPPET: usize = 8_000;

/// One run of one tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The tool's name.
    pub tool: String,
    /// Its version, empty if unknown.
    pub tool_version: String,
    /// What tells this run from others of the same tool, empty if nothing does.
    pub category: String,
    /// What of the project was looked at, empty for all.
    pub target: String,
    /// Branch, empty if the report does not say.
    pub branch: String,
    /// Commit, empty if the report does not say.
    pub commit: String,
    /// Whether the tool saw all it was to see.
    pub is_complete: bool,
    /// What it found.
    pub results: Vec<Reported>,
}

/// One result that reports a failure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reported {
    /// The tool's rule id.
    pub rule: String,
    /// The tool's rule name, or the id again.
    pub rule_name: String,
    /// What is wrong.
    pub message: String,
    /// How to mend it, empty if the report does not say.
    pub remedy: String,
    /// How bad.
    pub severity: CaseSeverity,
    /// Weaknesses and subjects the rule names, such as `cwe-89`.
    pub tags: Vec<String>,
    /// The code that is wrong, as the report quotes it; the message if it quotes none; of a known hole in a package, the
    /// package and the advisory. For recognising, not for showing.
    pub code: String,
    /// What the tool itself recognises it by.
    pub fingerprint: Option<String>,
    /// Silenced in the source or by the tool's configuration.
    pub is_suppressed: bool,
    /// Where.
    pub occurrence: Place,
}

/// Where a result is. [`Occurrence`] in an order that does not depend on the order of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place(pub Occurrence);

impl Place {
    fn key(&self) -> impl Ord + '_ {
        let at = &self.0;
        let flow: Vec<_> = at.flow.iter().map(|step| (&step.path, step.line, &step.note, &step.snippet)).collect();
        (&at.path, at.line, at.column, at.end_line, at.end_column, &at.function, &at.snippet, at.snippet_line, flow)
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

/// Why a report was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSarif {
    /// Says where it stops being one.
    #[error("{0}")]
    Form(String),
    /// More than we take.
    #[error("more than {MOST_RESULTS} results")]
    TooManyResults,
}

/// Reads a report.
///
/// # Errors
/// When it is no SARIF 2.1.0, nests too deep or holds too much.
pub fn read(report: &[u8]) -> Result<Vec<Run>, NotSarif> {
    let form = |message: &str| NotSarif::Form(message.to_owned());
    let report = report.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(report);
    if matches!(report, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, _, ..] | [_, 0, ..]) {
        return Err(form("it is UTF-16 or UTF-32; save it as UTF-8 (RFC 8259 section 8.1)"));
    }
    let text = std::str::from_utf8(report)
        .map_err(|error| NotSarif::Form(format!("it is not UTF-8 from byte {} on", error.valid_up_to())))?;
    bounded(text)?;
    let wrong = |error: serde_json::Error| NotSarif::Form(error.to_string());
    // SECURITY: counted before anything is kept, so that a small body cannot become a large heap.
    let sizes: shape::Sizes = serde_json::from_str(text).map_err(wrong)?;
    if sizes.runs.len() > MOST_RUNS {
        return Err(NotSarif::Form(format!("it has more than {MOST_RUNS} runs")));
    }
    if sizes.results() > MOST_RESULTS {
        return Err(NotSarif::TooManyResults);
    }
    let log: Log = serde_json::from_str(text).map_err(wrong)?;
    if log.version.0 != "2.1.0" {
        return Err(match log.version.0.as_str() {
            "" => form("`version` is missing; it must be `2.1.0`"),
            other => NotSarif::Form(format!("`version` is `{other}`; it must be `2.1.0`")),
        });
    }
    let runs = log.runs.ok_or_else(|| form("`runs` is missing"))?;
    Ok(runs.into_inner().iter().map(run).collect())
}

/// Counts brackets outside strings; what is no JSON at all is told by the parser.
fn bounded(text: &str) -> Result<(), NotSarif> {
    let (mut depth, mut objects, mut in_string, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                objects += usize::from(byte == b'{');
                if depth > MOST_DEPTH {
                    return Err(NotSarif::Form(format!("it nests deeper than {MOST_DEPTH} levels")));
                }
                if objects > MOST_OBJECTS {
                    return Err(NotSarif::Form(format!("it holds more than {MOST_OBJECTS} objects")));
                }
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

fn run(shape: &RunShape) -> Run {
    let driver = shape.tool.get().map(|tool| &tool.driver).and_then(|driver| driver.get());
    let name = driver.map_or("", |driver| driver.name.as_str());
    let version = driver.map_or("", |driver| {
        if driver.version.is_empty() { driver.semantic_version.as_str() } else { driver.version.as_str() }
    });
    let control = shape.version_control_provenance.first();
    let reader = Reader::of(shape);
    Run {
        tool: if name.is_empty() { "unknown".to_owned() } else { name.to_owned() },
        tool_version: version.to_owned(),
        category: shape.automation_details.get().map(|details| category(details.id.as_str())).unwrap_or_default(),
        target: target(shape),
        branch: control.map(|control| control.branch.0.clone()).unwrap_or_default(),
        commit: control.map(|control| control.revision_id.0.clone()).unwrap_or_default(),
        is_complete: is_complete(shape),
        results: shape.results.iter().flatten().filter_map(|result| reader.result(result)).collect(),
    }
}

/// The id without its last part, which names the single run (SARIF section 3.17.3). An id of one part is kept: taking
/// it for a run's name would put different categories into one scope, where they close each other's findings.
fn category(id: &str) -> String {
    id.rsplit_once('/').map_or(id, |(category, _)| category).to_owned()
}

/// What the tool was pointed at, as our own auditor says it; the whole project for others.
fn target(shape: &RunShape) -> String {
    let Some(properties) = shape.properties.get() else { return String::new() };
    let mut paths: Vec<&str> = properties.paths.iter().map(shape::Text::as_str).collect();
    paths.sort_unstable();
    paths.dedup();
    if paths == ["."] { String::new() } else { clean(&paths.join(" "), MOST_PATH, false) }
}

/// No results at all means that the tool did not get so far (SARIF section 3.14.23).
fn is_complete(shape: &RunShape) -> bool {
    let failed = |invocation: &Invocation| {
        invocation.execution_successful.0 == Some(false)
            || [&invocation.tool_execution_notifications, &invocation.tool_configuration_notifications]
                .into_iter()
                .any(|notifications| notifications.iter().any(|one| one.level.as_str() == "error"))
    };
    let says_incomplete = shape.properties.get().is_some_and(|properties| properties.complete.0 == Some(false));
    shape.results.is_some() && !says_incomplete && !shape.invocations.iter().any(failed)
}

/// What results refer to.
struct Reader<'a> {
    shape: &'a RunShape,
    driver: Option<&'a Component>,
    by_id: HashMap<&'a str, &'a Rule>,
}

impl<'a> Reader<'a> {
    fn of(shape: &'a RunShape) -> Self {
        let tool = shape.tool.get();
        let driver = tool.and_then(|tool| tool.driver.get());
        let extensions = tool.into_iter().flat_map(|tool| tool.extensions.iter());
        let mut by_id = HashMap::new();
        for rule in driver.into_iter().chain(extensions).flat_map(|component| component.rules.iter()) {
            by_id.entry(rule.id.as_str()).or_insert(rule);
        }
        Self { shape, driver, by_id }
    }

    /// The result, if it says that something is wrong now.
    fn result(&self, result: &shape::ResultShape) -> Option<Reported> {
        let is_failure = matches!(result.kind.as_str(), "" | "fail");
        if !is_failure || result.baseline_state.as_str() == "absent" {
            return None;
        }
        let found = self.rule(result);
        let reference = result.rule.get();
        let mut id = result.rule_id.as_str();
        if id.is_empty() {
            id = reference.map(|rule| rule.id.as_str()).filter(|id| !id.is_empty()).unwrap_or_default();
        }
        if id.is_empty() {
            id = found.map(|rule| rule.id.as_str()).filter(|id| !id.is_empty()).unwrap_or("unknown");
        }
        let name = found.map_or("", |rule| rule.name.as_str());
        let message = self.message(&result.message, found);
        let message = if message.is_empty() {
            let summary = found.map(|rule| rule.short_description.text()).filter(|text| !text.is_empty());
            clean(summary.unwrap_or(id), MOST_MESSAGE, true)
        } else {
            message
        };
        let (occurrence, quoted) = self.occurrence(result);
        let properties = result.properties.get();
        let hole = properties.and_then(|properties| properties.dependency.get()).and_then(known_hole);
        let code = [hole.unwrap_or(quoted), properties.map(|p| p.statement.0.clone()).unwrap_or_default()]
            .into_iter()
            .map(|code| code.split_whitespace().collect::<Vec<_>>().join(" "))
            .find(|code| !code.is_empty())
            .unwrap_or_else(|| message.clone());
        Some(Reported {
            rule: id.to_owned(),
            rule_name: if name.is_empty() { id.to_owned() } else { name.to_owned() },
            remedy: remedy(result, found),
            severity: severity(result, found),
            tags: found.map(weaknesses).unwrap_or_default(),
            fingerprint: fingerprint(result),
            is_suppressed: is_suppressed(result),
            occurrence: Place(occurrence),
            code,
            message,
        })
    }

    fn rule(&self, result: &shape::ResultShape) -> Option<&'a Rule> {
        let reference = result.rule.get();
        let component = match reference.and_then(|rule| rule.tool_component.get()).and_then(|of| of.index.index()) {
            Some(index) => self.shape.tool.get().and_then(|tool| tool.extensions.get(index)),
            None => self.driver,
        };
        let index = result.rule_index.index().or_else(|| reference.and_then(|rule| rule.index.index()));
        let by_index = index.and_then(|index| component?.rules.get(index));
        by_index.or_else(|| {
            let ids = [result.rule_id.as_str(), reference.map_or("", |rule| rule.id.as_str())];
            ids.into_iter().filter(|id| !id.is_empty()).find_map(|id| {
                // A hierarchical id may be more specific than its rule (SARIF section 3.5.4).
                let wider = id.rsplit_once('/').map(|(wider, _)| wider);
                std::iter::once(id).chain(wider).find_map(|id| self.by_id.get(id).copied())
            })
        })
    }

    /// The text, or the rule's or tool's message of that id, with its arguments.
    fn message(&self, message: &shape::Maybe<Message>, rule: Option<&Rule>) -> String {
        let Some(message) = message.get() else { return String::new() };
        let mut text = message.text.as_str();
        if text.is_empty() && !message.id.is_empty() {
            let of_rule = rule.and_then(|rule| rule.message_strings.get(message.id.as_str()));
            let of_tool = self.driver.and_then(|driver| driver.global_message_strings.get(message.id.as_str()));
            text = of_rule.or(of_tool).map_or("", |message| message.text.as_str());
        }
        let arguments: Vec<&str> = message.arguments.iter().map(shape::Text::as_str).collect();
        clean(&without_links(&filled(text, &arguments)), MOST_MESSAGE, true)
    }

    /// Where it is, and the code the report quotes from exactly there.
    fn occurrence(&self, result: &shape::ResultShape) -> (Occurrence, String) {
        let location = result.locations.first();
        let physical = location.and_then(|location| location.physical_location.get());
        let none = Region::default();
        let region = physical.and_then(|physical| physical.region.get()).unwrap_or(&none);
        let context = physical.and_then(|physical| physical.context_region.get());
        let line = region.start_line.line().unwrap_or(1);
        let quoted = region.snippet.text();
        let around = context.map(|context| context.snippet.text()).filter(|text| !text.is_empty());
        let (snippet, snippet_line) = match around {
            Some(text) => (text, context.and_then(|context| context.start_line.line()).unwrap_or(line)),
            None => (quoted, line),
        };
        let occurrence = Occurrence {
            path: physical
                .and_then(|physical| physical.artifact_location.get())
                .map(|at| self.path(at))
                .unwrap_or_default(),
            line,
            end_line: region.end_line.line().unwrap_or(line).max(line),
            column: region.start_column.line(),
            end_column: region.end_column.line(),
            snippet: snippet.to_owned(),
            snippet_line,
            function: location.map(|location| self.function(location)).unwrap_or_default(),
            flow: self.flow(result),
        };
        let quoted = if quoted.is_empty() { lines_of(&occurrence) } else { quoted.to_owned() };
        (occurrence, quoted)
    }

    fn function(&self, location: &shape::Location) -> String {
        let named = location.logical_locations.iter().filter_map(|one| match one.index.index() {
            Some(index) if one.name.is_empty() && one.fully_qualified_name.is_empty() => {
                self.shape.logical_locations.get(index)
            }
            _ => Some(one),
        });
        let functions = named.filter(|one| matches!(one.kind.as_str(), "" | "function" | "member" | "method"));
        let names = functions.map(|one| {
            if one.fully_qualified_name.is_empty() { one.name.0.clone() } else { one.fully_qualified_name.0.clone() }
        });
        names.into_iter().find(|name| !name.is_empty()).unwrap_or_default()
    }

    fn flow(&self, result: &shape::ResultShape) -> Vec<FlowStep> {
        let thread = result.code_flows.first().and_then(|flow| flow.thread_flows.first());
        let stops = thread.into_iter().flat_map(|thread| thread.locations.iter());
        stops
            .filter_map(|stop| {
                let location = stop.location.get()?;
                let physical = location.physical_location.get()?;
                let region = physical.region.get();
                Some(FlowStep {
                    path: physical.artifact_location.get().map(|at| self.path(at)).unwrap_or_default(),
                    line: region.and_then(|region| region.start_line.line()).unwrap_or(1),
                    note: self.message(&location.message, None),
                    snippet: region.map(|region| region.snippet.text().to_owned()).unwrap_or_default(),
                })
            })
            .collect()
    }

    /// The file, relative to the root of the sources wherever that can be told.
    fn path(&self, artifact: &Artifact) -> String {
        let listed = artifact.index.index().and_then(|index| self.shape.artifacts.get(index));
        let artifact = match listed.and_then(|listed| listed.location.get()) {
            Some(listed) if artifact.uri.is_empty() => listed,
            _ => artifact,
        };
        let bases = &self.shape.original_uri_base_ids;
        let mut uri = artifact.uri.0.clone();
        let mut base = artifact.uri_base_id.as_str();
        // Bases may refer to bases; a circle ends after a few steps.
        for _ in 0..8 {
            let Some(shape) = bases.get(base) else { break };
            let folder = shape.uri.as_str();
            if !folder.is_empty() && !is_absolute(folder) && !is_absolute(&uri) {
                let slash = if folder.ends_with('/') { "" } else { "/" };
                uri = format!("{folder}{slash}{uri}");
            }
            base = shape.uri_base_id.as_str();
        }
        if is_absolute(&uri) {
            let roots =
                bases.values().map(|base| base.uri.as_str()).filter(|root| root.len() > 1 && root.ends_with('/'));
            let under = roots.filter_map(|root| uri.strip_prefix(root)).min_by_key(|rest| rest.len());
            uri = under.map(str::to_owned).unwrap_or(uri);
        }
        relative(&uri)
    }
}

fn is_absolute(uri: &str) -> bool {
    uri.starts_with('/') || uri.contains("://") || uri.starts_with("file:")
}

/// A path as text for people: never opened, and harmless if somebody should.
fn relative(uri: &str) -> String {
    let is_foreign = uri.split_once("://").is_some_and(|(scheme, _)| !scheme.eq_ignore_ascii_case("file"));
    if is_foreign {
        return clean(uri, MOST_PATH, false);
    }
    let uri = match uri.get(..5) {
        Some(scheme) if scheme.eq_ignore_ascii_case("file:") => &uri[5..],
        _ => uri,
    };
    let decoded = percent_decoded(uri).replace('\\', "/");
    let mut parts: Vec<&str> = Vec::new();
    for part in decoded.split('/') {
        match part {
            "" | "." => {}
            // SECURITY: a path above the root is cut off at the root (CWE-22).
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    clean(&parts.join("/"), MOST_PATH, false)
}

fn percent_decoded(text: &str) -> String {
    let hex = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let pair = (byte == b'%').then(|| Some(hex(bytes.get(at + 1))? * 16 + hex(bytes.get(at + 2))?)).flatten();
        match pair.and_then(|value| u8::try_from(value).ok()) {
            Some(value) => {
                decoded.push(value);
                at += 3;
            }
            None => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// The lines of the finding out of the lines around it.
fn lines_of(at: &Occurrence) -> String {
    let before = usize::try_from(at.line - at.snippet_line).ok();
    let count = usize::try_from(at.end_line - at.line + 1).unwrap_or(1);
    before.map(|before| at.snippet.lines().skip(before).take(count).collect::<Vec<_>>().join("\n")).unwrap_or_default()
}

/// Puts arguments in the place of `{0}`; `{{` and `}}` are single braces (SARIF section 3.11.5).
fn filled(text: &str, arguments: &[&str]) -> String {
    if !text.contains(['{', '}']) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if out.len() > MOST_SNIPPET * 4 {
            return out;
        }
        if let Some(after) = rest.strip_prefix("{{") {
            out.push('{');
            rest = after;
        } else if let Some(after) = rest.strip_prefix("}}") {
            out.push('}');
            rest = after;
        } else if let Some((argument, after)) = placeholder(rest, arguments) {
            out.push_str(argument);
            rest = after;
        } else {
            out.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

fn placeholder<'a>(text: &'a str, arguments: &[&'a str]) -> Option<(&'a str, &'a str)> {
    let (number, after) = text.strip_prefix('{')?.split_once('}')?;
    Some((arguments.get(number.parse::<usize>().ok()?)?, after))
}

/// `[text](1)` refers to a related location (SARIF section 3.11.6); the text is what people read.
fn without_links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let link = rest[1..].split_once("](").and_then(|(label, after)| {
            let (target, after) = after.split_once(')')?;
            let refers = !target.is_empty() && target.bytes().all(|byte| byte.is_ascii_digit());
            (refers && !label.contains('[')).then_some((label, after))
        });
        match link {
            Some((label, after)) => {
                out.push_str(label);
                rest = after;
            }
            None => {
                out.push('[');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn remedy(result: &shape::ResultShape, rule: Option<&Rule>) -> String {
    let own = result.properties.get().map_or("", |properties| properties.remedy.as_str());
    let fix = result.fixes.first().map_or("", |fix| fix.description.text());
    let help = rule.map_or("", |rule| rule.help.text());
    let remedy = [own, fix, help].into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    clean(remedy, MOST_MESSAGE, true)
}

/// What the result says goes before what its rule says, a number before a word, a word before the level.
fn severity(result: &shape::ResultShape, rule: Option<&Rule>) -> CaseSeverity {
    let said = |properties: Option<&Properties>| {
        let properties = properties?;
        properties
            .security_severity
            .0
            .map(severity_of_score)
            .or_else(|| properties.severity.as_str().to_lowercase().parse().ok())
    };
    let of_level = || {
        let default =
            rule.and_then(|rule| rule.default_configuration.get()).map_or("", |default| default.level.as_str());
        let levels = [result.level.as_str(), default];
        match levels.into_iter().find(|level| !level.is_empty()).unwrap_or("warning") {
            "error" => CaseSeverity::High,
            "note" => CaseSeverity::Low,
            "none" => CaseSeverity::Info,
            _ => CaseSeverity::Medium,
        }
    };
    said(result.properties.get()).or_else(|| said(rule.and_then(|rule| rule.properties.get()))).unwrap_or_else(of_level)
}

/// By what a known hole in a package is recognised: all holes of a package stand in one line, which also changes with the
/// version. Of several ids the first of the alphabet, whichever a tool likes to show.
fn known_hole(dependency: &shape::Dependency) -> Option<String> {
    let id = dependency.advisories.iter().map(shape::Text::as_str).filter(|id| !id.is_empty()).min()?;
    let package = dependency.package.as_str();
    (!package.is_empty()).then(|| format!("{package} {id}"))
}

/// The bands of CVSS 3.1, which code hosts use too.
fn severity_of_score(score: f64) -> CaseSeverity {
    match score {
        score if score >= 9.0 => CaseSeverity::Critical,
        score if score >= 7.0 => CaseSeverity::High,
        score if score >= 4.0 => CaseSeverity::Medium,
        score if score > 0.0 => CaseSeverity::Low,
        _ => CaseSeverity::Info,
    }
}

/// The weaknesses a rule names, as short labels.
fn weaknesses(rule: &Rule) -> Vec<String> {
    let Some(properties) = rule.properties.get() else { return Vec::new() };
    let mut tags: Vec<String> = properties
        .tags
        .iter()
        .filter_map(|tag| {
            let tag = tag.as_str().to_lowercase();
            let number: String =
                tag.split_once("cwe-")?.1.chars().take_while(char::is_ascii_digit).skip_while(|c| *c == '0').collect();
            (!number.is_empty() && number.len() <= 5).then(|| format!("cwe-{number}"))
        })
        .collect();
    tags.sort();
    tags.dedup();
    tags.truncate(5);
    tags
}

/// Full fingerprints go before partial ones. Words that are no digest (`requires login`) recognise nothing.
fn fingerprint(result: &shape::ResultShape) -> Option<String> {
    [&result.fingerprints, &result.partial_fingerprints].into_iter().find_map(|prints| {
        let mut pairs: Vec<String> = prints
            .iter()
            .filter(|(_, value)| value.0.len() >= 8 && !value.0.contains(char::is_whitespace))
            .map(|(key, value)| format!("{key}={}", value.0))
            .collect();
        pairs.sort();
        (!pairs.is_empty()).then(|| pairs.join("\n"))
    })
}

/// Suppressed when nobody still doubts it (SARIF section 3.27.23).
fn is_suppressed(result: &shape::ResultShape) -> bool {
    let mut suppressions = result.suppressions.iter().peekable();
    suppressions.peek().is_some() && suppressions.all(|one| !matches!(one.status.as_str(), "underReview" | "rejected"))
}
