//! `casemate advisories import`: make the index from files, where there is no network.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use casemate_packages::advisories::{Collection, Index, Limits, Provenance, read_export};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::place::Place;
use super::update::parse_digest;
use super::{Acceptance, day, now, old_stays, put_in_place, tell};
use crate::commands::{Exit, Failure, failure};
use crate::console;

/// Make the index from files, without the network
///
/// Takes zip files of records, folders of records, single records, lists of records (all JSON in the OSV format), or one
/// index that `casemate advisories` made elsewhere. What is imported replaces what was there.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  casemate advisories import all.zip
  casemate advisories import all.zip our-own-advisories/
  casemate advisories import advisories.index")]
pub(super) struct Args {
    /// Zip files, folders, JSON files, or one index
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Index to make, instead of the user's own; also CASEMATE_ADVISORIES
    #[arg(long, value_name = "FILE")]
    advisories: Option<PathBuf>,
    /// Take the file only if this is its SHA-256
    #[arg(long, value_name = "HEX", value_parser = parse_digest)]
    sha256: Option<String>,
    #[command(flatten)]
    acceptance: Acceptance,
}

/// A single file of records is never larger.
const LARGEST: u64 = 1 << 30;

/// Folders in folders further down are not looked into.
const DEEPEST: usize = 16;

/// Reads, checks, replaces.
pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let place = Place::find(args.advisories.as_deref())?;
    let _lock = place.lock()?;
    import(args, &place).map_err(|error| old_stays(&place, &error))
}

fn import(args: &Args, place: &Place) -> Result<Exit, Failure> {
    if args.sha256.is_some() && args.files.len() != 1 {
        return failure("--sha256 is about one file; name one");
    }
    let mut collection = Collection::new();
    for path in &args.files {
        let shown = path.display();
        let cannot = |error: &dyn std::fmt::Display| Failure(format!("`{shown}` cannot be read: {error}"));
        let metadata = fs::metadata(path).map_err(|error| cannot(&error))?;
        if metadata.is_dir() {
            if args.sha256.is_some() {
                return failure(format!("`{shown}` is a folder, which has no SHA-256"));
            }
            folder(path, &mut collection, DEEPEST).map_err(|error| cannot(&error))?;
            continue;
        }
        let bytes = regular(path, &metadata).map_err(|error| cannot(&error))?;
        if let Some(expected) = &args.sha256 {
            let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            if *expected != digest {
                return failure(format!("`{shown}` has the SHA-256 {digest}, not the one that was asked for"));
            }
        }
        if bytes.starts_with(b"CSMTADV") {
            if args.files.len() != 1 {
                return failure(format!("`{shown}` is a ready index; it can only be imported alone"));
            }
            return ready(place, &shown.to_string(), &bytes, &args.acceptance);
        }
        if bytes.starts_with(b"PK") {
            let reader = BufReader::new(io::Cursor::new(bytes));
            read_export(reader, &Limits::default(), &mut collection)
                .map_err(|error| Failure(format!("`{shown}` cannot be used: {error}")))?;
        } else {
            json(&shown.to_string(), &bytes, &mut collection)?;
        }
    }
    let source: Vec<String> = args.files.iter().map(|path| path.display().to_string()).collect();
    let provenance = Provenance { source: source.join(", "), fetched_at: now(), ..Provenance::default() };
    tell(&put_in_place(place, collection, provenance, &args.acceptance, 1)?);
    Ok(Exit::Clean)
}

fn regular(path: &Path, metadata: &fs::Metadata) -> io::Result<Vec<u8>> {
    if !metadata.is_file() || metadata.len() > LARGEST {
        return Err(io::Error::other("it is not a regular file of at most 1 GiB"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Every `.json` below a folder. Links are not followed.
fn folder(path: &Path, collection: &mut Collection, left: usize) -> io::Result<()> {
    let mut entries: Vec<fs::DirEntry> = fs::read_dir(path)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() && left > 0 {
            folder(&path, collection, left - 1)?;
        } else if kind.is_file() && path.extension().is_some_and(|ending| ending == "json") {
            let bytes = regular(&path, &entry.metadata()?)?;
            collection.add(&path.display().to_string(), &bytes);
        }
    }
    Ok(())
}

/// One record, or a list of them.
fn json(shown: &str, bytes: &[u8], collection: &mut Collection) -> Result<(), Failure> {
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| Failure(format!("`{shown}` is neither a zip file, nor JSON, nor an index: {error}")))?;
    match value {
        Value::Array(records) => {
            for (at, record) in records.iter().enumerate() {
                collection.add(&format!("{shown}, record {}", at + 1), record.to_string().as_bytes());
            }
        }
        record => collection.add(shown, record.to_string().as_bytes()),
    }
    Ok(())
}

/// Takes an index as it is.
fn ready(place: &Place, shown: &str, bytes: &[u8], acceptance: &Acceptance) -> Result<Exit, Failure> {
    let index = Index::open(bytes).and_then(|index| index.verify().map(|()| index.provenance().clone()));
    let told = index.map_err(|error| Failure(format!("`{shown}` cannot be used: {error}")))?;
    let old = place.provenance().map_or(0, |old| old.records);
    if told.records < old.div_ceil(2) && !acceptance.accept_smaller {
        let records = told.records;
        return failure(format!(
            "`{shown}` holds {records} advisories and the index in use {old}; --accept-smaller takes it nevertheless"
        ));
    }
    place.replace(bytes)?;
    console::tell(&format!("{} advisories of {} in use", told.records, day(told.fetched_at)));
    Ok(Exit::Clean)
}
