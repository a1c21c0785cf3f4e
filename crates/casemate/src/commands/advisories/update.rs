//! `casemate advisories update`: fetch the public export, if it has changed.

use std::env;
use std::io::{self, BufReader, BufWriter, IsTerminal, Read, Seek, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use casemate_packages::advisories::{Collection, Limits, Provenance, read_export};
use casemate_remote::advisories::{Answer, Ask, Authorities, PUBLIC_EXPORT, fetch, parse_address};
use sha2::{Digest, Sha256};

use super::place::{Place, Scratch};
use super::{Acceptance, ago, day, now, old_stays, put_in_place, tell};
use crate::commands::{Exit, Failure, failure};
use crate::console;

/// Fetch the public export of known vulnerabilities and make the index
///
/// Only what has changed is fetched. Every file of the export is checked; an index that cannot be made leaves the old
/// one in use. Proxies are taken from HTTPS_PROXY and NO_PROXY.
#[derive(clap::Args)]
#[command(after_help = "\
Exit codes:
  0  the newest advisories are in use
  2  they could not be had; the old ones stay in use

Examples:
  casemate advisories update
  casemate advisories update --url https://mirror.example.org/osv/PyPI/all.zip --ca-file authority.pem")]
pub(super) struct Args {
    /// Address of the export, https only; also CASEMATE_ADVISORIES_URL [default: the public one of osv.dev]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Index to make, instead of the user's own; also CASEMATE_ADVISORIES
    #[arg(long, value_name = "FILE")]
    advisories: Option<PathBuf>,
    /// Fetch it even if it has not changed
    #[arg(long)]
    force: bool,
    /// Take it only if this is its SHA-256
    #[arg(long, value_name = "HEX", value_parser = parse_digest)]
    sha256: Option<String>,
    #[command(flatten)]
    acceptance: Acceptance,
    /// Trust the certificates in this PEM file, those of your own authority, and no others
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Seconds to wait for everything
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
}

/// The public export had 20,000 advisories of PyPI in 2026; so few cannot be all.
const FEWEST: usize = 1_000;

/// Twenty times the size of the public export in 2026.
const MOST_BYTES: u64 = 1 << 30;

pub(super) fn parse_digest(hex: &str) -> Result<String, String> {
    let is_digest = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_digest { Ok(hex.to_ascii_lowercase()) } else { Err("a SHA-256 has 64 hex digits".to_owned()) }
}

/// Fetches, checks, replaces.
pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let place = Place::find(args.advisories.as_deref())?;
    let _lock = place.lock()?;
    update(args, &place).map_err(|error| old_stays(&place, &error))
}

fn update(args: &Args, place: &Place) -> Result<Exit, Failure> {
    let variable = env::var("CASEMATE_ADVISORIES_URL").ok().filter(|url| !url.is_empty());
    let address = args.url.clone().or(variable).unwrap_or_else(|| PUBLIC_EXPORT.to_owned());
    let url = parse_address(&address).map_err(|error| Failure(error.to_string()))?;
    let authorities = match &args.ca_file {
        Some(file) => {
            let shown = file.display();
            let pem = std::fs::read(file).map_err(|error| Failure(format!("`{shown}` cannot be read: {error}")))?;
            Some(Authorities::parse(&pem).map_err(|error| Failure(format!("`{shown}` {error}")))?)
        }
        None => None,
    };
    let old = place.provenance();
    // What another server calls its versions says nothing here; and a digest can be compared only with what is fetched.
    let known = old.filter(|old| old.source == url.as_str() && !args.force && args.sha256.is_none());
    let ask = Ask {
        url,
        etag: known.as_ref().and_then(|old| old.etag.clone()),
        user_agent: concat!("casemate/", env!("CARGO_PKG_VERSION")).to_owned(),
        most_bytes: MOST_BYTES,
        timeout: Duration::from_secs(args.timeout),
        authorities,
    };
    let mut scratch = place.scratch()?;
    let answer = {
        let mut writer = BufWriter::new(&mut scratch.file);
        let answer = with_progress(|progress| fetch(&ask, &mut writer, progress));
        let answer = answer.map_err(|error| Failure(format!("the advisories could not be fetched: {error}")))?;
        writer.flush().map_err(|error| Failure(format!("what was fetched cannot be written: {error}")))?;
        answer
    };
    match (answer, known) {
        (Answer::Unchanged, Some(old)) => {
            let before = old.fetched_at;
            restamp(place, old)?;
            console::tell(&format!("unchanged since {} ({})", day(before), ago(before, now())));
        }
        (Answer::Unchanged, None) => {
            return failure("the server says that nothing has changed, though there is nothing");
        }
        (Answer::Fetched { etag, .. }, _) => {
            let digest = digest(&mut scratch)?;
            if let Some(expected) = &args.sha256
                && *expected != digest
            {
                return failure(format!("what was fetched has the SHA-256 {digest}, not the one that was asked for"));
            }
            let mut collection = Collection::new();
            read_export(BufReader::new(&mut scratch.file), &Limits::default(), &mut collection)
                .map_err(|error| Failure(format!("what was fetched cannot be used: {error}")))?;
            let source = ask.url.to_string();
            let fewest = if source == PUBLIC_EXPORT { FEWEST } else { 1 };
            let provenance =
                Provenance { source, etag, sha256: Some(digest), fetched_at: now(), ..Provenance::default() };
            drop(scratch);
            let put = put_in_place(place, collection, provenance, &args.acceptance, fewest);
            tell(&put.map_err(|error| Failure(format!("what was fetched is not used: {error}")))?);
        }
    }
    Ok(Exit::Clean)
}

/// The index as it is, found unchanged now.
fn restamp(place: &Place, old: Provenance) -> Result<(), Failure> {
    let index = place.open().ok().flatten();
    let bytes = index.map(|index| index.with_provenance(&Provenance { fetched_at: now(), ..old }));
    match bytes {
        Some(Ok(bytes)) => place.replace(&bytes),
        Some(Err(error)) => failure(format!("the index in use cannot be used: {error}; --force makes it anew")),
        None => failure("the index has just disappeared; try again"),
    }
}

fn digest(scratch: &mut Scratch) -> Result<String, Failure> {
    let read = (|| {
        scratch.file.rewind()?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 64 << 10];
        loop {
            match scratch.file.read(&mut buffer)? {
                0 => break,
                count => hash.update(buffer.get(..count).unwrap_or_default()),
            }
        }
        scratch.file.rewind()?;
        Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    })();
    read.map_err(|error: io::Error| Failure(format!("what was fetched cannot be read again: {error}")))
}

/// On a terminal tells how much has come, when it takes longer than a second.
fn with_progress<T>(work: impl FnOnce(&dyn Fn(u64, Option<u64>)) -> T) -> T {
    if !io::stderr().is_terminal() {
        return work(&|_, _| {});
    }
    let started = Instant::now();
    let shown = std::cell::Cell::new(started);
    let result = work(&|bytes, expected| {
        let is_time = shown.get().elapsed() >= Duration::from_millis(200);
        if started.elapsed() >= Duration::from_secs(1) && is_time {
            shown.set(Instant::now());
            let of = expected.map(|expected| format!(" of {}", expected >> 10)).unwrap_or_default();
            let _ = write!(io::stderr(), "\rfetching advisories, {}{of} KiB\x1b[K", bytes >> 10);
        }
    });
    if shown.get() > started {
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
    result
}
