//! Bytes to text: byte order mark, PEP 263 coding line, and the few encodings Python sources really use.

/// A decoded source.
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) problem: Option<String>,
}

/// Decodes a source file, or says why it is not Python text.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, String> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("encoded as UTF-16, which Python does not read, so the file was not analysed".into());
    }
    let (bytes, marked) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, true),
        None => (bytes, false),
    };
    if bytes.contains(&0) {
        return Err("contains NUL bytes, so it is not Python text and was not analysed".into());
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && (text.is_ascii() || marked || coding(bytes).is_none_or(|name| is_utf8(&name)))
    {
        return Ok(Decoded { text: text.to_owned(), problem: None });
    }
    match coding(bytes).as_deref() {
        Some("latin-1" | "iso-8859-1" | "latin1" | "iso8859-1" | "l1" | "cp819") if !marked => {
            Ok(Decoded { text: bytes.iter().map(|&byte| byte as char).collect(), problem: None })
        }
        Some("iso-8859-15" | "latin-9" | "latin9" | "cp1252" | "windows-1252") if !marked => {
            Ok(Decoded { text: bytes.iter().map(|&byte| windows_1252(byte)).collect(), problem: None })
        }
        Some(name) if !marked && !is_utf8(name) && name != "ascii" && name != "us-ascii" => Ok(Decoded {
            text: bytes.iter().map(|&byte| byte as char).collect(),
            problem: Some(format!(
                "the encoding `{name}` is not known here; the file was read as latin-1, so text outside ASCII may be wrong"
            )),
        }),
        _ => {
            let bad = std::str::from_utf8(bytes).err().map_or(0, |error| error.valid_up_to());
            let line = bytes[..bad].iter().filter(|&&byte| byte == b'\n').count() + 1;
            Ok(Decoded {
                text: String::from_utf8_lossy(bytes).into_owned(),
                problem: Some(format!("not valid UTF-8 at line {line}; the bytes that are not were replaced")),
            })
        }
    }
}

fn is_utf8(name: &str) -> bool {
    matches!(name, "utf-8" | "utf8" | "utf-8-sig" | "u8")
}

/// The encoding a comment in the first two lines declares (PEP 263).
fn coding(bytes: &[u8]) -> Option<String> {
    for line in bytes.split(|&byte| byte == b'\n').take(2) {
        let line = &line[..line.len().min(200)];
        let start = line.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\x0c'));
        let Some(start) = start else { continue };
        if line[start] != b'#' {
            // Only a blank or comment line may stand above the declaration.
            if line[start] == b'\r' {
                continue;
            }
            return None;
        }
        let comment = String::from_utf8_lossy(&line[start..]);
        if let Some(at) = comment.find("coding") {
            let rest = &comment[at + "coding".len()..];
            if let Some(rest) = rest.strip_prefix([':', '=']) {
                let name: String = rest
                    .trim_start()
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
                    .collect();
                if !name.is_empty() {
                    return Some(name.to_ascii_lowercase().replace('_', "-"));
                }
            }
        }
    }
    None
}

fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2c6}',
        '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}', '\u{90}', '\u{2018}', '\u{2019}',
        '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}',
        '\u{153}', '\u{9d}', '\u{17e}', '\u{178}',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => byte as char,
    }
}

/// Turns offsets into lines and columns.
#[derive(Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// How many characters stand before every so many bytes; none where each byte is one.
    counted: Vec<u32>,
}

/// Bytes from one count of characters to the next: a position in a line of megabytes costs no more than one in another.
const STRETCH: usize = 4096;

impl LineIndex {
    /// Indexes a text. A line ends after `\n`, `\r\n` or a lone `\r`, as Python has it.
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = Vec::with_capacity(bytes.len() / 32 + 1);
        starts.push(0);
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes.get(at) == Some(&b'\n') || bytes.get(at + 1) != Some(&b'\n') {
                starts.push(u32::try_from(at + 1).unwrap_or(u32::MAX));
            }
        }
        let mut counted = Vec::new();
        if !text.is_ascii() {
            let mut before = 0;
            for stretch in bytes.chunks(STRETCH) {
                counted.push(before);
                before += characters(stretch);
            }
        }
        Self { starts, counted }
    }

    /// How many characters begin before a byte.
    fn characters_before(&self, bytes: &[u8], at: usize) -> u32 {
        let Some(&before) = self.counted.get(at / STRETCH) else { return u32::try_from(at).unwrap_or(u32::MAX) };
        before + characters(bytes.get(at / STRETCH * STRETCH..at).unwrap_or_default())
    }

    /// The line of an offset, from 0.
    pub fn line(&self, offset: u32) -> usize {
        self.starts.partition_point(|&start| start <= offset).saturating_sub(1)
    }

    /// Line and column of an offset, both from 1; columns count Unicode scalar values.
    pub fn position(&self, text: &str, offset: u32) -> (u32, u32) {
        let line = self.line(offset);
        let start = self.starts.get(line).copied().unwrap_or(0) as usize;
        let end = (offset as usize).min(text.len());
        let before = |at| self.characters_before(text.as_bytes(), at);
        let column = if text.is_char_boundary(end) { before(end).saturating_sub(before(start)) } else { 0 };
        (u32::try_from(line + 1).unwrap_or(u32::MAX), column + 1)
    }

    /// One line, from 0, without its end.
    pub fn text<'t>(&self, text: &'t str, line: usize) -> &'t str {
        let start = self.starts.get(line).map_or(text.len(), |&start| start as usize);
        let end = self.starts.get(line + 1).map_or(text.len(), |&start| start as usize);
        text.get(start..end).unwrap_or("").trim_end_matches(['\n', '\r'])
    }

    /// How many lines there are; a last line without text does not count.
    pub fn count(&self, text: &str) -> usize {
        match self.starts.last() {
            Some(&last) if last as usize == text.len() => self.starts.len() - 1,
            _ => self.starts.len(),
        }
    }
}

/// How many characters begin in some bytes of a text.
fn characters(bytes: &[u8]) -> u32 {
    let is_start = |byte: &u8| byte & 0b1100_0000 != 0b1000_0000;
    u32::try_from(bytes.iter().filter(|byte| is_start(byte)).count()).unwrap_or(u32::MAX)
}
