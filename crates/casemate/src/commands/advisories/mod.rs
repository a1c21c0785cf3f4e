//! `casemate advisories`: what is known about packages, fetched when asked and kept for every audit.

mod import;
pub(crate) mod lookup;
mod place;
mod status;
mod update;

use std::time::{SystemTime, UNIX_EPOCH};

use casemate_audit::report::text::{counted, printable};
use casemate_packages::advisories::{Collection, Counts, Provenance};

use super::{Exit, Failure, failure};
use crate::console;
use place::Place;

/// Known vulnerabilities: fetch them, import them, say how old they are
///
/// An audit looks packages up in an index on this machine and never asks the network. `update` fetches the public
/// export of OSV for PyPI and makes the index; `import` makes it from files, where there is no network.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Update(update::Args),
    Import(import::Args),
    Status(status::Args),
}

/// Runs one of them.
pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    match &args.command {
        Command::Update(args) => update::run(args),
        Command::Import(args) => import::run(args),
        Command::Status(args) => status::run(args),
    }
}

/// How much a new set of advisories may lack of what the old one had.
#[derive(clap::Args)]
struct Acceptance {
    /// Take the new set even if it holds less than half of what the old one held
    #[arg(long)]
    accept_smaller: bool,
}

/// After so many days an index is called old.
const OLD_DAYS: u64 = 14;

/// `1 advisory`, `2,651 advisories`.
fn advisories(count: usize) -> String {
    let word = counted(count, "advisory");
    if count == 1 { word } else { word.replace("advisorys", "advisories") }
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn days_since(then: u64, now: u64) -> u64 {
    now.saturating_sub(then) / 86_400
}

/// `2026-11-20`.
fn day(seconds: u64) -> String {
    match crate::project::date_of(seconds / 86_400) {
        Some((year, month, day)) => format!("{year:04}-{month:02}-{day:02}"),
        None => "an unknown day".to_owned(),
    }
}

/// `2026-11-20T12:34:56Z`, RFC 3339.
fn time(seconds: u64) -> String {
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{}T{hour:02}:{minute:02}:{second:02}Z", day(seconds))
}

/// `today`, `3 days ago`.
fn ago(then: u64, now: u64) -> String {
    match days_since(then, now) {
        0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        days => format!("{days} days ago"),
    }
}

/// Refuses a set that cannot be right, makes the index of it, and puts it in the place of the old one.
fn put_in_place(
    place: &Place,
    collection: Collection,
    provenance: Provenance,
    acceptance: &Acceptance,
    fewest: usize,
) -> Result<Counts, Failure> {
    let counts = collection.counts();
    let Counts { records, skipped, .. } = counts;
    if records == 0 {
        return failure(match counts.reasons.first() {
            Some(reason) => format!("it holds no advisory that can be understood ({})", printable(reason)),
            None => "it holds no advisories about packages of PyPI".to_owned(),
        });
    }
    // SECURITY: a set that has lost most of its records hides what it lost.
    if skipped > records / 10 {
        let first = counts.reasons.first().map(|reason| printable(reason)).unwrap_or_default();
        return failure(format!("{} of {} advisories cannot be understood ({first})", skipped, skipped + records));
    }
    if !acceptance.accept_smaller {
        let old = place.provenance().map_or(0, |old| old.records);
        if records < old.div_ceil(2) {
            return failure(format!(
                "it holds {records} advisories and the index in use {old}; --accept-smaller takes it nevertheless"
            ));
        }
        if records < fewest {
            return failure(format!(
                "it holds {records} advisories, and the public export thousands; --accept-smaller takes it nevertheless"
            ));
        }
    }
    let bytes = casemate_packages::advisories::build(collection, provenance)
        .map_err(|error| Failure(format!("the index cannot be made: {error}")))?;
    place.replace(&bytes)?;
    Ok(counts)
}

/// One line about what is in use from now on.
fn tell(counts: &Counts) {
    let Counts { records, withdrawn, elsewhere, skipped, .. } = counts;
    let beside: Vec<String> = [
        (*withdrawn > 0).then(|| format!("{withdrawn} withdrawn")),
        (*elsewhere > 0).then(|| format!("{elsewhere} about other ecosystems")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let beside = if beside.is_empty() { String::new() } else { format!(" (left out: {})", beside.join(", ")) };
    console::tell(&format!(
        "{} in use{beside}",
        if *records == 1 { "1 advisory".to_owned() } else { format!("{records} advisories") }
    ));
    if *skipped > 0 {
        console::complain(&format!("{} could not be understood and are not looked up:", counted(*skipped, "record")));
        for reason in &counts.reasons {
            console::complain(&format!("  {}", printable(reason)));
        }
    }
}

/// A failure that says what stays in use.
fn old_stays(place: &Place, error: &Failure) -> Failure {
    let stays = match place.provenance() {
        Some(old) => format!("the advisories of {} stay in use", day(old.fetched_at)),
        None => "there are still no advisories".to_owned(),
    };
    Failure(format!("{error}; {stays}"))
}
