//! What an upgrade mends: all that is known against one version of one package.

use casemate_packages::Version;
use rustc_hash::FxHashMap;

use crate::finding::{DependencyDetail, Finding, Severity};

/// One package in one version, with every known hole in it.
pub(super) struct Upgrade<'a> {
    pub(super) package: &'a str,
    pub(super) version: &'a str,
    /// The lowest version that mends all that can be mended; `None` when nothing can.
    pub(super) to: Option<String>,
    /// The findings, the most urgent first.
    pub(super) findings: Vec<(&'a Finding, &'a DependencyDetail)>,
}

impl<'a> Upgrade<'a> {
    /// Groups findings about known holes by package and version, in the order of the first finding of each.
    pub(super) fn of(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<Self> {
        let mut at: FxHashMap<(&str, &str), usize> = FxHashMap::default();
        let mut upgrades: Vec<Self> = Vec::new();
        for finding in findings {
            let Some(detail) = known_hole(finding) else { continue };
            let index = *at.entry((&detail.package, &detail.version)).or_insert(upgrades.len());
            match upgrades.get_mut(index) {
                Some(upgrade) => upgrade.findings.push((finding, detail)),
                None => upgrades.push(Self {
                    package: &detail.package,
                    version: &detail.version,
                    to: None,
                    findings: vec![(finding, detail)],
                }),
            }
        }
        for upgrade in &mut upgrades {
            upgrade.to = target(upgrade.findings.iter().map(|(_, detail)| *detail));
        }
        upgrades
    }

    /// How many findings the upgrade closes.
    pub(super) fn closes(&self) -> usize {
        self.findings.iter().filter(|(_, detail)| !detail.fixed.is_empty()).count()
    }

    pub(super) fn severity(&self) -> Severity {
        self.findings.iter().map(|(finding, _)| finding.severity).max().unwrap_or(Severity::Info)
    }
}

/// What the finding knows, if it is about a known hole in a package.
pub(super) fn known_hole(finding: &Finding) -> Option<&DependencyDetail> {
    finding.dependency().filter(|detail| !detail.advisories.is_empty() && !detail.package.is_empty())
}

/// The highest of the closest fixes: it has all of them, as far as versions go on from each other.
fn target<'a>(details: impl Iterator<Item = &'a DependencyDetail>) -> Option<String> {
    let closest = details.filter_map(|detail| detail.fixed.first());
    let readable = closest.map(|fixed| (fixed.parse::<Version>().ok(), fixed));
    readable.max().map(|(_, fixed)| fixed.clone())
}
