//! Secrets that their own form gives away: provider tokens, private keys, connection strings.
//!
//! One pass over the whole text looks for the keywords of all detectors at once; only around a hit does anything else run.

mod bound_name;
mod catalogue;
mod connection;
mod detector;
mod jwt;
mod keywords;
mod private_key;
mod proof;
mod sample;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use regex::bytes::Regex;

pub use detector::{Detector, Verify};

use crate::leak::{Leak, Proof};
use detector::{Check, Form};
use keywords::Keywords;

/// The longest secret that a pattern recognises.
const LONGEST: usize = 4096;

/// How far before its keyword a secret begins that has the keyword inside.
const BEFORE: usize = 160;

/// How far after its keyword a secret stands that has no form of its own, in bytes and in lines.
const NEAR: usize = 240;
const NEAR_LINES: usize = 4;

/// A run of Base64 this much longer than the secret in it is data, and the likeness is chance.
const BLOB: usize = 80;

/// Every detector there is.
pub fn detectors() -> impl Iterator<Item = &'static Detector> {
    INDEX.detectors.iter().map(|known| known.detector)
}

/// The detector with this id.
pub fn detector(id: &str) -> Option<&'static Detector> {
    INDEX.by_id.get(id).copied()
}

/// Where a keyword of a detector stands.
struct Hit<'t> {
    text: &'t str,
    /// Of the keyword.
    span: Range<usize>,
    detector: &'static Detector,
}

impl Hit<'_> {
    /// A leak of this detector.
    fn leak(&self, span: Range<usize>, proof: Proof) -> Leak {
        Leak {
            name: bound_name::of(self.text, span.start).to_owned(),
            span,
            kind: self.detector.kind,
            detector: self.detector.id,
            what: self.detector.what.to_owned(),
            proof,
            decoded: None,
        }
    }
}

/// A detector with what is made of its pattern once, when it is first needed.
struct Known {
    detector: &'static Detector,
    regex: OnceLock<Option<Regex>>,
}

struct Index {
    detectors: Vec<Known>,
    by_id: HashMap<&'static str, &'static Detector>,
    keywords: Keywords,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let all = catalogue::ALL.iter().copied().flatten();
    let detectors: Vec<Known> = all.map(|detector| Known { detector, regex: OnceLock::new() }).collect();
    let owned = (0..).zip(&detectors);
    let keywords =
        owned.flat_map(|(number, known)| known.detector.keywords.iter().map(move |keyword| (*keyword, number)));
    let keywords = Keywords::new(keywords);
    let by_id = detectors.iter().map(|known| (known.detector.id, known.detector)).collect();
    Index { detectors, by_id, keywords }
});

/// Finds them in any text.
pub(crate) fn find(text: &str, leaks: &mut Vec<Leak>) {
    let index = &*INDEX;
    index.keywords.find(text.as_bytes(), &mut |start, keyword, owner| {
        let Some(known) = index.detectors.get(usize::from(owner)) else { return };
        let span = start..start + keyword.len();
        let exact = text.get(span.clone()) == Some(keyword);
        let hit = Hit { text, span, detector: known.detector };
        match &known.detector.form {
            Form::Starts(pattern) if exact && opens(text.as_bytes(), start) => {
                starting(&hit, known, pattern, start, leaks);
            }
            Form::Holds(pattern) if exact => {
                let start = run_start(text.as_bytes(), start);
                starting(&hit, known, pattern, start, leaks);
            }
            Form::Starts(_) | Form::Holds(_) => {}
            Form::Near(pattern, names) => near(&hit, known, pattern, names, leaks),
            Form::Code(find) => find(&hit, leaks),
        }
    });
}

/// A secret whose pattern begins here.
fn starting(hit: &Hit<'_>, known: &Known, pattern: &str, start: usize, leaks: &mut Vec<Leak>) {
    let bytes = hit.text.as_bytes();
    let window = bytes.get(start..bytes.len().min(start + LONGEST)).unwrap_or_default();
    let regex = known.regex.get_or_init(|| Regex::new(&format!("^(?:{pattern})")).ok());
    let Some(captures) = regex.as_ref().and_then(|regex| regex.captures(window)) else { return };
    let Some(found) = captures.get(1).or_else(|| captures.get(0)) else { return };
    let span = start + found.start()..start + found.end();
    let Some(secret) = hit.text.get(span.clone()) else { return };
    if !closes(bytes, span.end, secret, pattern) {
        return;
    }
    let proof = match known.detector.check.map_or(Check::Plausible, |check| check(secret)) {
        Check::Wrong => return,
        Check::Proved => Proof::Checksum,
        Check::Plausible => {
            let keyword = hit.text.get(hit.span.clone()).unwrap_or_default();
            if sample::is_sample(secret, keyword) || is_blob(bytes, &span) {
                return;
            }
            Proof::Structure
        }
    };
    if !sample::is_published(secret) && !is_signed_address(bytes, span.start) {
        leaks.push(hit.leak(span, proof));
    }
}

