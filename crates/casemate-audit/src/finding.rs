//! What the auditor found: one hole, where it is, how the data got there and how to mend it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::rule::Rule;

/// How bad a finding is if it is real. Ordered from `Info` to `Critical`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A weakness that needs another one to hurt.
    Low,
    /// A hole with limited reach, or one that needs luck.
    Medium,
    /// A hole an attacker can use.
    High,
    /// A hole that gives the system away.
    Critical,
}

impl Severity {
    /// All severities, the worst first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The word users type and read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.as_str() == word)
            .ok_or_else(|| format!("`{word}` is not a severity; use critical, high, medium, low or info"))
    }
}

/// How sure the auditor is. Ordered from `Low` to `High`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A pattern that is often harmless.
    Low,
    /// Evidence with a gap in it.
    Medium,
    /// Shown from end to end.
    High,
}

impl Confidence {
    /// The word users type and read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A point in a text. Line and column count from 1; columns count Unicode scalar values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in Unicode scalar values.
    pub column: u32,
}

/// A stretch of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// Path relative to the audited root, with `/` between its parts.
    pub path: String,
    /// First character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
}

/// One stop of the data on its way from source to sink.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Where.
    pub place: Place,
    /// What happens there, in a few words: "`username` comes from the query string".
    pub note: String,
    /// The source line, without its indentation.
    pub snippet: String,
}

/// A secret's value: kept for baselines and verification, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    pub(crate) const EMPTY: Self = Self(String::new());

    /// Takes the value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself. SECURITY: for digests and for asking its provider, not for any output.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(…)")
    }
}

/// Where in the history of a repository something stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Commit {
    /// Full id in hex.
    pub id: String,
    /// Author's name.
    pub author: String,
    /// Day of the author's date, `2024-05-31`.
    pub date: String,
}

/// What a provider says of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Liveness {
    /// The provider accepts it.
    Live,
    /// The provider refuses it.
    Dead,
    /// The provider could not be asked, or said neither.
    Unknown,
}

/// What a finding of a secret knows beside its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretDetail {
    /// Stable name of what recognised it: `github-fine-grained-token`.
    pub detector: &'static str,
    /// What it is: `GitHub fine-grained personal access token`.
    pub what: String,
    /// The name it is bound to, as written (`DB_PASSWORD`), empty if none; tells secrets of one statement apart.
    pub name: String,
    /// The secret.
    pub value: SecretText,
    /// The commit that holds it, when it is found in history.
    pub commit: Option<Commit>,
    /// What its provider says, when it was asked.
    pub liveness: Option<Liveness>,
}

/// What a finding about a dependency knows beside its place.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DependencyDetail {
    /// Normalised name of the package.
    pub package: String,
    /// The version that is installed or locked; empty when several are possible.
    pub version: String,
    /// The id to show and its aliases; empty for findings that are about no advisory.
    pub advisories: Vec<String>,
    /// What the advisory is about, in a few words; empty if it does not say.
    pub summary: String,
    /// Whether somebody has said how bad it is.
    pub is_rated: bool,
    /// Versions that mend it, the closest first; empty if there is none.
    pub fixed: Vec<String>,
    /// CVSS base score.
    pub score: Option<f32>,
    /// The vector the score comes from.
    pub vector: Option<String>,
    /// Who asks for the package, from the project down to it; empty when the project asks for it itself.
    pub required_by: Vec<String>,
    /// Whether what is affected is used, when that is known.
    pub is_reachable: Option<bool>,
    /// Whether no code of the project imports the package, which the project itself asks for.
    pub is_unused: bool,
    /// Where to read more.
    pub url: Option<String>,
}

/// What only some kinds of findings have.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Detail {
    /// Nothing beside the finding itself.
    #[default]
    None,
    /// A secret.
    Secret(Box<SecretDetail>),
    /// A dependency.
    Dependency(Box<DependencyDetail>),
}

/// One hole.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// How bad, for this finding (a rule's own severity unless the context changes it).
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// The place to mend.
    pub place: Place,
    /// Qualified name of the enclosing function or class (`login`, `Repo.find`), empty at module level.
    pub function: String,
    /// What is wrong here, one sentence with the names of this code in backticks.
    pub message: String,
    /// From the source to the sink; empty for rules that need no flow.
    pub path: Vec<Step>,
    /// Which guard was looked for and not found, if the rule looks for one.
    pub missing_guard: Option<String>,
    /// How to mend it here, one or two sentences.
    pub remedy: String,
    /// The statement, white space folded, for the fingerprint and for the tracker's matching.
    pub statement: String,
    /// Stable across edits elsewhere: holds no line, date or commit. Filled by the audit, 32 hex digits.
    pub fingerprint: String,
    /// What findings of this kind know beside.
    pub detail: Detail,
}

impl Finding {
    /// The dependency it is about, if it is about one.
    pub fn dependency(&self) -> Option<&DependencyDetail> {
        if let Detail::Dependency(detail) = &self.detail { Some(detail) } else { None }
    }

    /// Whether only an old version of its file holds it, so that the lines of today are not about it.
    pub fn is_past(&self) -> bool {
        self.secret().is_some_and(|secret| secret.commit.is_some())
    }

    /// The secret it is about, if it is about one.
    pub fn secret(&self) -> Option<&SecretDetail> {
        if let Detail::Secret(detail) = &self.detail { Some(detail) } else { None }
    }
}
