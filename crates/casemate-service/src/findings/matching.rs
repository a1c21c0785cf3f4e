//! Finds out which results of a report are findings we know. Pure: no store, no clock.
//!
//! A result is known by what the tool itself recognises it by, else by its code, never by its line numbers. Passes go
//! from the surest sign to the weakest, and each takes only what the ones before left over.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::sarif::Reported;

/// The signs by which a finding is recognised, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// The tool's own fingerprint, where it is unique in the run.
    Own,
    /// Rule, file, enclosing function, code, and the how-manieth of these.
    Code,
    /// Rule, file, code, and the how-manieth of these: the function was renamed.
    File,
    /// Rule, function and code in a file of the same name: the folder was renamed.
    MovedFolder,
    /// Rule, function and code in any file.
    MovedFile,
}

impl Sign {
    /// All of them, the surest first.
    pub const ALL: [Self; 5] = [Self::Own, Self::Code, Self::File, Self::MovedFolder, Self::MovedFile];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Code => "code",
            Self::File => "file",
            Self::MovedFolder => "moved_folder",
            Self::MovedFile => "moved_file",
        }
    }

    /// The kind with that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sign| sign.as_str() == word)
    }

    /// Several results may share such a sign; then it says nothing.
    fn must_be_unique(self) -> bool {
        matches!(self, Self::Own | Self::MovedFolder | Self::MovedFile)
    }

    /// The result is elsewhere than the finding was.
    fn is_of_a_move(self) -> bool {
        matches!(self, Self::MovedFolder | Self::MovedFile)
    }
}

/// The signs of one result, as digests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signs(BTreeMap<Sign, String>);

impl Signs {
    /// From what was stored.
    pub fn from_stored(pairs: impl IntoIterator<Item = (Sign, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// Each with its digest.
    pub fn iter(&self) -> impl Iterator<Item = (Sign, &str)> {
        self.0.iter().map(|(sign, digest)| (*sign, digest.as_str()))
    }

    fn get(&self, sign: Sign) -> Option<&str> {
        self.0.get(&sign).map(String::as_str)
    }
}

/// A finding we know, in the scope of the report.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its signs when it was last seen.
    pub signs: Signs,
    /// Whether it was there at the last complete scan.
    pub is_open: bool,
}

/// A result to be matched.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// What was reported.
    pub reported: Reported,
    /// By what it will be recognised.
    pub signs: Signs,
    /// The finding it is, as an index into the known ones.
    pub known: Option<usize>,
}

/// What a report says about the findings we know.
#[derive(Clone, Debug)]
pub struct Matched {
    /// Results, each once, in an order that does not depend on the report's.
    pub candidates: Vec<Candidate>,
    /// Known open findings the report does not have, as indexes. They count as gone only if the scan was complete.
    pub missing: Vec<usize>,
}

/// Matches the results of one run with the known findings of the same scope.
///
/// `known` comes in the order the findings were first seen; where two fit equally well, the older one is taken.
pub fn matched(known: &[Known], reported: Vec<Reported>, is_complete: bool) -> Matched {
    let mut candidates = signed(reported);
    let mut taken = vec![false; known.len()];
    for sign in Sign::ALL {
        // A file that the tool could not read has not moved.
        if sign.is_of_a_move() && !is_complete {
            continue;
        }
        take(sign, known, &mut taken, &mut candidates);
    }
    let missing = (0..known.len()).filter(|&n| known[n].is_open && !taken[n]).collect();
    Matched { candidates, missing }
}

