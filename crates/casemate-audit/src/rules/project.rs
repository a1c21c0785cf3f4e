//! What a rule may ask about the project as a whole: what it declares, locks and imports, and how it reports.

use casemate_packages::manifest::Manifest;
use casemate_python::names::Program;
use casemate_python::syntax::LineIndex;

use crate::finding::Finding;
use crate::rule::Rule;
use crate::rules::Reported;
use crate::rules::dependencies::known::Known;

/// A manifest with its text, so that findings can stand in it.
#[derive(Debug)]
pub(crate) struct ManifestText {
    pub(crate) manifest: Manifest,
    pub(crate) text: String,
    pub(crate) lines: LineIndex,
}

/// The project with everything known about it.
pub(crate) struct ProjectContext<'a> {
    /// Every manifest and lock file, by path.
    pub(crate) manifests: &'a [ManifestText],
    /// The Python modules, linked.
    pub(crate) program: &'a Program,
    /// What is known about the packages.
    pub(crate) known: &'a Known,
    reported: Vec<Reported>,
}

impl<'a> ProjectContext<'a> {
    pub(crate) fn new(manifests: &'a [ManifestText], program: &'a Program, known: &'a Known) -> Self {
        Self { manifests, program, known, reported: Vec::new() }
    }

    pub(crate) fn into_reported(self) -> Vec<Reported> {
        self.reported
    }

    /// Reports a finding at a stretch of a manifest.
    pub(crate) fn report(
        &mut self,
        rule: &'static Rule,
        file: &ManifestText,
        span: std::ops::Range<usize>,
        message: String,
    ) -> &mut Finding {
        self.reported.push(super::text::report(&file.manifest.path, &file.text, &file.lines, rule, span, message));
        let at = self.reported.len() - 1;
        &mut self.reported[at].finding
    }
}
