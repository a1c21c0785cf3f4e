//! The advisories an audit looks packages up in.

use std::path::PathBuf;

use casemate_packages::advisories::Index;

use super::place::{IndexFile, Place};
use super::{OLD_DAYS, advisories, day, days_since, now, status};
use crate::commands::{Failure, failure};

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
