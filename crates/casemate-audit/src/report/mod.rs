//! How a finding is told: text, HTML and Markdown for people, JSON and SARIF 2.1.0 for programs, and the forms of CI
//! services.

mod detail;
mod excerpt;
pub mod github;
pub mod gitlab;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod sarif;
pub mod sbom;
pub mod summary;
pub mod text;
mod upgrades;
pub mod vex;

use crate::audit::{Outcome, SourceSet};
use crate::finding::{Finding, Severity};
use crate::rule::{Rule, Topic};
use crate::settings::Settings;

/// What a report is about.
#[derive(Clone, Copy)]
pub struct Report<'a> {
    /// What the audit came to.
    pub outcome: &'a Outcome,
    /// Where the lines to show come from; findings keep only places.
    pub sources: &'a dyn SourceSet,
    /// What was looked for, and the gate.
    pub settings: &'a Settings,
    /// What was audited: paths relative to the root, with `/` between their parts.
    pub paths: &'a [String],
    /// Tells reports of one project apart, for a reader that keeps more than one.
    pub category: &'a str,
    /// Whether a finding that is not here is not in the code: nothing under `paths` was left out or could not be read.
    pub is_complete: bool,
    /// How recent the advisories are that packages were looked up in; `None` if none was looked up.
    pub advisories: Option<&'a str>,
    /// The baseline that findings were compared with, by name.
    pub baseline: Option<&'a str>,
}

impl Report<'_> {
    /// How many findings there are of each severity, the worst first.
    pub fn counts(&self) -> [(Severity, usize); 5] {
        Severity::ALL.map(|severity| {
            (severity, self.outcome.findings.iter().filter(|finding| finding.severity == severity).count())
        })
    }

    /// How many findings there are of each topic and severity, the worst first.
    pub fn counts_by_topic(&self) -> [(Topic, [usize; 5]); 5] {
        Topic::ALL.map(|topic| {
            let of_topic: Vec<&Finding> =
                self.outcome.findings.iter().filter(|finding| finding.rule.kind.topic() == topic).collect();
            let count = |severity| of_topic.iter().filter(|finding| finding.severity == severity).count();
            (topic, Severity::ALL.map(count))
        })
    }

    /// How many findings the gate stops.
    pub fn failing(&self) -> usize {
        self.outcome.findings.iter().filter(|finding| self.settings.fails_on(finding)).count()
    }
}

/// What programs know this tool by.
const TOOL_NAME: &str = "casemate";
/// The version of the auditor, which is the version of the whole workspace.
const TOOL_VERSION: &str = env!("CARGO_PKG_VERSION");
/// Where the project lives.
const TOOL_URL: &str = env!("CARGO_PKG_REPOSITORY");

/// The rules that findings, known findings and silenced findings name, by id, each once.
fn rules_named(outcome: &Outcome) -> Vec<&'static Rule> {
    let silenced = outcome.suppressed.iter().map(|(finding, _)| finding);
    let all = outcome.findings.iter().chain(&outcome.baselined).chain(silenced);
    let mut rules: Vec<&'static Rule> = all.map(|finding| finding.rule).collect();
    rules.sort_by_key(|rule| rule.id);
    rules.dedup_by_key(|rule| rule.id);
    rules
}

/// Why a rule's findings matter, from its page: one paragraph without line breaks.
fn why(rule: &Rule) -> String {
    let section = rule.page.split("\n## ").find_map(|section| section.strip_prefix("Why it matters\n"));
    section.unwrap_or(rule.summary).split_whitespace().collect::<Vec<_>>().join(" ")
}
