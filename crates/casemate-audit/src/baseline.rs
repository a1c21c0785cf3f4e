//! Findings that were there before: a file that says which, without saying any secret.
//!
//! An entry holds no line number, so that it stays true when code above it changes. A secret is remembered by an HMAC
//! under a key that stands in the same file: see `docs/baselines.md` for what that protects and what it does not.

use std::borrow::Cow;
use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::audit::Outcome;
use crate::finding::Finding;
use crate::rule::Topic;
use crate::rules;
use crate::settings::Settings;

/// Raised when the old program would misread the new form.
pub const VERSION: u32 = 1;

/// Largest file that is taken for a baseline.
pub const MOST_BYTES: u64 = 64 << 20;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

/// One kind of finding at one place that was there when the baseline was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Relative to the top of the project, with `/` between its parts.
    pub path: String,
    /// Id of the rule.
    pub rule: String,
    /// Name of the rule, for people.
    #[serde(default)]
    pub name: String,
    /// The enclosing function or class, for people.
    #[serde(rename = "in", default, skip_serializing_if = "String::is_empty")]
    pub function: String,
    /// Of code and configuration: a digest of the statement and the ends of its path.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// Of a secret: its HMAC under the key of the baseline. The word in the file is none that scanners look for.
    #[serde(rename = "hmac", default, skip_serializing_if = "String::is_empty")]
    pub secret: String,
    /// Whether the secret stands in the history of the repository.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub history: bool,
    /// Of a dependency: the package.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub package: String,
    /// Of a dependency: all ids of the known hole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advisories: Vec<String>,
    /// How many such findings there are.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub count: usize,
}

fn one() -> usize {
    1
}

fn is_one(count: &usize) -> bool {
    *count == 1
}

/// Names a path of a report as a file elsewhere in the project names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anchor {
    /// What to take away from the front: the folder of the file, as the report names it.
    pub strip: String,
    /// What to put in front: the folder of the report, as the file names it.
    pub add: String,
}

impl Anchor {
    /// The path as the file names it.
    pub fn name<'p>(&self, path: &'p str) -> Cow<'p, str> {
        let path = if self.strip.is_empty() { path } else { path.strip_prefix(&self.strip).unwrap_or(path) };
        if self.add.is_empty() { Cow::Borrowed(path) } else { Cow::Owned(format!("{}{path}", self.add)) }
    }
}

/// What an audit looked at; what it did not look at is not gone.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// What was looked for.
    pub settings: &'a Settings,
    /// The paths that were read, as reports name them.
    pub paths: Vec<&'a str>,
    /// Whether that is the whole project.
    pub is_whole: bool,
    /// Whether packages were looked up.
    pub has_advisories: bool,
    /// Whether the history was searched.
    pub has_history: bool,
}

/// Why a baseline cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaselineError {
    /// It is no JSON, or of another shape.
    #[error("this is no baseline: {0}; write a new one with `casemate audit --write-baseline`")]
    Shape(String),
    /// Written by a newer program, or by another one.
    #[error("version {0} of the format is not known to this version of casemate, which reads version {VERSION}")]
    Version(u64),
    /// The key is damaged.
    #[error("its `salt` is damaged, so no secret can be recognised; take the file from version control again")]
    Key,
}

/// What was there before.
#[derive(Clone, PartialEq, Eq)]
pub struct Baseline {
    key: [u8; KEY_BYTES],
    /// Sorted, each once.
    entries: Vec<Entry>,
}

impl std::fmt::Debug for Baseline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Baseline").field("entries", &self.entries).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(rename = "tool")]
    _tool: String,
    #[serde(rename = "version")]
    _version: u64,
    /// The key of the HMAC stands in the open, so it is no more than a salt, and is called so.
    salt: String,
    findings: Vec<Entry>,
}

impl Baseline {
    /// One that knows nothing yet. The key comes from the system's source of chance.
    pub fn empty(key: [u8; KEY_BYTES]) -> Self {
        Self { key, entries: Vec::new() }
    }

