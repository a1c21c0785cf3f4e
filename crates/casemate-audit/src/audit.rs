//! One audit: sources in, findings out.

use crate::finding::{Finding, Place};
use crate::settings::Settings;

/// One file to audit, by name; its text is fetched when it is needed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// Path relative to the audited root, with `/` between its parts.
    pub path: String,
}

/// Where texts come from. The auditor itself never opens a file.
pub trait SourceSet: Sync {
    /// What there is to audit, in any order.
    fn sources(&self) -> &[Source];
    /// The bytes of one source, or why they could not be had.
    fn read(&self, source: &Source) -> Result<Vec<u8>, String>;
}

/// Something that kept part of a source from being understood. Never silent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where; a whole file spans from 1:1 to 1:1.
    pub place: Place,
    /// What happened and what it means for the result.
    pub message: String,
}

/// What an audit came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Sorted by path, place and rule; the same for the same input, whatever the number of threads.
    pub findings: Vec<Finding>,
    /// Findings that a comment in the code silenced, with the reason given.
    pub suppressed: Vec<(Finding, String)>,
    /// What could not be read or analysed.
    pub problems: Vec<Problem>,
    /// Python files looked at.
    pub files: usize,
    /// Lines of Python looked at.
    pub lines: usize,
}

/// An audit about to run.
pub struct Audit<'a> {
    /// What to look for and how to report it.
    pub settings: &'a Settings,
    /// Told the number of files done so far, from any thread.
    pub progress: &'a (dyn Fn(usize) + Sync),
}

impl Audit<'_> {
    /// Runs every selected rule over all sources.
    pub fn run(&self, _sources: &dyn SourceSet) -> Outcome {
        Outcome::default()
    }
}
