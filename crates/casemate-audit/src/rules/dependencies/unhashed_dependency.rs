//! Pinned, but without the hash that proves the archive is the one that was pinned.

use casemate_packages::manifest::{Dependency, ManifestKind, Origin};

use super::deployment::{is_deployed, listed};
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::ProjectContext;

/// `unhashed-dependency`
pub(crate) static RULE: Rule = Rule {
    id: "DEP1505",
    name: "unhashed-dependency",
    summary: "A pinned package is installed without proof that its archive is the one that was pinned",
    severity: Severity::Low,
    kind: Kind::Dependency,
    persona: Persona::Default,
    cwe: &[494],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "15.2.4",
    page: include_str!("unhashed_dependency.md"),
};

pub(crate) fn check(cx: &mut ProjectContext<'_>) {
    for file in cx.manifests {
        let manifest = &file.manifest;
        let is_requirements = manifest.kind == ManifestKind::Requirements;
        if !(is_requirements || manifest.kind.is_lock()) || manifest.path.ends_with(".in") {
            continue;
        }
        let archives: Vec<&Dependency> = manifest
            .dependencies
            .iter()
            .filter(|one| matches!(one.origin, Origin::Index(_) | Origin::Url(_)) && !one.is_constraint)
            .collect();
        let bare: Vec<&Dependency> =
            archives.iter().copied().filter(|one| one.version.is_some() && one.hashes.is_empty()).collect();
        let Some(first) = bare.first() else { continue };
        let names = listed(bare.iter().map(|one| one.written.as_str()));
        let is_mixed = bare.len() < archives.len() && archives.iter().any(|one| !one.hashes.is_empty());
        if is_mixed || manifest.requires_hashes {
            let message = format!(
                "{names} have no hash beside others that have one: pip refuses the file, or whoever switches hash checking off for these switches it off for all"
            );
            let finding = cx.report(&RULE, file, first.span.clone(), message);
            finding.remedy = "Make the file anew with hashes for everything: `uv pip compile --generate-hashes` or `pip-compile --generate-hashes`.".to_owned();
        } else if manifest.kind.is_lock() {
            let message =
                format!("the lock file has no hash for {names}, so a replaced archive would be installed unseen");
            let finding = cx.report(&RULE, file, first.span.clone(), message);
            finding.remedy = "Lock again with a current version of the tool, which records hashes, and remove options that leave them out.".to_owned();
        } else if bare.len() == archives.len() && is_deployed(cx, manifest) {
            let message = format!(
                "{names} are pinned by version only; an index or mirror that serves another archive under this version goes unnoticed"
            );
            let finding = cx.report(&RULE, file, first.span.clone(), message);
            finding.severity = Severity::Info;
            finding.remedy = "Pin with hashes (`uv pip compile --generate-hashes`, `pip-compile --generate-hashes`) and install with `pip install --require-hashes -r requirements.txt`.".to_owned();
        }
    }
}
