//! `casemate advisories status`: where the index is, how old, how much it holds.

use std::path::PathBuf;

use serde_json::json;

use super::place::Place;
use super::{OLD_DAYS, ago, day, days_since, now};
use crate::commands::{Exit, Failure, failure};
use crate::console;

/// Say where the index of advisories is, how old it is and what it holds
#[derive(clap::Args)]
#[command(after_help = "\
Exit codes:
  0  there is an index, and all of it is whole
  1  it is older than --max-age
  2  there is none, or it is damaged")]
pub(super) struct Args {
    /// Index to look at, instead of the user's own; also CASEMATE_ADVISORIES
    #[arg(long, value_name = "FILE")]
    advisories: Option<PathBuf>,
    /// Exit with 1 when it is older than so many days
    #[arg(long, value_name = "DAYS")]
    max_age: Option<u64>,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// Reads all of it and tells.
pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let place = Place::find(args.advisories.as_deref())?;
    let shown = place.file().display();
    let index = match place.open() {
        Ok(Some(index)) => index,
        Ok(None) => {
            return failure(format!("there is no index at `{shown}`; `casemate advisories update` makes one"));
        }
        Err(error) => return failure(broken(&place, &error)),
    };
    index.verify().map_err(|error| Failure(broken(&place, &error)))?;
    let told = index.provenance();
    let (now, then) = (now(), told.fetched_at);
    let days = days_since(then, now);
    let text = if args.json {
        let document = json!({
            "file": place.file().to_string_lossy(), "source": told.source, "etag": told.etag, "sha256": told.sha256,
            "fetched_at": then, "age_days": days, "records": told.records, "packages": told.packages,
            "withdrawn": told.withdrawn, "skipped": told.skipped,
        });
        format!("{document:#}\n")
    } else {
        let mut lines = vec![
            ("index", shown.to_string()),
            ("from", casemate_audit::report::text::printable(&told.source)),
            ("of", format!("{} ({})", day(then), ago(then, now))),
            ("advisories", format!("{} about {} packages", told.records, told.packages)),
        ];
        lines.extend((told.withdrawn > 0).then(|| ("withdrawn", told.withdrawn.to_string())));
        lines.extend((told.skipped > 0).then(|| ("skipped", format!("{} could not be understood", told.skipped))));
        lines.iter().map(|(key, value)| format!("{key:<10}  {value}\n")).collect()
    };
    console::print(|out| out.write_all(text.as_bytes()))
        .map_err(|error| Failure(format!("the status could not be printed: {error}")))?;
    if days > args.max_age.unwrap_or(OLD_DAYS) {
        console::complain(&format!(
            "the advisories are {days} days old; `casemate advisories update` fetches new ones"
        ));
        if args.max_age.is_some() {
            return Ok(Exit::Findings);
        }
    }
    Ok(Exit::Clean)
}

/// What to do about an index that cannot be used.
pub(super) fn broken(place: &Place, error: &dyn std::fmt::Display) -> String {
    let shown = place.file().display();
    format!("the advisories in `{shown}` cannot be used: {error}; `casemate advisories update` makes the index anew")
}
