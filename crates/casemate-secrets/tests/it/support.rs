//! Secrets that exist only while a test runs: none stands in the sources.

/// A text drawn from an alphabet, the same for the same seed.
pub(crate) fn drawn(seed: u64, alphabet: &str, length: usize) -> String {
    let letters: Vec<char> = alphabet.chars().collect();
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            letters[usize::try_from((state >> 33) % letters.len() as u64).unwrap()]
        })
        .collect()
}

pub(crate) const HEX: &str = "0123456789abcdef";
pub(crate) const WORD: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Passwords as people choose them, in parts.
pub(crate) fn chosen() -> Vec<String> {
    [["hun", "ter2"], ["S3cr", "3t!"], ["Wel", "come1"], ["adm", "in4711"], ["Tr0ub4", "dor&3"], ["p4ss", "w0rd!x"]]
        .iter()
        .map(|parts| parts.concat())
        .collect()
}

/// Random texts as machines make them.
pub(crate) fn random() -> Vec<String> {
    vec![
        drawn(1, HEX, 32),
        drawn(2, WORD, 24),
        drawn(3, WORD, 40),
        drawn(4, HEX, 64),
        drawn(5, "abcdefghijklmnopqrstuvwxyz0123456789", 20),
    ]
}

/// Base64 with padding.
pub(crate) fn base64(text: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    text.as_bytes()
        .chunks(3)
        .flat_map(|chunk| {
            let word = chunk.iter().fold(0_u32, |word, &byte| word << 8 | u32::from(byte)) << (8 * (3 - chunk.len()));
            (0..4).map(
                move |at| {
                    if at <= chunk.len() { char::from(LETTERS[(word >> (18 - 6 * at)) as usize & 63]) } else { '=' }
                },
            )
        })
        .collect()
}
