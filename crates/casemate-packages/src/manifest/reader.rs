//! A file being read: its text, what it has said so far, and what could not be understood.

use std::collections::HashMap;
use std::ops::Range;

use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::{MarkerExpression, MarkerTree, MarkerValueVersion};

use super::{Dependency, Manifest, ManifestProblem, Target};
use crate::manifest::markers;

/// More problems than this in one file help nobody.
const MAX_PROBLEMS: usize = 20;

pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) manifest: Manifest,
    target: Target,
    markers: HashMap<String, Option<MarkerTree>>,
    untold: usize,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, manifest: Manifest, target: &Target) -> Self {
        Self { text, manifest, target: target.clone(), markers: HashMap::new(), untold: 0 }
    }

    /// Tells what could not be understood.
    pub(super) fn problem(&mut self, span: Range<usize>, message: impl Into<String>) {
        if self.manifest.problems.len() >= MAX_PROBLEMS {
            self.untold += 1;
            return;
        }
        self.manifest.problems.push(ManifestProblem { span, message: message.into() });
    }

    /// The marker a text spells; `None`, and a problem, if it spells none. The same text is parsed once.
    pub(super) fn marker(&mut self, written: &str, span: &Range<usize>) -> Option<MarkerTree> {
        if let Some(known) = self.markers.get(written) {
            return known.clone();
        }
        let marker = markers::parse(written);
        self.markers.insert(written.to_owned(), marker.clone().ok());
        match marker {
            Ok(marker) => Some(marker),
            Err(message) => {
                self.problem(
                    span.clone(),
                    format!(
                        "the marker `{}` is not one: {message}; it was taken to apply everywhere",
                        shorten(written)
                    ),
                );
                None
            }
        }
    }

    /// A version of a package, or a problem.
    pub(super) fn version(&mut self, name: &str, written: &str, span: &Range<usize>) -> Option<Version> {
        match written.trim().parse::<Version>() {
            Ok(version) => Some(version),
            Err(_) => {
                self.problem(
                    span.clone(),
                    format!("`{}` is not a version (PEP 440), so `{name}` was not checked", shorten(written)),
                );
                None
            }
        }
    }

    /// Tells a package without a version.
    pub(super) fn no_version(&mut self, name: &str, span: Range<usize>) {
        self.problem(span, format!("`{}` has no version, so it was not checked", shorten(name)));
    }

    /// Bytes of a part of a longer stretch, where the part can be found.
    pub(super) fn within(&self, span: &Range<usize>, part: &str) -> Option<Range<usize>> {
        if part.is_empty() {
            return None;
        }
        let at = self.text.get(span.clone())?.find(part)? + span.start;
        Some(at..at + part.len())
    }

    /// What was read. Dependencies stand in the order of the file; those that can never apply are left out.
    pub(super) fn finish(mut self) -> Manifest {
        let mut here = self.target.marker();
        let allowed = supported(self.manifest.requires_python.as_ref());
        match &self.target.python {
            None => {
                here.and(allowed);
            }
            // Who names a Python means that one, whatever the project says it asks for.
            Some(python) => {
                if let Some(span) = self.manifest.requires_python_span.clone().filter(|_| here.is_disjoint(&allowed)) {
                    let message = format!("this does not allow Python {python}, for which its dependencies were read");
                    self.problem(span, message);
                }
            }
        }
        if self.untold > 0 {
            let message = format!("{} more problems of this file are not listed", self.untold);
            self.manifest.problems.push(ManifestProblem { span: 0..0, message });
        }
        let applies = |one: &Dependency| one.marker.is_true() || !one.marker.is_disjoint(&here);
        self.manifest.dependencies.retain(applies);
        self.manifest.build_requires.retain(applies);
        self.manifest.dependencies.sort_by_key(|one| one.span.start);
        self.manifest.problems.sort_by_key(|one| one.span.start);
        self.manifest
    }
}

/// The Pythons a project may run on: those it asks for, otherwise all that are still spoken.
fn supported(requires_python: Option<&VersionSpecifiers>) -> MarkerTree {
    let python = |specifier: &pep440_rs::VersionSpecifier| {
        MarkerTree::expression(MarkerExpression::Version {
            key: MarkerValueVersion::PythonFullVersion,
            specifier: specifier.clone(),
        })
    };
    match requires_python {
        Some(wanted) if !wanted.is_empty() => {
            let mut tree = MarkerTree::TRUE;
            for specifier in wanted.iter() {
                tree.and(python(specifier));
            }
            if tree.is_false() { MarkerTree::TRUE } else { tree }
        }
        _ => python(&pep440_rs::VersionSpecifier::greater_than_equal_version(Version::new([3, 0]))),
    }
}

/// Long texts are cut before they are told.
pub(super) fn shorten(text: &str) -> String {
    const LONGEST: usize = 80;
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = super::without_credentials(&one_line);
    if shown.chars().count() <= LONGEST {
        return shown;
    }
    shown.chars().take(LONGEST).chain(['…']).collect()
}
