//! What a rule may ask about the project as a whole: what it declares, locks and imports, and how it reports.

use casemate_packages::manifest::Manifest;
use casemate_packages::project::Project;
use casemate_python::names::Program;
use casemate_python::syntax::{LineIndex, Module};

use crate::finding::Finding;
use crate::fix::{Fix, Safety};
use crate::outline::Outline;
use crate::rule::{Persona, Rule};
use crate::rules::Reported;
use crate::rules::dependencies::known::Known;
use crate::rules::output::templates::Template;

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
    /// The same in outline, by their numbers.
    pub(crate) outlines: &'a [Outline],
    /// What is known about the packages.
    pub(crate) known: &'a Known,
    /// Paths of everything that is audited, manifests or not.
    pub(crate) paths: Vec<&'a str>,
    /// The templates of the project.
    pub(crate) templates: &'a [Template],
    /// Who reads the report.
    pub(crate) persona: Persona,
    /// The day of the audit, where it is known.
    pub(crate) today: Option<(i32, u8, u8)>,
    reported: Vec<Reported>,
}

impl<'a> ProjectContext<'a> {
    pub(crate) fn new(
        manifests: &'a [ManifestText],
        program: &'a Program,
        outlines: &'a [Outline],
        known: &'a Known,
    ) -> Self {
        let (paths, persona, today) = (Vec::new(), Persona::Default, None);
        Self { manifests, program, outlines, known, paths, templates: &[], persona, today, reported: Vec::new() }
    }

    /// The manifests as they belong together.
    pub(crate) fn project(&self) -> Project<'a> {
        Project::new(self.manifests.iter().map(|file| &file.manifest))
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

    /// Reports a finding at a stretch of a template.
    pub(crate) fn report_in_template(
        &mut self,
        rule: &'static Rule,
        template: &Template,
        span: std::ops::Range<usize>,
        message: String,
    ) -> &mut Finding {
        self.reported.push(super::text::report(&template.path, &template.text, &template.lines, rule, span, message));
        let at = self.reported.len() - 1;
        &mut self.reported[at].finding
    }

    /// A fix of a manifest; the stretches are of its text.
    pub(crate) fn fix(
        file: &ManifestText,
        title: impl Into<String>,
        safety: Safety,
        edits: impl IntoIterator<Item = (std::ops::Range<usize>, String)>,
    ) -> Box<Fix> {
        Fix::new(&file.text, &file.lines, title, safety, edits)
    }

    /// Reports a finding at a stretch of a Python module.
    pub(crate) fn report_in(
        &mut self,
        rule: &'static Rule,
        module: &Module,
        span: std::ops::Range<usize>,
        message: String,
    ) -> &mut Finding {
        let lines = LineIndex::new(&module.text);
        self.reported.push(super::text::report(&module.path, &module.text, &lines, rule, span, message));
        let at = self.reported.len() - 1;
        &mut self.reported[at].finding
    }
}
