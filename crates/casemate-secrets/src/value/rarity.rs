//! Whether a text looks made by chance rather than by a person.

/// Whether this looks made by chance rather than by a person.
pub fn looks_random(value: &str) -> bool {
    let length = value.len();
    let is_word_like =
        value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_'));
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    is_word_like && length >= 16 && digits * 10 >= length && letters * 10 >= length
}