fn take(sign: Sign, known: &[Known], taken: &mut [bool], candidates: &mut [Candidate]) {
    let mut by_digest: HashMap<&str, Vec<usize>> = HashMap::new();
    for (n, one) in known.iter().enumerate() {
        // What is gone comes back where it was; something alike elsewhere is new, and no old decision is about it.
        let counts = !taken[n] && (one.is_open || !sign.is_of_a_move());
        if let Some(digest) = one.signs.get(sign).filter(|_| counts) {
            by_digest.entry(digest).or_default().push(n);
        }
    }
    if by_digest.is_empty() {
        return;
    }
    let mut wanted: HashMap<&str, usize> = HashMap::new();
    for candidate in candidates.iter().filter(|candidate| candidate.known.is_none()) {
        if let Some(digest) = candidate.signs.get(sign) {
            *wanted.entry(digest).or_default() += 1;
        }
    }
    let fits: Vec<Option<usize>> = candidates
        .iter()
        .map(|candidate| {
            let digest = candidate.signs.get(sign).filter(|_| candidate.known.is_none())?;
            let found = by_digest.get(digest)?;
            if sign.must_be_unique() {
                let open: Vec<usize> = found.iter().copied().filter(|&n| known[n].is_open).collect();
                return match (wanted.get(digest), open.as_slice(), found.as_slice()) {
                    (Some(1), [one], _) | (Some(1), [], [one]) => Some(*one),
                    _ => None,
                };
            }
            found.iter().copied().filter(|&n| !taken[n]).min_by_key(|&n| (!known[n].is_open, n))
        })
        .collect();
    for (candidate, fit) in candidates.iter_mut().zip(fits) {
        if let Some(n) = fit.filter(|&n| !taken[n]) {
            taken[n] = true;
            candidate.known = Some(n);
        }
    }
}

/// Puts results into their order, drops those told twice and signs the others.
fn signed(mut reported: Vec<Reported>) -> Vec<Candidate> {
    reported.sort();
    reported.dedup();
    let own: Vec<Option<String>> =
        reported.iter().map(|one| Some(digest(&["own", &one.rule, one.fingerprint.as_deref()?]))).collect();
    let mut times: HashMap<&str, usize> = HashMap::new();
    for digest in own.iter().flatten() {
        *times.entry(digest).or_default() += 1;
    }
    let is_unique: Vec<bool> = own.iter().map(|own| own.as_deref().is_some_and(|own| times[own] == 1)).collect();
    let mut count = Counter::default();
    let signs: Vec<Signs> = reported
        .iter()
        .zip(own)
        .zip(is_unique)
        .map(|((one, own), is_unique)| {
            let at = &one.occurrence.0;
            let name = at.path.rsplit('/').next().unwrap_or_default();
            let mut signs = BTreeMap::new();
            if let Some(own) = own.filter(|_| is_unique) {
                signs.insert(Sign::Own, own);
            }
            signs.insert(Sign::Code, count.nth(&["code", &one.rule, &at.path, &at.function, &one.code]));
            signs.insert(Sign::File, count.nth(&["file", &one.rule, &at.path, &one.code]));
            signs.insert(Sign::MovedFolder, digest(&["moved_folder", &one.rule, name, &at.function, &one.code]));
            signs.insert(Sign::MovedFile, digest(&["moved_file", &one.rule, &at.function, &one.code]));
            Signs(signs)
        })
        .collect();
    reported.into_iter().zip(signs).map(|(reported, signs)| Candidate { reported, signs, known: None }).collect()
}

/// Tells equals apart by their order in the file, which survives when lines move.
#[derive(Default)]
struct Counter(HashMap<String, usize>);

impl Counter {
    fn nth(&mut self, parts: &[&str]) -> String {
        let plain = digest(parts);
        let count = self.0.entry(plain.clone()).or_default();
        let nth = count.to_string();
        *count += 1;
        digest(&[&plain, &nth])
    }
}

/// SHA-256 over the parts, each with its length before it, so that no two lists of parts give the same bytes.
fn digest(parts: &[&str]) -> String {
    let mut sha = Sha256::new();
    sha.update(b"casemate/finding-sign/v1\0");
    for part in parts {
        sha.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        sha.update(part.as_bytes());
    }
    sha.finalize().iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
