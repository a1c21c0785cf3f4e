//! The few classes of characters that the table of rarity knows.

/// How many classes there are: what separates words, 26 letters without case, digits.
pub const CLASSES: usize = 28;
/// How many kinds of character tell what a capital letter follows: see [`case`].
pub const CASES: usize = 4;
/// Bytes of the table: a cost for each three classes in a row, and for each two cases the costs of a capital letter and
/// of a small one after them.
pub const TABLE_LEN: usize = CLASSES * CLASSES * CLASSES + CASES * CASES * 2;
/// A cost of one bit in the table.
pub const BIT: f32 = 16.0;

/// The class of a byte.
pub fn class(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => usize::from(byte - b'a') + 1,
        b'A'..=b'Z' => usize::from(byte - b'A') + 1,
        b'0'..=b'9' => CLASSES - 1,
        _ => 0,
    }
}

/// Whether a byte is a separator, a small letter, a capital letter or a digit.
pub fn case(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        b'0'..=b'9' => 3,
        _ => 0,
    }
}

/// Where the cost of a class after two others stands.
pub fn place(before: usize, last: usize, class: usize) -> usize {
    (before * CLASSES + last) * CLASSES + class
}

/// Where the cost of a capital letter after two cases stands; that of a small one is next to it.
pub fn place_of_capital(before: usize, last: usize) -> usize {
    CLASSES * CLASSES * CLASSES + (before * CASES + last) * 2
}
