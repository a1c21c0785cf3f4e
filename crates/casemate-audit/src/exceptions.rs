//! Findings that a settings file says not to count: for lock files and other texts that have no comments.

use casemate_packages::manifest::PackageName;
use globset::{GlobBuilder, GlobMatcher};

use crate::audit::Outcome;
use crate::baseline::Scope;
use crate::finding::Finding;
use crate::rules;
use crate::rules::run::suppression_without_reason;
use crate::settings::{Exception, Settings, selects};
use crate::suppress::{complaint, is_advisory};

/// A glob as in .gitignore: without a `/` in it, it names a file or folder at any depth; a folder is all that is in it.
pub(crate) fn glob(pattern: &str) -> Result<GlobMatcher, globset::Error> {
    let inner = pattern.trim_end_matches('/');
    let anchored = match inner.strip_prefix('/') {
        Some(rest) => rest.to_owned(),
        None if inner.contains('/') => inner.to_owned(),
        None => format!("**/{inner}"),
    };
    let is_folder = pattern.ends_with('/');
    let whole = if is_folder { format!("{anchored}/**") } else { format!("{{{anchored},{anchored}/**}}") };
    GlobBuilder::new(&whole).literal_separator(true).build().map(|glob| glob.compile_matcher())
}

/// An exception ready to be asked.
struct Ready<'a> {
    exception: &'a Exception,
    path: Option<GlobMatcher>,
    package: Option<PackageName>,
}

impl Ready<'_> {
    fn fits(&self, finding: &Finding) -> bool {
        let Exception { rule, package, advisory, path, fingerprint, anchor, .. } = self.exception;
        let is_package = || {
            let of_finding = finding.dependency().and_then(|detail| PackageName::parse(&detail.package));
            of_finding.is_some() && of_finding == self.package
        };
        let is_path = || self.path.as_ref().is_some_and(|glob| glob.is_match(&*anchor.name(&finding.place.path)));
        rule.as_ref().is_none_or(|rule| selects(rule, finding.rule))
            && fingerprint.as_ref().is_none_or(|one| *one == finding.fingerprint)
            && advisory.as_ref().is_none_or(|id| is_advisory(id, finding))
            && (package.is_none() || is_package())
            && (path.is_none() || is_path())
    }
}

impl Outcome {
    /// Takes out what the settings say not to count. To be called again when findings were added.
    pub fn except(&mut self, settings: &Settings) {
        let ready = settings.exceptions.iter().map(|exception| Ready {
            exception,
            path: exception.path.as_deref().and_then(|path| glob(path).ok()),
            package: exception.package.as_deref().and_then(PackageName::parse),
        });
        let ready: Vec<Ready<'_>> = ready.collect();
        self.exceptions_used.resize(ready.len(), false);
        if ready.is_empty() {
            return;
        }
        for finding in std::mem::take(&mut self.findings) {
            let mut reason = None;
            for (one, used) in ready.iter().zip(&mut self.exceptions_used) {
                // What is wrong with suppressions is silenced by mending them.
                if finding.rule.id != suppression_without_reason::RULE.id && one.fits(&finding) {
                    *used = true;
                    if !settings.is_past(one.exception.until) && reason.is_none() {
                        reason = Some(one.exception.reason.clone());
                    }
                }
            }
            match reason {
                Some(mut reason) => {
                    self.redactor.clean_text(&finding.place.path, &mut reason);
                    self.suppressed.push((finding, reason));
                }
                None => self.findings.push(finding),
            }
        }
    }

    /// Adds what is wrong with the exceptions themselves, once everything was found.
    pub fn tell_idle_exceptions(&mut self, settings: &Settings, scope: &Scope<'_>) {
        if !settings.wants(&suppression_without_reason::RULE) {
            return;
        }
        for (exception, used) in settings.exceptions.iter().zip(&self.exceptions_used) {
            let (message, remedy) = if settings.is_past(exception.until) {
                (
                    "this exception has expired, so it silences nothing any more",
                    "Mend what it silences, or set a new date and say why.",
                )
            } else if !used && was_looked_for(exception, scope) {
                ("this exception matches no finding", "Delete it; what it silenced is gone, or is named differently.")
            } else {
                continue;
            };
            self.findings.push(complaint(exception.place.clone(), &described(exception), message, remedy));
        }
    }
}

/// Whether a run like this would have found what it is about.
fn was_looked_for(exception: &Exception, scope: &Scope<'_>) -> bool {
    let is_wanted = exception
        .rule
        .as_ref()
        .is_none_or(|selector| rules::ALL.iter().any(|rule| selects(selector, rule) && scope.settings.wants(rule)));
    let is_about_holes = exception.advisory.is_some() || exception.package.is_some();
    scope.is_whole && is_wanted && (scope.has_advisories || !is_about_holes)
}

fn described(exception: &Exception) -> String {
    let Exception { rule, package, advisory, path, fingerprint, .. } = exception;
    let parts =
        [("rule", rule), ("package", package), ("advisory", advisory), ("path", path), ("fingerprint", fingerprint)];
    let said = parts.iter().filter_map(|(key, value)| Some(format!("{key} = \"{}\"", value.as_ref()?)));
    said.collect::<Vec<_>>().join(", ")
}
