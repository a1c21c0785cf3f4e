//! The index: one file, asked without reading all of it.
//!
//! ```text
//! magic (8)  format u32  provenance u32  packages u32  names u32  records u64  SHA-256 of what follows up to the records (32)
//! provenance, JSON
//! packages, sorted by name, 32 bytes each: name at u32, its length u32, records at u32, their length u32, digest (16)
//! names
//! records, one JSON list for each package
//! ```
//!
//! Numbers are little-endian. The digest of a package is the first half of the SHA-256 of its records, so the one in
//! the head covers everything, and only what is asked for needs to be read and compared. Records are read by position:
//! a mapped file that somebody cuts short kills the process, a read that comes up short is an error to tell, and with
//! the file in the page cache the two are equally fast.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::io;

use pep440_rs::Version;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::affected::{Affected, Prepared};
use super::collection::{Collection, Counts};
use super::osv::About;
use super::severity::{Rating, Scored, newest};
use super::{Advisories, Advisory, join};
use crate::manifest::PackageName;

const MAGIC: &[u8; 8] = b"CSMTADV\n";
/// A reader knows exactly one format; an index of another is built anew, which takes seconds.
const FORMAT: u32 = 1;
const HEAD: usize = 64;
const ROW: usize = 32;
const DIGEST: usize = 16;

/// Where an index comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Address or file it was made from.
    pub source: String,
    /// What the server calls this version of the export.
    #[serde(default)]
    pub etag: Option<String>,
    /// SHA-256 of the export, in hex.
    #[serde(default)]
    pub sha256: Option<String>,
    /// When it was fetched, or last found unchanged: seconds since 1970.
    pub fetched_at: u64,
    /// Records it holds.
    #[serde(default)]
    pub records: usize,
    /// Records taken back by their authors.
    #[serde(default)]
    pub withdrawn: usize,
    /// Records that could not be understood.
    #[serde(default)]
    pub skipped: usize,
    /// How many packages have records.
    #[serde(default)]
    pub packages: usize,
}

/// Why an index cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Something else altogether.
    #[error("it is not an index of advisories")]
    NotIndex,
    /// Made by another version of Casemate.
    #[error("it has format {0}, and this version of casemate reads format {FORMAT}")]
    OtherFormat(u32),
    /// Cut short or changed.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
    /// The bytes could not be had.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// Bytes that can be read by position.
