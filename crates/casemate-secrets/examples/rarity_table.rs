//! Writes the table that tells words from chance: `cargo run --release -p casemate-secrets --example rarity_table --
//! OUT FOLDER…`, where each folder is an unpacked public package.
//!
//! Each different name or word of a package counts once for the package, so that no file can outvote the others. Texts
//! that are long and change often between letters and digits are left out: they are the digests and keys that the table
//! is there to find.
#![expect(clippy::print_stderr, reason = "a tool talks to the person who started it")]

use std::collections::HashSet;
use std::error::Error;
use std::fs;
use std::path::Path;

#[path = "../src/value/rarity/classes.rs"]
#[expect(unreachable_pub, reason = "the file is a module of the library")]
mod classes;

use classes::{BIT, CASES, CLASSES, TABLE_LEN, case, class, place, place_of_capital};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().ok_or("usage: rarity_table OUT FOLDER…")?;
    let mut counts = Counts::default();
    for folder in arguments {
        let mut words = HashSet::new();
        collect(Path::new(&folder), &mut words)?;
        eprintln!("{folder}: {} words", words.len());
        words.iter().for_each(|word| counts.count(word));
    }
    fs::write(out, counts.table())?;
    Ok(())
}

/// The different words of the texts below a folder.
fn collect(path: &Path, words: &mut HashSet<String>) -> Result<(), Box<dyn Error>> {
    if path.is_symlink() {
        return Ok(());
    }
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), words)?;
        }
        return Ok(());
    }
    let is_small = path.metadata()?.len() < 2_000_000;
    if let Ok(text) = if is_small { fs::read_to_string(path) } else { return Ok(()) } {
        // Minified and generated texts have lines that no person writes.
        for line in text.lines().filter(|line| line.len() < 400) {
            for word in line.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'))) {
                let word = word.trim_matches(['_', '-', '.', '/']);
                if word.len() >= 3 && word.len() <= 60 && !looks_coded(word) && !words.contains(word) {
                    words.insert(word.to_owned());
                }
            }
        }
    }
    Ok(())
}

/// Whether a word changes too often between letters and digits, or is a long run of hexadecimal digits.
fn looks_coded(word: &str) -> bool {
    let changes = word.as_bytes().windows(2).filter(|pair| matches!(pair, [a, b] if a.is_ascii_digit() != b.is_ascii_digit() && a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric())).count();
    changes > 4
        || (word.len() >= 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
        || word.bytes().all(|byte| byte.is_ascii_digit())
}

#[derive(Default)]
struct Counts {
    three: Vec<u32>,
    two: Vec<u32>,
    capital: Vec<u32>,
}

impl Counts {
    fn count(&mut self, word: &str) {
        self.three.resize(CLASSES * CLASSES * CLASSES, 0);
        self.two.resize(CLASSES * CLASSES, 0);
        self.capital.resize(CASES * CASES * 2, 0);
        let (mut before, mut last) = (0_u8, 0_u8);
        for byte in word.bytes().chain([0]) {
            add(&mut self.three, place(class(before), class(last), class(byte)));
            add(&mut self.two, class(last) * CLASSES + class(byte));
            if byte.is_ascii_alphabetic() {
                let at = place_of_capital(case(before), case(last)) - CLASSES * CLASSES * CLASSES;
                add(&mut self.capital, at + usize::from(byte.is_ascii_lowercase()));
            }
            (before, last) = (last, byte);
        }
    }

    /// Costs in parts of a bit; what was seen seldom leans on the shorter context.
    fn table(&self) -> Vec<u8> {
        let mut table = Vec::with_capacity(TABLE_LEN);
        let at = |counts: &[u32], place: usize| counts.get(place).copied().map_or(0.0, f64::from);
        for before in 0..CLASSES {
            for last in 0..CLASSES {
                let seen: f64 = (0..CLASSES).map(|class| at(&self.three, place(before, last, class))).sum();
                let seen_last: f64 = (0..CLASSES).map(|class| at(&self.two, last * CLASSES + class)).sum();
                for class in 0..CLASSES {
                    let shorter = (at(&self.two, last * CLASSES + class) + 0.5) / (seen_last + 0.5 * CLASSES as f64);
                    let probability = (at(&self.three, place(before, last, class)) + 8.0 * shorter) / (seen + 8.0);
                    table.push(quantised(probability));
                }
            }
        }
        for pair in self.capital.chunks(2) {
            let [capital, small] = pair else { continue };
            let (capital, small) = (f64::from(*capital) + 1.0, f64::from(*small) + 1.0);
            table.push(quantised(capital / (capital + small)));
            table.push(quantised(small / (capital + small)));
        }
        table
    }
}

fn add(counts: &mut [u32], place: usize) {
    if let Some(count) = counts.get_mut(place) {
        *count += 1;
    }
}

fn quantised(probability: f64) -> u8 {
    (-probability.log2() * f64::from(BIT)).round().clamp(0.0, 255.0) as u8
}
