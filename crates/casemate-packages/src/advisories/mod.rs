//! Advisories in OSV form, made into one compact index and asked about packages.

mod affected;
mod collection;
mod export;
mod index;
mod join;
mod osv;
mod severity;

use pep440_rs::Version;

pub use collection::{Collection, Counts};
pub use export::{ExportError, Limits, read_export};
pub use index::{Index, IndexError, Provenance, Storage, build};
pub use severity::Rating;

use crate::manifest::PackageName;

/// What is known about one hole, or one malicious package; the records of all databases that mean the same, joined.
#[derive(Clone, Debug, PartialEq)]
pub struct Advisory {
    /// The id to show: CVE, then GHSA, then PYSEC, then `MAL-`.
    pub id: String,
    /// Every other id of the same hole, sorted.
    pub aliases: Vec<String>,
    /// One line.
    pub summary: String,
    /// CVSS base score from 0.0 to 10.0, the newest version of the standard that is given.
    pub score: Option<f32>,
    /// The vector it comes from.
    pub vector: Option<String>,
    /// How bad: by the score, else in the database's own word; `None` if nobody said.
    pub rating: Option<Rating>,
    /// Lowest version of the same line that mends it, then the others, ascending; empty if there is none.
    pub fixed: Vec<Version>,
    /// Whether the package itself is malicious.
    pub is_malicious: bool,
    /// Where to read more.
    pub url: Option<String>,
    /// Names of functions and modules that are affected, where the record says so.
    pub symbols: Vec<String>,
}

impl Advisory {
    /// The id to show and every other one.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.id.as_str()).chain(self.aliases.iter().map(String::as_str))
    }
}

/// All advisories, by package.
pub trait Advisories: Sync {
    /// What is known to be wrong with this version of this package, the worst first.
    fn about(&self, name: &PackageName, version: &Version) -> Result<Vec<Advisory>, IndexError>;
}