pub trait Storage: Sync {
    /// How many there are.
    fn size(&self) -> io::Result<u64>;
    /// Fills the buffer from this position on.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}

impl<T: AsRef<[u8]> + Sync> Storage for T {
    fn size(&self) -> io::Result<u64> {
        Ok(self.as_ref().len() as u64)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.as_ref().get(offset..));
        match rest.and_then(|rest| rest.get(..buffer.len())) {
            Some(bytes) => {
                buffer.copy_from_slice(bytes);
                Ok(())
            }
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// What one database says about one package, as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// The record's own id, then its aliases.
    #[serde(rename = "i")]
    ids: Vec<String>,
    #[serde(rename = "t", default, skip_serializing_if = "String::is_empty")]
    summary: String,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(rename = "a")]
    affected: Affected,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    scored: Option<Scored>,
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    rating: Option<Rating>,
    #[serde(rename = "y", default, skip_serializing_if = "Vec::is_empty")]
    symbols: Vec<String>,
}

/// Makes the bytes of an index. The same records make the same bytes.
pub fn build(collection: Collection, mut provenance: Provenance) -> Result<Vec<u8>, IndexError> {
    let Counts { records, withdrawn, skipped, .. } = collection.counts();
    let mut packages: BTreeMap<PackageName, Vec<Kept>> = BTreeMap::new();
    for record in collection.into_records() {
        let mut told: BTreeMap<PackageName, About> = BTreeMap::new();
        for (name, about) in record.packages {
            let known = told.entry(name).or_default();
            known.affected.ranges.extend(about.affected.ranges);
            known.affected.versions.extend(about.affected.versions);
            known.scores.extend(about.scores);
            known.rating = known.rating.max(about.rating);
            known.symbols.extend(about.symbols);
        }
        for (name, mut about) in told {
            about.symbols.sort_unstable();
            about.symbols.dedup();
            packages.entry(name).or_default().push(Kept {
                ids: std::iter::once(&record.id).chain(&record.aliases).cloned().collect(),
                summary: record.summary.clone(),
                url: record.url.clone(),
                affected: about.affected.compact(),
                scored: newest(about.scores.iter()).cloned(),
                rating: about.rating,
                symbols: about.symbols,
            });
        }
    }
    provenance = Provenance { records, withdrawn, skipped, packages: packages.len(), ..provenance };

    let (mut rows, mut names, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
    for (name, kept) in &packages {
        let mut groups: Vec<Vec<&Kept>> = Vec::new();
        for group in join::groups(kept.iter().map(|kept| kept.ids.iter().map(String::as_str))) {
            groups.push(group.into_iter().filter_map(|at| kept.get(at)).collect());
        }
        let body = serde_json::to_vec(&groups).map_err(io::Error::from)?;
        for number in [names.len(), name.as_str().len(), bodies.len(), body.len()] {
            rows.extend(number_of(number)?.to_le_bytes());
        }
        rows.extend(digest(&body));
        names.extend(name.as_str().as_bytes());
        bodies.extend(body);
    }
    assemble(&provenance, &rows, &names, &bodies)
}

fn assemble(provenance: &Provenance, rows: &[u8], names: &[u8], bodies: &[u8]) -> Result<Vec<u8>, IndexError> {
    let told = serde_json::to_vec(provenance).map_err(io::Error::from)?;
    let mut hash = Sha256::new();
    for part in [&told, rows, names] {
        hash.update(part);
    }
    let mut bytes = Vec::with_capacity(HEAD + told.len() + rows.len() + names.len() + bodies.len());
    bytes.extend(MAGIC);
    for number in [FORMAT, number_of(told.len())?, number_of(rows.len() / ROW)?, number_of(names.len())?] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend((bodies.len() as u64).to_le_bytes());
    bytes.extend(hash.finalize());
    for part in [&told, rows, names, bodies] {
        bytes.extend(part);
    }
    Ok(bytes)
}

fn number_of(number: usize) -> Result<u32, IndexError> {
    u32::try_from(number).map_err(|_| io::Error::other("there are more than 4 GiB of records").into())
}

fn digest(bytes: &[u8]) -> [u8; DIGEST] {
    let whole: [u8; 32] = Sha256::digest(bytes).into();
    let mut half = [0; DIGEST];
    half.copy_from_slice(whole.split_at(DIGEST).0);
    half
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// An index that can be asked.
#[derive(Debug)]
pub struct Index<S> {
    storage: S,
    provenance: Provenance,
    rows: Vec<u8>,
    names: Vec<u8>,
    bodies_at: u64,
    bodies_size: u64,
}

/// Where the records of a package are.
struct Row {
    at: u32,
    size: u32,
    digest: [u8; DIGEST],
}

impl<S: Storage> Index<S> {
    /// Reads the head and the names, and makes sure that they are whole.
    pub fn open(storage: S) -> Result<Self, IndexError> {
        let size = storage.size()?;
        let mut head = [0; HEAD];
        if size < HEAD as u64 {
            let mut magic = [0; MAGIC.len()];
            let is_ours = storage.read_at(0, &mut magic).is_ok() && magic == *MAGIC;
            return Err(if is_ours { IndexError::Damaged("it is cut short") } else { IndexError::NotIndex });
        }
        storage.read_at(0, &mut head)?;
        if !head.starts_with(MAGIC) {
            return Err(IndexError::NotIndex);
        }
        let number = |at| u32_at(&head, at).ok_or(IndexError::NotIndex);
        let (format, told, packages, names) = (number(8)?, number(12)?, number(16)?, number(20)?);
        if format != FORMAT {
            return Err(IndexError::OtherFormat(format));
        }
        let bodies_size = u64::from(number(24)?) | u64::from(number(28)?) << 32;
        let rows_size = u64::from(packages) * ROW as u64;
        let bodies_at = HEAD as u64 + u64::from(told) + rows_size + u64::from(names);
        // SECURITY: nothing is allocated by a number that the size of the file does not bear out.
        match bodies_at.checked_add(bodies_size).map(|expected| expected.cmp(&size)) {
            Some(Ordering::Equal) => {}
            Some(Ordering::Less) => return Err(IndexError::Damaged("something follows its end")),
            _ => return Err(IndexError::Damaged("it is cut short")),
        }
        let too_large = |_| IndexError::Damaged("it is larger than this machine can address");
        let part = |from: u64, size: u64| {
            let mut bytes = vec![0; usize::try_from(size).map_err(too_large)?];
            storage.read_at(from, &mut bytes)?;
            Ok::<_, IndexError>(bytes)
        };
        let told_at = HEAD as u64;
        let rows_at = told_at + u64::from(told);
        let told = part(told_at, u64::from(told))?;
        let rows = part(rows_at, rows_size)?;
        let names = part(rows_at + rows_size, u64::from(names))?;
        let mut hash = Sha256::new();
        for part in [&told, &rows, &names] {
            hash.update(part);
        }
        if hash.finalize()[..] != head[32..] {
            return Err(IndexError::Damaged("its names or its head were changed"));
        }
        let provenance =
            serde_json::from_slice(&told).map_err(|_| IndexError::Damaged("it does not say where it comes from"))?;
        Ok(Self { storage, provenance, rows, names, bodies_at, bodies_size })
    }

    /// Where it comes from and what it holds.
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// Reads every record and makes sure that all are whole.
    pub fn verify(&self) -> Result<(), IndexError> {
        let mut before: Option<&[u8]> = None;
        for at in 0..self.rows.len() / ROW {
            let (name, row) = self.row(at).ok_or(IndexError::Damaged("its table points nowhere"))?;
            if before.is_some_and(|before| before >= name) {
                return Err(IndexError::Damaged("its names are out of order"));
            }
            self.kept(&row)?;
            before = Some(name);
        }
        Ok(())
    }

    /// The same records under another account of where they come from.
    pub fn with_provenance(&self, provenance: &Provenance) -> Result<Vec<u8>, IndexError> {
        self.verify()?;
        let size = usize::try_from(self.bodies_size).map_err(|_| IndexError::Damaged("it is too large"))?;
        let mut bodies = vec![0; size];
        self.storage.read_at(self.bodies_at, &mut bodies)?;
        assemble(provenance, &self.rows, &self.names, &bodies)
    }

    fn row(&self, at: usize) -> Option<(&[u8], Row)> {
        let start = at.checked_mul(ROW)?;
        let row = self.rows.get(start..start.checked_add(ROW)?)?;
        let number = |at| u32_at(row, at);
        let name_at = number(0)? as usize;
        let name = self.names.get(name_at..name_at.checked_add(number(4)? as usize)?)?;
        Some((name, Row { at: number(8)?, size: number(12)?, digest: *row.last_chunk()? }))
    }

    fn find(&self, name: &PackageName) -> Result<Option<Row>, IndexError> {
        let (mut low, mut high) = (0, self.rows.len() / ROW);
        while low < high {
            let middle = low + (high - low) / 2;
            let (here, row) = self.row(middle).ok_or(IndexError::Damaged("its table points nowhere"))?;
            match here.cmp(name.as_str().as_bytes()) {
                Ordering::Equal => return Ok(Some(row)),
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
            }
        }
        Ok(None)
    }

    fn kept(&self, row: &Row) -> Result<Vec<Vec<Kept>>, IndexError> {
        if u64::from(row.at) + u64::from(row.size) > self.bodies_size {
            return Err(IndexError::Damaged("its table points nowhere"));
        }
        let mut bytes = vec![0; row.size as usize];
        self.storage.read_at(self.bodies_at + u64::from(row.at), &mut bytes)?;
        if digest(&bytes) != row.digest {
            return Err(IndexError::Damaged("a record was changed"));
        }
        serde_json::from_slice(&bytes).map_err(|_| IndexError::Damaged("a record cannot be understood"))
    }
}

impl<S: Storage> Advisories for Index<S> {
    fn about(&self, name: &PackageName, version: &Version) -> Result<Vec<Advisory>, IndexError> {
        let Some(row) = self.find(name)? else { return Ok(Vec::new()) };
        let mut found: Vec<Advisory> =
            self.kept(&row)?.into_iter().filter_map(|group| advisory(group, version)).collect();
        found.sort_by(worst_first);
        Ok(found)
    }
}

fn worst_first(a: &Advisory, b: &Advisory) -> Ordering {
    let score = |one: &Advisory| one.score.unwrap_or(-1.0);
    (b.is_malicious.cmp(&a.is_malicious))
        .then(b.rating.cmp(&a.rating))
        .then(score(b).total_cmp(&score(a)))
        .then(a.id.cmp(&b.id))
}

/// What the records of one hole that are about this version say together.
fn advisory(group: Vec<Kept>, version: &Version) -> Option<Advisory> {
    let prepared = group.into_iter().map(|mut kept| (std::mem::take(&mut kept.affected).prepared(), kept));
    // One record that says so is enough: who publishes a narrower range has looked at fewer versions more often than at
    // the others more closely. A record that is not about this version names nothing here.
    let about: Vec<(Prepared, Kept)> = prepared.filter(|(affected, _)| affected.covers(version)).collect();
    if about.is_empty() {
        return None;
    }
    let mut fixed: Vec<Version> =
        about.iter().flat_map(|(affected, _)| affected.fixed_after(version)).cloned().collect();
    fixed.retain(|fixed| !about.iter().any(|(affected, _)| affected.covers(fixed)));
    fixed.sort();
    fixed.dedup();
    let mut ids: Vec<&String> = about.iter().flat_map(|(_, kept)| &kept.ids).collect();
    ids.sort();
    ids.dedup();
    let id = ids.iter().min_by_key(|id| join::rank(id)).map(|id| (*id).clone())?;
    let scored = newest(about.iter().filter_map(|(_, kept)| kept.scored.as_ref()));
    // The records in the order of what they are called, so that the best-known database speaks first.
    let mut speakers: Vec<&Kept> = about.iter().map(|(_, kept)| kept).collect();
    speakers.sort_by_key(|kept| kept.ids.first().map(|id| join::rank(id)));
    let mut symbols: Vec<String> = about.iter().flat_map(|(_, kept)| kept.symbols.iter().cloned()).collect();
    symbols.sort_unstable();
    symbols.dedup();
    Some(Advisory {
        aliases: ids.iter().filter(|other| ***other != id).map(|other| (*other).clone()).collect(),
        summary: speakers.iter().map(|kept| &kept.summary).find(|text| !text.is_empty()).cloned().unwrap_or_default(),
        score: scored.map(|scored| scored.score),
        vector: scored.map(|scored| scored.vector.clone()),
        rating: match scored {
            Some(scored) => Some(Rating::of(scored.score)),
            None => about.iter().filter_map(|(_, kept)| kept.rating).max(),
        },
        fixed,
        is_malicious: ids.iter().any(|id| id.starts_with("MAL-")),
        url: speakers.iter().find_map(|kept| kept.url.clone()),
        symbols,
        id,
    })
}
