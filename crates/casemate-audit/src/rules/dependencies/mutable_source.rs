//! Code that whoever holds the other end can change after it was looked at.

use casemate_packages::manifest::{Dependency, Manifest, ManifestKind, Origin, without_credentials};
use casemate_packages::project::Project;

use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::ProjectContext;

/// `mutable-source`
pub(crate) static RULE: Rule = Rule {
    id: "DEP1511",
    name: "mutable-source",
    summary: "A dependency comes from a branch, tag or address whose content can change",
    severity: Severity::Medium,
    kind: Kind::Dependency,
    persona: Persona::Default,
    cwe: &[829, 494],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "15.2.4",
    page: include_str!("mutable_source.md"),
};

pub(crate) fn check(cx: &mut ProjectContext<'_>) {
    let project = cx.project();
    for file in cx.manifests {
        let manifest = &file.manifest;
        if manifest.kind == ManifestKind::Installed {
            continue;
        }
        for dependency in manifest.dependencies.iter().chain(&manifest.build_requires) {
            let (message, severity, remedy) = match &dependency.origin {
                Origin::Repository { url, revision, is_commit: false } => {
                    let url = without_credentials(url);
                    match revision {
                        Some(tag) if is_version(tag) => (
                            format!(
                                "`{}` comes from the tag `{tag}` of `{url}`, which can be set to another commit",
                                dependency.written
                            ),
                            Severity::Low,
                            "Name the commit the tag stands for, all 40 digits of it, and keep the tag as a comment.",
                        ),
                        Some(branch) => (
                            format!(
                                "`{}` comes from `{branch}` of `{url}`, so each installation takes what stands there on that day",
                                dependency.written
                            ),
                            Severity::Medium,
                            "Name a commit, all 40 digits of it, or install a released version.",
                        ),
                        None => (
                            format!(
                                "`{}` comes from the default branch of `{url}`, so each installation takes what stands there on that day",
                                dependency.written
                            ),
                            Severity::Medium,
                            "Name a commit, all 40 digits of it, or install a released version.",
                        ),
                    }
                }
                // What the index itself serves never changes under its address.
                Origin::Url(url) if dependency.hashes.is_empty() && !url.contains("//files.pythonhosted.org/") => (
                    format!(
                        "`{}` comes from `{}` without a hash, so whatever is served there is installed",
                        dependency.written,
                        without_credentials(url)
                    ),
                    Severity::Medium,
                    "Add the hash of the archive (`#sha256=…` behind the address, or `--hash=sha256:…`), or install a released version from an index.",
                ),
                _ => continue,
            };
            if is_locked(&project, manifest, dependency) {
                continue;
            }
            let finding = cx.report(&RULE, file, dependency.span.clone(), message);
            finding.severity = severity;
            finding.remedy = remedy.to_owned();
        }
    }
}

/// Whether a lock file holds the commit or hash.
fn is_locked(project: &Project<'_>, manifest: &Manifest, dependency: &Dependency) -> bool {
    let locks = project.locks_of(manifest);
    let mut entries = locks.iter().flat_map(|lock| &lock.dependencies).filter(|one| one.name == dependency.name);
    entries.any(|one| matches!(one.origin, Origin::Repository { is_commit: true, .. }) || !one.hashes.is_empty())
}

/// `v1.2.3`, `release-2.0`.
fn is_version(tag: &str) -> bool {
    let tag = tag.rsplit(['/', '-']).find(|part| part.contains('.')).unwrap_or(tag);
    let tag = tag.trim_start_matches(['v', 'V']);
    tag.starts_with(|c: char| c.is_ascii_digit()) && tag.contains('.')
}
