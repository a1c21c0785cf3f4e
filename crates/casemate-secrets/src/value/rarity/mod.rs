//! Whether a text looks made by chance rather than by a person.
//!
//! Two hypotheses are weighed: that the text is built of words as names and prose are, and that each character was
//! drawn at random from the alphabet of its encoding. What words look like is told by `table.bin`: how many bits each
//! character costs after the two before it, counted over the names and words of public packages
//! (`examples/rarity_table.rs` writes it). The difference in bits is the evidence, so that a short text needs to be
//! stranger than a long one. Entropy alone cannot tell `getElementsByTagNameNS` from a key.

mod classes;

use classes::{BIT, CLASSES, TABLE_LEN, case, class, place, place_of_capital};

/// Costs, written by `examples/rarity_table.rs`.
static TABLE: &[u8; TABLE_LEN] = include_bytes!("table.bin");

/// A text this short is never called random.
const SHORTEST: usize = 8;
/// Evidence in bits from which a text is called random: words pass as random in fewer than one of a thousand.
const ENOUGH: f32 = 10.0;
/// The same for each character, so that long texts with little evidence in each part are not.
const ENOUGH_EACH: f32 = 0.45;
/// What a sign that is no separator costs among words.
const SIGN: f32 = 5.0;
/// Longer texts are judged by their beginning.
const LONGEST: usize = 512;

/// Whether this looks made by chance rather than by a person.
pub fn looks_random(value: &str) -> bool {
    let text = value.trim().trim_end_matches('=');
    let length = text.len().min(LONGEST);
    if length < SHORTEST || !text.is_ascii() || text.contains(|c: char| c.is_ascii_whitespace() || c.is_ascii_control())
    {
        return false;
    }
    let evidence = evidence(text);
    evidence >= ENOUGH && evidence >= ENOUGH_EACH * length as f32
}

/// How many bits speak for chance rather than words.
pub(crate) fn evidence(text: &str) -> f32 {
    let bytes = text.as_bytes().get(..LONGEST).unwrap_or(text.as_bytes());
    let (mut before, mut last) = (0_u8, 0_u8);
    let mut words = 0.0;
    for &byte in bytes {
        words += cost(place(class(before), class(last), class(byte)));
        match byte {
            b'A'..=b'Z' => words += cost(place_of_capital(case(before), case(last))),
            b'a'..=b'z' => words += cost(place_of_capital(case(before), case(last)) + 1),
            // Which digit it is.
            b'0'..=b'9' => words += std::f32::consts::LOG2_10,
            b'_' | b'-' | b'.' | b'/' | b' ' | b':' | b',' => words += 2.0,
            _ => words += SIGN,
        }
        (before, last) = (last, byte);
    }
    words - bytes.len() as f32 * alphabet(bytes).log2()
}

/// How many characters the smallest usual alphabet has that a text is drawn from.
fn alphabet(bytes: &[u8]) -> f32 {
    let (mut digits, mut small, mut capital, mut beyond_hex, mut base64, mut sign) =
        (false, false, false, false, false, false);
    for byte in bytes {
        match byte {
            b'0'..=b'9' => digits = true,
            b'a'..=b'z' => small = true,
            b'A'..=b'Z' => capital = true,
            b'+' | b'/' | b'-' | b'_' | b'.' => base64 = true,
            _ => sign = true,
        }
        beyond_hex |= byte.is_ascii_alphabetic() && !byte.is_ascii_hexdigit();
    }
    match (sign, base64, small && capital, beyond_hex, digits) {
        (true, ..) => 94.0,
        (_, true, ..) | (_, _, true, ..) => 64.0,
        (.., true, true) => 36.0,
        (.., true, false) => 26.0,
        (.., false, _) if small || capital => 16.0,
        _ => 10.0,
    }
}

/// A cost from the table, in bits.
fn cost(place: usize) -> f32 {
    TABLE.get(place).map_or(0.0, |&cost| f32::from(cost) / BIT)
}

const _: () = assert!(CLASSES == 28);