/// Secrets without a form of their own that stand near this keyword.
fn near(hit: &Hit<'_>, known: &Known, pattern: &str, names: &[&str], leaks: &mut Vec<Leak>) {
    let bytes = hit.text.as_bytes();
    let window = bytes.get(hit.span.end..bytes.len().min(hit.span.end + NEAR + LONGEST / 4)).unwrap_or_default();
    let end = memchr_nth(window, NEAR_LINES);
    let window = window.get(..end).unwrap_or(window);
    let regex = known.regex.get_or_init(|| Regex::new(pattern).ok());
    let Some(regex) = regex else { return };
    let fixed =
        pattern.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-')).next().unwrap_or_default();
    for captures in regex.captures_iter(window) {
        let Some(found) = captures.get(1).or_else(|| captures.get(0)) else { continue };
        if found.start() > NEAR {
            return;
        }
        let span = hit.span.end + found.start()..hit.span.end + found.end();
        let Some(secret) = hit.text.get(span.clone()) else { continue };
        if !opens(bytes, span.start) || follows(bytes, span.start) || !closes(bytes, span.end, secret, pattern) {
            continue;
        }
        let name = bound_name::of(hit.text, span.start);
        // A name that is the keyword itself, or has it in it, speaks as well as one of the words.
        let fits = names.iter().any(|word| word.is_empty() || contains_ignoring_case(name, word));
        let check = known.detector.check.map_or(Check::Plausible, |check| check(secret));
        if !fits || check == Check::Wrong {
            continue;
        }
        if !sample::is_sample(secret, fixed) && !sample::is_published(secret) && !is_blob(bytes, &span) {
            leaks.push(hit.leak(span, if check == Check::Proved { Proof::Checksum } else { Proof::Role }));
            return;
        }
    }
}

fn contains_ignoring_case(text: &str, word: &str) -> bool {
    text.as_bytes().windows(word.len().max(1)).any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

/// Where the n-th line ends.
fn memchr_nth(bytes: &[u8], lines: usize) -> usize {
    let mut ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(index, _)| index);
    ends.nth(lines.saturating_sub(1)).unwrap_or(bytes.len())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether a secret can begin here: not inside a word, unless what looks like its end is an escape (`\n`, `%3D`, `\x3d`,
/// `\u003d`).
fn opens(bytes: &[u8], start: usize) -> bool {
    let before = bytes.get(start.saturating_sub(6)..start).unwrap_or_default();
    match before {
        [.., b'\\', b'n' | b'r' | b't' | b'"' | b'\''] => true,
        [.., b'%', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => true,
        [.., b'\\', b'x', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => true,
        [b'\\', b'u', rest @ ..] if rest.iter().all(u8::is_ascii_hexdigit) => true,
        [.., last] => !is_word(*last),
        [] => true,
    }
}

/// Whether what stands before continues into this: a path, a longer Base64 text, a number.
fn follows(bytes: &[u8], start: usize) -> bool {
    matches!(start.checked_sub(1).and_then(|at| bytes.get(at)), Some(b'/' | b'+' | b'.' | b'-' | b'#' | b'@'))
}

/// Whether a secret can end here.
fn closes(bytes: &[u8], end: usize, secret: &str, pattern: &str) -> bool {
    let Some(&next) = bytes.get(end) else { return true };
    if secret.ends_with(['=', '"', '\'']) {
        return next != b'=';
    }
    let after = bytes.get(end + 1).copied().unwrap_or(b' ');
    match next {
        b'-' => !(is_word(after) && pattern.contains("_-]")),
        b'+' | b'/' => !(is_word(after) && pattern.contains("+/")),
        b'=' => !(pattern.contains("+/") && after == b'='),
        _ => !is_word(next),
    }
}

/// Where the run of characters that secrets are made of begins.
fn run_start(bytes: &[u8], hit: usize) -> usize {
    let before = bytes.get(hit.saturating_sub(BEFORE)..hit).unwrap_or_default();
    let belongs = |byte: &u8| is_word(*byte) || matches!(byte, b'-' | b'~' | b'.' | b'+' | b'/' | b':');
    let start = hit - before.iter().rev().take_while(|byte| belongs(byte)).count();
    // The letter of a written-out line end is not part of it.
    match bytes.get(start.saturating_sub(1)..=start) {
        Some([b'\\', b'n' | b'r' | b't']) if start < hit => start + 1,
        _ => start,
    }
}

/// Whether this is the id of a key in an address that was signed with it, which is made to be given away.
fn is_signed_address(bytes: &[u8], start: usize) -> bool {
    let before = bytes.get(start.saturating_sub(24)..start).unwrap_or_default();
    before.ends_with(b"X-Amz-Credential=")
        || before.ends_with(b"AWSAccessKeyId=")
        || before.ends_with(b"GoogleAccessId=")
}

/// Whether this is a piece of a long run of Base64.
fn is_blob(bytes: &[u8], span: &Range<usize>) -> bool {
    let belongs = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let before = bytes.get(span.start.saturating_sub(BLOB)..span.start).unwrap_or_default();
    let after = bytes.get(span.end..bytes.len().min(span.end + BLOB)).unwrap_or_default();
    let around = before.iter().rev().take_while(belongs).count() + after.iter().take_while(belongs).count();
    around >= BLOB
}
