//! What is deployed takes whatever version is newest on the day.

use casemate_packages::manifest::{Dependency, ManifestKind, Origin};

use super::deployment::{is_deployed, listed};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::ProjectContext;

/// `unpinned-dependency`
pub(crate) static RULE: Rule = Rule {
    id: "DEP1504",
    name: "unpinned-dependency",
    summary: "What is deployed leaves the version of a package open",
    severity: Severity::Low,
    kind: Kind::Dependency,
    persona: Persona::Default,
    cwe: &[1357],
    owasp_2021: "A06",
    owasp_2025: "A03",
    asvs: "15.2.4",
    page: include_str!("unpinned_dependency.md"),
};

pub(crate) fn check(cx: &mut ProjectContext<'_>) {
    let project = cx.project();
    for file in cx.manifests {
        let manifest = &file.manifest;
        let can_pin = match manifest.kind {
            // What tools make pins from is not what is installed.
            ManifestKind::Requirements => !manifest.path.ends_with(".in"),
            ManifestKind::Pyproject | ManifestKind::Pipfile => project.locks_of(manifest).is_empty(),
            _ => false,
        };
        // Exports of the whole dependency tree beside a pyproject are its lock.
        let has_export = manifest.kind == ManifestKind::Pyproject
            && cx.manifests.iter().any(|other| {
                other.manifest.kind == ManifestKind::Requirements && other.manifest.folder() == manifest.folder()
            });
        if !can_pin || has_export || !is_deployed(cx, manifest) {
            continue;
        }
        let open: Vec<&Dependency> = manifest
            .dependencies
            .iter()
            .filter(|one| {
                one.version.is_none()
                    && one.groups.is_empty()
                    && !one.is_constraint
                    && matches!(one.origin, Origin::Index(_))
                    && !is_of_the_platform(one.name.as_str())
            })
            .collect();
        let Some(first) = open.first() else { continue };
        let names = listed(open.iter().map(|one| one.written.as_str()));
        let is_file = manifest.kind == ManifestKind::Requirements;
        let message = if is_file {
            format!(
                "no exact version is given for {names}, so each installation may get other code, tested by nobody here"
            )
        } else {
            format!("there is no lock file, so each installation decides anew which versions of {names} it gets")
        };
        let finding = cx.report(&RULE, file, first.span.clone(), message);
        finding.confidence = Confidence::Medium;
        finding.remedy = if is_file {
            "Pin the whole tree with hashes, for example `uv pip compile requirements.in --generate-hashes -o requirements.txt` or `pip-compile --generate-hashes`, and let a bot propose updates.".to_owned()
        } else {
            "Lock the whole tree (`uv lock`, `poetry lock`, `pdm lock`, `pipenv lock`), commit the lock file, and install from it (`uv sync --frozen`).".to_owned()
        };
    }
}

/// Packages that come with the installation itself.
fn is_of_the_platform(name: &str) -> bool {
    matches!(name, "pip" | "setuptools" | "wheel")
}
