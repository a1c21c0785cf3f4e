//! The advisories an audit looks packages up in.

use std::path::{Path, PathBuf};
use std::{fs, io};

use casemate_audit::VexDocument;
use casemate_audit::report::{Report, sbom, vex};
use casemate_packages::advisories::Index;

use super::place::{IndexFile, Place};
use super::{OLD_DAYS, advisories, day, days_since, now, status, time};
use crate::commands::{Failure, failure};
use crate::discovery::name_below;
use crate::output::OutputFile;

/// Which advisories an audit uses.
#[derive(clap::Args)]
#[command(next_help_heading = "Dependencies")]
pub(crate) struct AdvisoryArgs {
    /// Look packages up in this index instead of the user's own; also CASEMATE_ADVISORIES
    #[arg(long, value_name = "FILE", conflicts_with = "no_advisories")]
    advisories: Option<PathBuf>,
    /// Look no package up
    #[arg(long)]
    no_advisories: bool,
    /// Follow these decisions about known vulnerabilities: a VEX document, OpenVEX or CycloneDX
    #[arg(long, value_name = "FILE")]
    vex: Vec<PathBuf>,
    /// Also write what the audit can say about known vulnerabilities, as OpenVEX
    #[arg(long, value_name = "FILE")]
    vex_out: Option<PathBuf>,
    /// Also write what the project is made of, as CycloneDX 1.6
    #[arg(long, value_name = "FILE")]
    sbom: Option<PathBuf>,
}

/// Documents beside the report: made before the audit, so that a wrong path is told at once.
pub(crate) struct Documents {
    vex: Option<OutputFile>,
    sbom: Option<OutputFile>,
}

impl Documents {
    /// Writes those that were asked for.
    pub(crate) fn write(self, report: &Report<'_>) -> Result<(), Failure> {
        let now = time(now());
        if let Some(file) = self.vex {
            file.write(|out| vex::write(report, &now, out))?;
        }
        if let Some(file) = self.sbom {
            file.write(|out| sbom::write(report, Some(&now), out))?;
        }
        Ok(())
    }
}

/// An index, and what is to be said about it.
#[derive(Debug, Default)]
pub(crate) struct Lookup {
    /// The index; `None` if there is none or none is wanted.
    pub(crate) index: Option<Index<IndexFile>>,
    /// How many days it is too old.
    pub(crate) age_days: Option<u64>,
}

impl Lookup {
    /// What packages are looked up in: `2,651 advisories of 2026-11-20`.
    pub(crate) fn told(&self) -> Option<String> {
        let told = self.index.as_ref()?.provenance();
        let mut text = format!("{} of {}", advisories(told.records), day(told.fetched_at));
        if let Some(days) = self.age_days {
            text.push_str(&format!(", {days} days old; `casemate advisories update` fetches new ones"));
        }
        Some(text)
    }
}

impl AdvisoryArgs {
    /// Whether an index was looked for.
    pub(crate) fn is_wanted(&self) -> bool {
        !self.no_advisories
    }

    /// The documents to write.
    pub(crate) fn documents(&self) -> Result<Documents, Failure> {
        let file = |path: &Option<PathBuf>| path.as_deref().map(OutputFile::create).transpose();
        Ok(Documents { vex: file(&self.vex_out)?, sbom: file(&self.sbom)? })
    }

    /// The decisions to follow, with their paths as the project knows them.
    pub(crate) fn decisions(&self, root: &Path) -> Result<Vec<VexDocument>, Failure> {
        let mut documents = Vec::new();
        for path in &self.vex {
            let shown = path.display();
            let text = text_of(path).map_err(|error| Failure(format!("`{shown}` cannot be read: {error}")))?;
            let name = match path.canonicalize() {
                Ok(full) if full.starts_with(root) => name_below(root, &full),
                _ => path.to_string_lossy().into_owned(),
            };
            let document = VexDocument::read(&name, &text);
            documents.push(document.map_err(|error| Failure(format!("`{shown}` is no VEX document: {error}")))?);
        }
        Ok(documents)
    }

    /// Opens the index. One that is damaged, or one that was named and is not there, is a failure, never a silent zero.
    pub(crate) fn open(&self) -> Result<Lookup, Failure> {
        if self.no_advisories {
            return Ok(Lookup::default());
        }
        // Without any home there is no index, which the report says.
        let place = match Place::find(self.advisories.as_deref()) {
            Ok(place) => place,
            Err(_) => return Ok(Lookup::default()),
        };
        let index = match place.open() {
            Ok(Some(index)) => index,
            Ok(None) if self.advisories.is_some() => {
                return failure(format!("there is no index at `{}`", place.file().display()));
            }
            Ok(None) => return Ok(Lookup::default()),
            Err(error) => return failure(status::broken(&place, &error)),
        };
        let days = days_since(index.provenance().fetched_at, now());
        Ok(Lookup { index: Some(index), age_days: (days > OLD_DAYS).then_some(days) })
    }
}

/// A bill of materials with its vulnerabilities may be large; a device or a pipe would never end.
fn text_of(path: &Path) -> io::Result<String> {
    const LARGEST: u64 = 256 << 20;
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return Err(io::Error::other("it is not a regular file of at most 256 MiB"));
    }
    fs::read_to_string(path)
}
