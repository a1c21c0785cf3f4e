//! Two indexes are asked, and whoever has the higher version wins.

use casemate_packages::manifest::{Dependency, IndexKind, Manifest, ManifestKind, Origin};

use super::index_options::{is_option_of, options};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{ProjectContext, TextContext};

/// `dependency-confusion`
pub(crate) static RULE: Rule = Rule {
    id: "DEP1507",
    name: "dependency-confusion",
    summary: "A package of a private index can be replaced by a public one of the same name",
    severity: Severity::High,
    kind: Kind::Dependency,
    persona: Persona::Default,
    cwe: &[427],
    owasp_2021: "A08",
    owasp_2025: "A08",
    asvs: "15.2.4",
    page: include_str!("dependency_confusion.md"),
};

const REMEDY: &str = "Let one index answer for everything: a mirror that holds the private packages and passes public ones through (`--index-url` alone). With uv, Poetry or Pipenv bind each private package to its index (`explicit = true` and `tool.uv.sources`, `source = \"…\"`, `index = \"…\"`). Pins with hashes hold it too.";

pub(crate) fn check(cx: &mut ProjectContext<'_>) {
    for file in cx.manifests {
        let manifest = &file.manifest;
        if manifest.requires_hashes || is_held_by_hashes(manifest) {
            continue;
        }
        let names_uv = |option: &str| option.starts_with("tool.uv");
        let unsafe_strategy = manifest
            .indexes
            .iter()
            .find(|index| index.kind == IndexKind::Strategy && index.value.starts_with("unsafe"));
        for index in &manifest.indexes {
            let shown = index.shown();
            let (message, confidence) = match index.kind {
                IndexKind::Strategy if index.value.starts_with("unsafe") => (
                    format!(
                        "`{}` asks every index for every package, so a public package with the name of a private one and a higher version takes its place",
                        index.value
                    ),
                    Confidence::High,
                ),
                // uv asks the first index that has the name, and its extra indexes before the public one.
                IndexKind::Extra if names_uv(&index.option) => continue,
                IndexKind::Extra if unsafe_strategy.is_some() => continue,
                IndexKind::Extra if is_public(&index.value) => continue,
                IndexKind::Extra if manifest.kind == ManifestKind::Requirements => (
                    format!(
                        "`{shown}` is asked beside the public index, and the higher version wins: anybody can publish a package under a private name of yours"
                    ),
                    Confidence::High,
                ),
                // A source that nobody is bound to is asked for everything.
                IndexKind::Extra if !has_bound(manifest, index.name.as_deref()) => (
                    format!(
                        "no package is bound to the source `{}`, so a public package with the name of a private one can take its place",
                        index.name.as_deref().unwrap_or(&shown)
                    ),
                    Confidence::Medium,
                ),
                _ => continue,
            };
            let finding = cx.report(&RULE, file, index.span.clone(), message);
            finding.confidence = confidence;
            finding.remedy = REMEDY.to_owned();
        }
    }
}

/// The same options in scripts, Dockerfiles and settings of pip.
pub(crate) fn check_text(cx: &mut TextContext<'_>) {
    for option in options(cx.path, cx.text) {
        let is_extra = is_option_of(&option.name, "extra-index-url");
        let is_unsafe = is_option_of(&option.name, "index-strategy") && option.value.starts_with("unsafe");
        let is_private_extra = is_extra && !option.is_of_uv && !is_public(&option.value);
        if !is_private_extra && !is_unsafe {
            continue;
        }
        let shown = casemate_packages::manifest::without_credentials(&option.value);
        let message = if is_extra {
            format!(
                "`{shown}` is asked beside the public index, and the higher version wins: anybody can publish a package under a private name of yours"
            )
        } else {
            format!(
                "`{shown}` asks every index for every package, so a public package with the name of a private one and a higher version takes its place"
            )
        };
        let finding = cx.report(&RULE, option.span, message);
        finding.confidence = Confidence::Medium;
        finding.remedy = REMEDY.to_owned();
    }
}

/// Whether every package is pinned with hashes, so that another archive is refused.
fn is_held_by_hashes(manifest: &Manifest) -> bool {
    let mut from_index = manifest.dependencies.iter().filter(|one| matches!(one.origin, Origin::Index(_))).peekable();
    from_index.peek().is_some() && from_index.all(|one: &Dependency| !one.hashes.is_empty())
}

/// Whether a package names this index as its source.
fn has_bound(manifest: &Manifest, name: Option<&str>) -> bool {
    manifest
        .dependencies
        .iter()
        .any(|one| matches!(&one.origin, Origin::Index(Some(index)) if Some(index.as_str()) == name))
}

/// Indexes that hold builds of public packages, whose names their makers hold on the public index as well.
fn is_public(url: &str) -> bool {
    [
        "//pypi.org",
        "//download.pytorch.org",
        "//pypi.nvidia.com",
        "//pypi.ngc.nvidia.com",
        "//data.pyg.org",
        "//wheels.vllm.ai",
        "//storage.googleapis.com/jax-releases",
        "//www.piwheels.org",
    ]
    .iter()
    .any(|host| url.contains(host))
}
