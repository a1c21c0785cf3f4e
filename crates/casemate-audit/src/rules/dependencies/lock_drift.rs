//! The lock file no longer says what the manifest asks for.

use casemate_packages::manifest::{Dependency, Manifest, ManifestKind, Origin};

use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::ProjectContext;

/// `lock-drift`
pub(crate) static RULE: Rule = Rule {
    id: "DEP1510",
    name: "lock-drift",
    summary: "The lock file and what it was made from disagree",
    severity: Severity::Low,
    kind: Kind::Dependency,
    persona: Persona::Default,
    cwe: &[1357],
    owasp_2021: "A06",
    owasp_2025: "A03",
    asvs: "15.2.4",
    page: include_str!("lock_drift.md"),
};

pub(crate) fn check(cx: &mut ProjectContext<'_>) {
    let project = cx.project();
    for file in cx.manifests {
        let manifest = &file.manifest;
        let locks = project.locks_of(manifest);
        // A lock that could not be read says nothing about what is missing from it.
        for lock in locks.iter().filter(|lock| lock.problems.is_empty() && !lock.dependencies.is_empty()) {
            for dependency in &manifest.dependencies {
                let Some(message) = disagreement(manifest, dependency, lock) else { continue };
                let finding = cx.report(&RULE, file, dependency.span.clone(), message);
                finding.remedy = format!(
                    "Make `{}` anew ({}), read what changed, and commit both together; let CI check it.",
                    lock.file_name(),
                    command(lock.kind)
                );
            }
        }
        several(cx, file, &locks);
    }
}

/// What a lock says otherwise about one dependency.
fn disagreement(manifest: &Manifest, dependency: &Dependency, lock: &Manifest) -> Option<String> {
    if dependency.is_constraint || matches!(dependency.origin, Origin::Local(_)) {
        return None;
    }
    // Groups that the lock knows nothing of were perhaps not asked for when it was made.
    let knows = |group: &String| lock.dependencies.iter().any(|one| one.groups.contains(group));
    if !dependency.groups.is_empty() && !dependency.groups.iter().any(knows) {
        return None;
    }
    if manifest.project.as_ref() == Some(&dependency.name) {
        return None;
    }
    let entries: Vec<&Dependency> = lock.dependencies.iter().filter(|one| one.name == dependency.name).collect();
    let name = &dependency.written;
    if entries.is_empty() {
        // One that applies only somewhere was perhaps locked for elsewhere.
        return dependency
            .marker
            .is_true()
            .then(|| format!("`{name}` is asked for, but `{}` has no entry for it", lock.file_name()));
    }
    if !matches!(dependency.origin, Origin::Index(_)) {
        return None;
    }
    let fits = |one: &&Dependency| one.version.as_ref().is_none_or(|version| dependency.specifiers.contains(version));
    if entries.iter().any(fits) {
        return None;
    }
    // Pre-releases are outside of ranges by default, and a tool may have been told to take them.
    if entries.iter().any(|one| one.version.as_ref().is_some_and(casemate_packages::Version::any_prerelease)) {
        return None;
    }
    let locked: Vec<String> = entries.iter().filter_map(|one| one.version.as_ref()).map(ToString::to_string).collect();
    Some(format!(
        "`{name}` is asked for as `{}`, but `{}` has {}",
        dependency.specifiers,
        lock.file_name(),
        locked.join(", ")
    ))
}

/// Several lock files of one manifest that hold different versions of what it asks for.
fn several(cx: &mut ProjectContext<'_>, file: &crate::rules::ManifestText, locks: &[&Manifest]) {
    let plain: Vec<&&Manifest> = locks.iter().filter(|lock| lock.problems.is_empty()).collect();
    let [first, others @ ..] = plain.as_slice() else { return };
    for other in others {
        let differing = file.manifest.dependencies.iter().find_map(|dependency| {
            let version = |lock: &Manifest| {
                let mut all = lock.dependencies.iter().filter(|one| one.name == dependency.name);
                let one = all.next()?.version.clone()?;
                all.next().is_none().then_some(one)
            };
            let (one, two) = (version(first)?, version(other)?);
            (one != two).then_some((dependency, one, two))
        });
        let Some((dependency, one, two)) = differing else { continue };
        let message = format!(
            "`{}` is {one} in `{}` and {two} in `{}`: it depends on the tool what is installed",
            dependency.written,
            first.file_name(),
            other.file_name()
        );
        let finding = cx.report(&RULE, file, dependency.span.clone(), message);
        finding.confidence = Confidence::Medium;
        finding.remedy = "Keep one lock file and delete the others, or make all of them in one step.".to_owned();
    }
}

fn command(kind: ManifestKind) -> &'static str {
    match kind {
        ManifestKind::PoetryLock => "`poetry lock`",
        ManifestKind::UvLock => "`uv lock`",
        ManifestKind::PdmLock => "`pdm lock`",
        ManifestKind::PipfileLock => "`pipenv lock`",
        _ => "with the tool that made it",
    }
}
