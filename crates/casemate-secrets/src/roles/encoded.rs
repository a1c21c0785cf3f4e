//! What an encoded text says.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Texts longer than this are not decoded.
const LONGEST: usize = 16 * 1024;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
static STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
static URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// The text that base64 stands for, if it is printable.
pub(super) fn base64_text(value: &str) -> Option<String> {
    if value.len() < 4 || value.len() > LONGEST || value.len() % 4 == 1 {
        return None;
    }
    let bytes = STANDARD.decode(value).or_else(|_| URL_SAFE.decode(value)).ok()?;
    printable(bytes)
}

/// The text that hexadecimal digits stand for, if it is printable.
pub(super) fn hex_text(value: &str) -> Option<String> {
    if value.len() < 8 || value.len() > LONGEST || !value.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let bytes = value
        .as_bytes()
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? * 16 + digit(*low)?),
            _ => None,
        })
        .collect::<Option<Vec<u8>>>()?;
    printable(bytes)
}

fn printable(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    let is_printable = text.chars().all(|c| (' '..='~').contains(&c) || matches!(c, '\n' | '\r' | '\t'));
    (is_printable && !text.trim().is_empty()).then_some(text)
}

/// The password of `user:password`.
pub(super) fn password_of_pair(pair: &str) -> Option<&str> {
    let (user, password) = pair.trim_end().split_once(':')?;
    let is_user = !user.is_empty()
        && user.len() <= 256
        && user.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '@' | '+' | '\\'));
    (is_user && !password.is_empty() && !password.contains(char::is_whitespace)).then_some(password)
}
