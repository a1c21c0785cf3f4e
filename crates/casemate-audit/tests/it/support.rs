//! Sources in memory.

use casemate_audit::past::PastSecret;
use casemate_audit::{Advisories, Audit, Outcome, Persona, Settings, Source, SourceSet, VexDocument, order};
use casemate_packages::advisories::{Collection, Index, Provenance, build};

/// Files by name.
pub(crate) struct Texts {
    sources: Vec<Source>,
    bytes: Vec<Vec<u8>>,
}

impl Texts {
    pub(crate) fn new<B: AsRef<[u8]>>(files: &[(&str, B)]) -> Self {
        Self {
            sources: files.iter().map(|(path, _)| source(path)).collect(),
            bytes: files.iter().map(|(_, bytes)| bytes.as_ref().to_vec()).collect(),
        }
    }
}

/// What stands in a folder `site-packages` is installed.
fn source(path: &str) -> Source {
    if path.contains("site-packages/") { Source::installed(path) } else { Source::named(path) }
}

impl SourceSet for Texts {
    fn sources(&self) -> &[Source] {
        &self.sources
    }

    fn read(&self, source: &Source) -> Result<Vec<u8>, String> {
        let at = self.sources.iter().position(|known| known == source).ok_or("no such file")?;
        Ok(self.bytes[at].clone())
    }
}

pub(crate) fn audit_with<B: AsRef<[u8]>>(settings: &Settings, files: &[(&str, B)]) -> Outcome {
    audit_after(&[], settings, files)
}

/// The same, after what the history of the repository gave away.
pub(crate) fn audit_after<B: AsRef<[u8]>>(past: &[PastSecret], settings: &Settings, files: &[(&str, B)]) -> Outcome {
    let index = advisories(files);
    let vex = files.iter().filter(|(path, _)| path.starts_with("vex/"));
    let vex = vex.map(|(path, text)| VexDocument::read(path, std::str::from_utf8(text.as_ref()).unwrap()).unwrap());
    let vex: Vec<VexDocument> = vex.collect();
    let advisories = index.as_ref().map(|index| index as &dyn Advisories);
    Audit { vex: &vex, advisories, past, ..Audit::new(settings) }.run(&Texts::new(files))
}

/// What the files `advisories/*.json` say, if there are any.
fn advisories<B: AsRef<[u8]>>(files: &[(&str, B)]) -> Option<Index<Vec<u8>>> {
    let mut collection = Collection::new();
    let records = files.iter().filter(|(path, _)| path.starts_with("advisories/"));
    if records.map(|(path, json)| collection.add(path, json.as_ref())).count() == 0 {
        return None;
    }
    assert_eq!(collection.counts().reasons, Vec::<String>::new());
    Some(Index::open(build(collection, Provenance::default()).unwrap()).unwrap())
}

pub(crate) fn audit<B: AsRef<[u8]>>(files: &[(&str, B)]) -> Outcome {
    audit_with(&Settings::default(), files)
}

pub(crate) fn pedantic() -> Settings {
    Settings { persona: Persona::Pedantic, ..Settings::default() }
}

/// `line: rule` of every finding, in the order of the sources.
pub(crate) fn told(outcome: &Outcome) -> Vec<String> {
    let mut findings: Vec<_> = outcome.findings.iter().collect();
    findings.sort_by(|a, b| order::by_place(a, b));
    findings.into_iter().map(|finding| format!("{}: {}", finding.place.start.line, finding.rule.name)).collect()
}
