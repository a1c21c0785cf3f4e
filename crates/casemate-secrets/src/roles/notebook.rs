//! Texts inside JSON: the cells of a notebook and what they printed.

use std::ops::Range;

/// The text of a JSON string with the place of each of its bytes in the file.
pub(super) struct Unescaped {
    /// The text.
    pub(super) text: String,
    /// For each byte of the text, and for its end, where it stands in the file.
    places: Vec<usize>,
}

impl Unescaped {
    /// The span of the file that a span of the text comes from.
    pub(super) fn span(&self, span: &Range<usize>) -> Option<Range<usize>> {
        Some(*self.places.get(span.start)?..*self.places.get(span.end)?)
    }
}

/// The string whose content is `span` of the file, unescaped. What is no escape stays as it stands.
pub(super) fn unescape(file: &str, span: Range<usize>) -> Option<Unescaped> {
    let raw = file.get(span.clone())?;
    let mut text = String::with_capacity(raw.len());
    let mut places = Vec::with_capacity(raw.len() + 1);
    let mut at = 0;
    while let Some(c) = raw.get(at..).and_then(|rest| rest.chars().next()) {
        let start = at;
        at += c.len_utf8();
        let plain = match (c, raw.get(at..).and_then(|rest| rest.chars().next())) {
            ('\\', Some('u')) => {
                let code = raw.get(at + 1..at + 5).and_then(|digits| u32::from_str_radix(digits, 16).ok());
                at += if code.is_some() { 5 } else { 1 };
                code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            ('\\', Some(escaped)) => {
                at += escaped.len_utf8();
                match escaped {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    other => other,
                }
            }
            _ => c,
        };
        text.push(plain);
        places.resize(text.len(), span.start + start);
    }
    places.push(span.end);
    Some(Unescaped { text, places })
}
