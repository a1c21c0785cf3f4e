//! A name that is nearly that of a package everybody knows.

use std::collections::HashSet;

use casemate_packages::manifest::{ManifestKind, Origin, PackageName};
use casemate_packages::popular::{Likeness, look_alike};

use crate::finding::{Confidence, DependencyDetail, Detail, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::ProjectContext;

/// `typosquat`
pub(crate) static RULE: Rule = Rule {
    id: "DEP1506",
    name: "typosquat",
    summary: "The name of a package is nearly that of a popular one",
    severity: Severity::High,
    kind: Kind::Dependency,
    persona: Persona::Default,
    cwe: &[1357],
    owasp_2021: "A06",
    owasp_2025: "A03",
    asvs: "15.2.4",
    page: include_str!("typosquat.md"),
};

pub(crate) fn check(cx: &mut ProjectContext<'_>) {
    // What the project itself is called, and the packages it develops, are nobody's mistake.
    let own = cx.manifests.iter().filter(|file| file.manifest.environment().is_none());
    let own: HashSet<&PackageName> = own.filter_map(|file| file.manifest.project.as_ref()).collect();
    for file in cx.manifests {
        let manifest = &file.manifest;
        // Behind one's own index names mean what its owner decides.
        let is_private = manifest.indexes.iter().any(|index| {
            index.kind == casemate_packages::manifest::IndexKind::Default && !index.value.contains("pypi.org")
        });
        if is_private {
            continue;
        }
        for dependency in manifest.dependencies.iter().chain(&manifest.build_requires) {
            if !matches!(dependency.origin, Origin::Index(None)) || own.contains(&dependency.name) {
                continue;
            }
            let Some((target, likeness)) = look_alike(&dependency.name) else { continue };
            // What a package of the lock needs, its author has chosen; one letter says little there.
            let is_chosen_here = !manifest.kind.is_lock() && manifest.kind != ManifestKind::Installed;
            if !is_chosen_here && (dependency.is_direct != Some(true) && likeness == Likeness::ImportName) {
                continue;
            }
            // Whoever depends on both means both.
            let has_target = manifest.dependencies.iter().any(|one| one.name.as_str() == target);
            if has_target {
                continue;
            }
            let written = &dependency.written;
            let message = match likeness {
                Likeness::OneLetter => {
                    format!("`{written}` is one letter away from `{target}`, and few people use a package of that name")
                }
                Likeness::SameLooks => format!("`{written}` looks like `{target}`, and is not it"),
                Likeness::WordOrder => format!("`{written}` has the words of `{target}` in another order"),
                Likeness::Hyphens => {
                    format!("`{written}` is `{target}` with the hyphens elsewhere, which is another package")
                }
                Likeness::ImportName => format!(
                    "`{written}` is the name that is imported; the package is called `{target}`, and whoever holds the name `{written}` decides what is installed"
                ),
            };
            let finding = cx.report(&RULE, file, dependency.span.clone(), message);
            finding.confidence = Confidence::Medium;
            if likeness == Likeness::ImportName {
                finding.severity = Severity::Medium;
            }
            finding.remedy = format!(
                "If `{target}` is meant, write that, and look at what `{written}` has done where it was installed. If `{written}` is meant, say so with a `# casemate: ignore` comment.",
            );
            finding.detail = Detail::Dependency(Box::new(DependencyDetail {
                package: dependency.name.as_str().to_owned(),
                version: dependency.version.as_ref().map(ToString::to_string).unwrap_or_default(),
                ..DependencyDetail::default()
            }));
        }
    }
}
