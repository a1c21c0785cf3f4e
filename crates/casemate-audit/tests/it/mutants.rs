//! Mutants of the examples of all rules: whatever is cut, doubled or mixed up in them, the audit ends and tells.
//!
//! A short round runs with the tests. `CASEMATE_MUTANTS=100000` runs so many, and `CASEMATE_MUTANTS_FROM=4711` begins
//! there, so that one that failed can be had again. `fuzz/` asks the same with a fuzzer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use casemate_audit::rules::ALL;
use casemate_packages::advisories::{Collection, Index, Provenance, build};

use crate::fuzz::{examples, look_up, survive};
use crate::synthetic::expand;

/// How many there are in a short round.
const SHORT: usize = 400;

/// What a mutant may get that no example has.
const ODD: [&str; 40] = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\"\"\"",
    "'",
    "f'{",
    "\\",
    "\\\n",
    "\t",
    "\r",
    "\r\n",
    "\u{feff}",
    "\u{0}",
    "\u{2028}",
    "\u{202e}",
    "名前",
    "e\u{301}",
    ":",
    "=",
    ":=",
    "*",
    "**",
    "@",
    "lambda: ",
    "await ",
    "yield ",
    "not ",
    "async ",
    "# casemate: ignore[",
    "-- ",
    "${",
    "{{",
    "%}",
    "<!--",
    "9999999999999999999999",
    "-1",
    "~=",
];

/// Splitmix64: the same number gives the same mutant everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn of<'t, T>(&mut self, all: &'t [T]) -> Option<&'t T> {
        all.get(self.below(all.len()))
    }
}

/// Words, runs of white space without line breaks, and single signs.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind = |c: char| match c {
            '\n' => 0,
            _ if c.is_whitespace() => 1,
            _ if c.is_alphanumeric() || c == '_' => 2,
            _ => 3,
        };
        let end = match kind(first) {
            0 | 3 => first.len_utf8(),
            same => rest.find(|c| kind(c) != same).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(end);
        tokens.push(token);
        rest = after;
    }
    tokens
}

/// Changes the pieces of a text: lines or tokens.
fn change(random: &mut Random, pieces: &mut Vec<String>, others: &[&str]) {
    let at = random.below(pieces.len());
    let length = 1 + random.below(6).min(pieces.len().saturating_sub(at + 1));
    match random.below(8) {
        0 => drop(pieces.drain(at..(at + length).min(pieces.len()))),
        1 => {
            let doubled: Vec<String> = pieces[at..(at + length).min(pieces.len())].to_vec();
            let times = [1, 1, 2, 40][random.below(4)];
            for _ in 0..times {
                pieces.splice(at..at, doubled.clone());
            }
        }
        2 => {
            let with = random.below(pieces.len());
            if at < pieces.len() && with < pieces.len() {
                pieces.swap(at, with);
            }
        }
        3 | 4 => {
            let from = random.below(others.len());
            let taken: Vec<String> =
                others.iter().skip(from).take(1 + random.below(12)).map(|&piece| piece.to_owned()).collect();
            let replaced = at..(at + random.below(3)).min(pieces.len());
            pieces.splice(replaced, taken);
        }
        5 => {
            let odd = ODD.map(|odd| odd.repeat([1, 1, 2, 60][random.below(4)]));
            pieces.splice(at..at, random.of(&odd).cloned());
        }
        6 => pieces.truncate(at + 1),
        _ => {
            if let Some(piece) = pieces.get_mut(at) {
                *piece = match random.below(4) {
                    0 => piece.trim_start().to_owned(),
                    1 => format!("    {piece}"),
                    2 => piece.chars().rev().collect(),
                    _ => format!("{piece}{piece}"),
                };
            }
        }
    }
}

fn mutated(random: &mut Random, text: &str, other: &str) -> Vec<u8> {
    let mut text = text.to_owned();
    for _ in 0..1 + random.below(5) {
        let by_line = random.below(2) == 0;
        let split = |text: &str| -> Vec<String> {
            match by_line {
                true => text.split_inclusive('\n').map(str::to_owned).collect(),
                false => tokens(text).into_iter().map(str::to_owned).collect(),
            }
        };
        let (mut pieces, others) = (split(&text), split(other));
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        if !pieces.is_empty() {
            change(random, &mut pieces, &others);
        }
        text = pieces.concat();
    }
    let mut bytes = text.into_bytes();
    if random.below(12) == 0 && !bytes.is_empty() {
        let at = random.below(bytes.len());
        bytes[at] = random.next().to_le_bytes()[0];
    }
    bytes
}

fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn mutants_of_every_example_are_survived() {
    let samples: Vec<Vec<(String, String)>> = ALL
        .iter()
        .flat_map(|rule| examples(rule.page))
        .map(|files| files.into_iter().map(|(path, text)| (path, expand(&text))).collect())
        .collect();
    let texts: Vec<&str> = samples.iter().flatten().map(|(_, text)| text.as_str()).collect();
    assert!(texts.len() > 500, "the examples are no longer found: {}", texts.len());
    let (count, from) = (number("CASEMATE_MUTANTS"), number("CASEMATE_MUTANTS_FROM").unwrap_or(0));
    let (end, next) = (from + count.unwrap_or(SHORT), AtomicUsize::new(from));
    let one = |at: usize| {
        let mut random = Random(at as u64);
        let Some(files) = random.of(&samples) else { return };
        let other = random.of(&texts).copied().unwrap_or_default();
        let files: Vec<(&str, Vec<u8>)> =
            files.iter().map(|(path, text)| (path.as_str(), mutated(&mut random, text, other))).collect();
        let began = Instant::now();
        let survived = catch_unwind(AssertUnwindSafe(|| {
            let mut collection = Collection::new();
            for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with("advisories/")) {
                look_up(bytes);
                collection.add(path, bytes);
            }
            let index = Index::open(build(collection, Provenance::default()).unwrap()).unwrap();
            let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (*path, bytes.as_slice())).collect();
            survive(&files, Some(&index));
        }));
        let shown = || {
            let texts = files.iter().map(|(path, bytes)| format!("--- {path}\n{}", String::from_utf8_lossy(bytes)));
            texts.collect::<Vec<_>>().join("\n")
        };
        assert!(survived.is_ok(), "mutant {at} was not survived:\n{}", shown());
        if count.is_some() && began.elapsed() > Duration::from_secs(2) {
            println!("mutant {at} took {:.1} s:\n{}", began.elapsed().as_secs_f32(), shown());
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= end {
                        break;
                    }
                    one(at);
                }
            });
        }
    });
}