    /// Understands the text of a baseline.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let shape = |error: serde_json::Error| BaselineError::Shape(error.to_string());
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let value: serde_json::Value = serde_json::from_str(text).map_err(shape)?;
        if value.get("plugins_used").is_some() {
            return Err(BaselineError::Shape("it is one of detect-secrets".to_owned()));
        }
        if value.get("tool").and_then(|tool| tool.as_str()) != Some("casemate") {
            return Err(BaselineError::Shape("`tool` is not `casemate`".to_owned()));
        }
        match value.get("version").and_then(serde_json::Value::as_u64) {
            Some(version) if version == u64::from(VERSION) => {}
            Some(version) => return Err(BaselineError::Version(version)),
            None => return Err(BaselineError::Shape("`version` is missing".to_owned())),
        }
        // Read again from the text, for messages with a line.
        let document: Document = serde_json::from_str(text).map_err(shape)?;
        let key = unhex(&document.salt).ok_or(BaselineError::Key)?;
        Ok(Self { key, entries: joined(document.findings) })
    }

    /// The text of the file: one line for each entry, sorted, so that version control merges it well.
    pub fn render(&self) -> String {
        let mut text = format!("{{\n  \"tool\": \"casemate\",\n  \"version\": {VERSION},\n");
        let _ = write!(text, "  \"salt\": \"{}\",\n  \"findings\": [", hex(&self.key));
        for (at, entry) in self.entries.iter().enumerate() {
            text.push_str(if at == 0 { "\n    " } else { ",\n    " });
            text.push_str(&serde_json::to_string(entry).unwrap_or_default());
        }
        text.push_str(if self.entries.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
        text
    }

    /// How many findings it knows.
    pub fn count(&self) -> usize {
        self.entries.iter().map(|entry| entry.count).sum()
    }

    /// Takes what it knows out of the findings, and tells what is gone. Returned is what this run could not have found.
    pub fn apply(&self, outcome: &mut Outcome, scope: &Scope<'_>, anchor: &Anchor) -> Vec<Entry> {
        let mut left: Vec<usize> = self.entries.iter().map(|entry| entry.count).collect();
        let findings = std::mem::take(&mut outcome.findings);
        let marks: Vec<Option<Entry>> = findings.iter().map(|finding| self.entry(finding, anchor)).collect();
        let mut is_known: Vec<bool> = vec![false; findings.len()];
        let read: FxHashSet<Cow<'_, str>> = scope.paths.iter().map(|path| anchor.name(path)).collect();
        let was_read = |entry: &Entry| scope.is_whole || read.contains(entry.path.as_str());
        // First what stands where it stood; then what is no longer there and stands elsewhere now.
        for has_moved in [false, true] {
            let keys = if has_moved { anywhere } else { here };
            let mut index: FxHashMap<String, Vec<usize>> = FxHashMap::default();
            for (at, entry) in self.entries.iter().enumerate() {
                if left.get(at).is_some_and(|left| *left > 0) && (!has_moved || was_read(entry)) {
                    for key in keys(entry) {
                        index.entry(key).or_default().push(at);
                    }
                }
            }
            for (mark, is_known) in marks.iter().zip(&mut is_known) {
                let Some(mark) = mark.as_ref().filter(|_| !*is_known) else { continue };
                let fits = keys(mark).into_iter().filter_map(|key| index.get(&key)).flatten();
                let fit = fits.copied().find(|at| left.get(*at).is_some_and(|left| *left > 0));
                if let Some(left) = fit.and_then(|at| left.get_mut(at)) {
                    *left -= 1;
                    *is_known = true;
                }
            }
        }
        for (finding, is_known) in findings.into_iter().zip(is_known) {
            if is_known { &mut outcome.baselined } else { &mut outcome.findings }.push(finding);
        }
        let troubled: FxHashSet<String> =
            outcome.problems.iter().map(|problem| anchor.name(&problem.place.path).into_owned()).collect();
        let mut unseen = Vec::new();
        for (entry, left) in self.entries.iter().zip(left).filter(|(_, left)| *left > 0) {
            let is_gone = was_read(entry) && !troubled.contains(&entry.path) && was_looked_for(entry, scope);
            if is_gone { &mut outcome.gone } else { &mut unseen }.push(Entry { count: left, ..entry.clone() });
        }
        outcome.arrange();
        unseen
    }

    /// The baseline that knows the findings of this outcome, known or new, and beside them what this one has told to be
    /// unseen.
    pub fn renewed(&self, outcome: &Outcome, unseen: Vec<Entry>, anchor: &Anchor) -> Self {
        let found = outcome.findings.iter().chain(&outcome.baselined);
        let found = found.filter_map(|finding| self.entry(finding, anchor));
        Self { key: self.key, entries: joined(found.chain(unseen).collect()) }
    }

    /// The same without what is gone.
    pub fn pruned(&self, gone: &[Entry]) -> Self {
        let mut entries = self.entries.clone();
        for one in gone {
            let same = |entry: &&mut Entry| Entry { count: one.count, ..(**entry).clone() } == *one;
            if let Some(entry) = entries.iter_mut().find(same) {
                entry.count = entry.count.saturating_sub(one.count);
            }
        }
        entries.retain(|entry| entry.count > 0);
        Self { key: self.key, entries }
    }

    /// What the baseline keeps of a finding; nothing of what is about the audit itself.
    fn entry(&self, finding: &Finding, anchor: &Anchor) -> Option<Entry> {
        if finding.rule.kind.topic() == Topic::Run {
            return None;
        }
        let mut entry = Entry {
            path: anchor.name(&finding.place.path).into_owned(),
            rule: finding.rule.id.to_owned(),
            name: finding.rule.name.to_owned(),
            function: finding.function.clone(),
            count: 1,
            ..Entry::default()
        };
        match (finding.secret(), finding.dependency()) {
            (Some(secret), _) => {
                entry.secret = self.keyed(secret.value.expose());
                entry.history = secret.commit.is_some();
            }
            (_, Some(dependency)) => {
                entry.package = dependency.package.clone();
                entry.advisories = dependency.advisories.clone();
                entry.advisories.sort();
            }
            _ => entry.code = code(finding),
        }
        Some(entry)
    }

    /// SECURITY: keyed, so that equal secrets of different projects, or tables of common passwords, do not match.
    fn keyed(&self, value: &str) -> String {
        // HMAC takes keys of every length; an empty text would be recognised nowhere, which is the safe side.
        let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.key) else { return String::new() };
        mac.update(value.as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}

/// By what an entry is recognised where it stood.
fn here(entry: &Entry) -> Vec<String> {
    anywhere(entry).into_iter().map(|key| format!("{key}\0{}", entry.path)).collect()
}

/// By what an entry is recognised in any file. A secret is itself, whichever rule tells of it.
fn anywhere(entry: &Entry) -> Vec<String> {
    if !entry.secret.is_empty() {
        return vec![format!("secret\0{}\0{}", entry.secret, entry.history)];
    }
    if !entry.advisories.is_empty() {
        return entry.advisories.iter().map(|id| format!("hole\0{}\0{id}", entry.package)).collect();
    }
    vec![format!("{}\0{}\0{}", entry.rule, entry.package, entry.code)]
}

/// Whether a run like this would have found it.
fn was_looked_for(entry: &Entry, scope: &Scope<'_>) -> bool {
    let is_wanted = rules::find(&entry.rule).is_none_or(|rule| scope.settings.wants(rule));
    is_wanted && (scope.has_advisories || entry.advisories.is_empty()) && (scope.has_history || !entry.history)
}

/// SECURITY: made from what the redactor has cleaned, so that it holds nothing of a secret beside it.
fn code(finding: &Finding) -> String {
    let ends = [finding.path.first(), finding.path.last()].map(|step| step.map_or("", |step| step.snippet.as_str()));
    let mut hash = Sha256::new();
    for part in [finding.rule.id, &finding.function, &finding.statement, ends[0], ends[1]] {
        hash.update(part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().get(..16).map(hex).unwrap_or_default()
}

/// Sorted; equal ones are one entry with their number.
fn joined(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort();
    let mut joined: Vec<Entry> = Vec::with_capacity(entries.len());
    for entry in entries {
        match joined.last_mut() {
            Some(last) if Entry { count: last.count, ..entry.clone() } == *last => last.count += entry.count,
            _ => joined.push(entry),
        }
    }
    joined
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<[u8; KEY_BYTES]> {
    let mut key = [0; KEY_BYTES];
    if text.len() != KEY_BYTES * 2 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    Some(key)
}
