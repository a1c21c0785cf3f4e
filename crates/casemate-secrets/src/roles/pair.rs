//! Names and what is bound to them, found by their characters alone: files may be broken, or templates of files.

use std::ops::Range;

use crate::roles::dialect::Dialect;
use crate::roles::name::{NameKind, secret_name};

/// A value after a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// Where it stands, without quotes.
    pub(super) span: Range<usize>,
    /// Whether it stood in quotes.
    pub(super) is_quoted: bool,
    /// What stands between the name and it.
    pub(super) link: Link,
}

/// What binds a value to a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// `=`, `:=`, `=>`.
    Assigned,
    /// `==`, `!=`.
    Compared,
    /// `:`.
    Colon,
    /// `<name>value</name>`.
    Element,
    /// `name("value")`, `put("name", "value")`.
    Argument,
    /// Space alone.
    Space,
}

/// The longest value that is looked at.
const LONGEST: usize = 4096;

/// Whether a byte belongs to a name.
pub(super) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$') || byte >= 0x80
}

/// The byte at a place, `0` behind the end.
pub(super) fn at(text: &[u8], place: usize) -> u8 {
    text.get(place).copied().unwrap_or(0)
}

/// The name around a place in a line.
pub(super) fn name_around(text: &[u8], line: &Range<usize>, hit: &Range<usize>) -> Range<usize> {
    let mut start = hit.start;
    while start > line.start && is_name_byte(at(text, start - 1)) {
        start -= 1;
    }
    let mut end = hit.end;
    while end < line.end && is_name_byte(at(text, end)) {
        end += 1;
    }
    // `"API Key": …`
    if is_quote(at(text, end)) && start > line.start && at(text, start - 1) == b' ' {
        let quote = at(text, end);
        let mut open = start;
        while open > line.start
            && start - open < 40
            && (at(text, open - 1).is_ascii_alphanumeric() || matches!(at(text, open - 1), b' ' | b'_' | b'-'))
        {
            open -= 1;
        }
        if open > line.start && at(text, open - 1) == quote {
            start = open;
        }
    }
    // A sign that ends a sentence or leads an option is none of the name's.
    while start < end && matches!(at(text, start), b'-' | b'.') && start < hit.start {
        start += 1;
    }
    while end > start && matches!(at(text, end - 1), b'-' | b'.') {
        end -= 1;
    }
    start..end
}

/// Where the word before a name begins that makes a secret of it: `API key`, `access token`.
pub(super) fn word_before(text: &str, line: &Range<usize>, name: &Range<usize>) -> Option<usize> {
    let before = text.get(line.start..name.start)?.strip_suffix(' ')?;
    let start = before.rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
    let is_word = start < before.len() && before.len() - start <= 16;
    (is_word && secret_name(text.get(line.start + start..name.end)?) == Some(NameKind::Key))
        .then_some(line.start + start)
}

/// Whether a byte is a quotation mark.
pub(super) fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

/// Skips spaces and tabs.
pub(super) fn skip_space(text: &[u8], mut place: usize, end: usize) -> usize {
    while place < end && matches!(at(text, place), b' ' | b'\t') {
        place += 1;
    }
    place
}

/// Skips all white space.
fn skip_white(text: &[u8], mut place: usize, end: usize) -> usize {
    while place < end && at(text, place).is_ascii_whitespace() {
        place += 1;
    }
    place
}

/// The value bound to the name at `name`, in this line of `text`. `beyond` is how far a value in quotes may be looked
/// for when its line ends early.
pub(super) fn value_after(text: &[u8], line: &Range<usize>, name: &Range<usize>, dialect: Dialect) -> Option<Value> {
    let end = line.end;
    let mut place = name.end;
    let before = if name.start > line.start { at(text, name.start - 1) } else { 0 };
    let is_option = name.start >= line.start + 2 && before == b'-' && at(text, name.start.wrapping_sub(2)) == b'-';
    // The quote that closes the name, also when it is escaped.
    let is_name_quoted = is_quote(before);
    let opens_string = is_name_quoted && !is_quote(at(text, place)) && at(text, place) != b'\\';
    if at(text, place) == b'\\' && is_quote(at(text, place + 1)) {
        place += 2;
    } else if is_quote(at(text, place)) && (is_name_quoted || at(text, place) == before) {
        place += 1;
    } else if is_quote(at(text, place)) {
        return None;
    }
    if at(text, place) == b']' {
        place += 1;
    }
    if matches!(at(text, place), b'?' | b'!') && at(text, place + 1) == b':' {
        place += 1;
    }
    let after_name = place;
    place = skip_space(text, place, end);
    let link = match (at(text, place), at(text, place + 1), at(text, place + 2)) {
        (b'=', b'=', b'=') | (b'!', b'=', b'=') => {
            place += 3;
            Link::Compared
        }
        (b'=' | b'!', b'=', _) => {
            place += 2;
            Link::Compared
        }
        (b'=', b'>', _) | (b':' | b'?', b'=', _) => {
            place += 2;
            Link::Assigned
        }
        (b'|' | b'?', b'|' | b'?', b'=') => {
            place += 3;
            Link::Assigned
        }
        (b'=', ..) => {
            place += 1;
            Link::Assigned
        }
        (b':', b':', _) => return None,
        (b':', ..) => {
            place += 1;
            let is_yaml_plain = dialect == Dialect::Yaml && !is_name_quoted;
            if is_yaml_plain && !at(text, place).is_ascii_whitespace() && place < end {
                return None;
            }
            match typed_assignment(text, place, end) {
                Some(after) if matches!(dialect, Dialect::Source | Dialect::Notebook) => {
                    place = after;
                    Link::Assigned
                }
                _ => Link::Colon,
            }
        }
        (b'>', ..) if matches!(dialect, Dialect::Xml | Dialect::Markup) && (before == b'<' || is_name_quoted) => {
            return element(text, place + 1, end);
        }
        (b',', ..) if is_name_quoted && is_first_argument(text, line.start, name.start) => {
            place += 1;
            Link::Argument
        }
        (b'(', ..) if !is_name_quoted && place == after_name => {
            place += 1;
            Link::Argument
        }
        _ if place > after_name
            && (is_option
                || matches!(dialect, Dialect::Netrc | Dialect::Dockerfile | Dialect::Ini | Dialect::Shell)) =>
        {
            Link::Space
        }
        _ => return None,
    };
    let spaced = skip_space(text, place, end);
    // In a shell an assignment has no spaces.
    let is_no_assignment = dialect == Dialect::Shell
        && link == Link::Assigned
        && !is_option
        && (spaced > place || after_name < text.len() && at(text, after_name) == b' ')
        && !is_quote(at(text, spaced));
    place = spaced;
    if place >= end || is_no_assignment {
        return None;
    }
    // `'…password=' + …`: the quote closes the string that the name stands in.
    if !is_name_quoted
        && is_quote(at(text, place))
        && matches!(
            dialect,
            Dialect::Source | Dialect::Notebook | Dialect::Prose | Dialect::Json | Dialect::Quoted | Dialect::Shell
        )
    {
        let quote = at(text, place);
        let opened = text.get(line.start..name.start)?.iter().filter(|&&byte| byte == quote).count();
        if opened % 2 == 1 && spaced == place && at(text, place - 1) != b' ' {
            return None;
        }
    }
    // `"Password:"` is a label.
    let is_label = opens_string && at(text, place) == before;
    let is_flag = link == Link::Space && at(text, place) == b'-';
    if is_label || is_flag {
        return None;
    }
    if link == Link::Argument && !is_quote(at(text, place)) && !is_quote(at(text, place + 1)) {
        return None;
    }
    value_at(text, place, end, dialect, link, is_option)
}

/// Whether a bracket opens before the quote of the name.
fn is_first_argument(text: &[u8], start: usize, name: usize) -> bool {
    let before = text.get(start..name.saturating_sub(1)).unwrap_or_default();
    before.iter().rev().find(|&&byte| byte != b' ').is_some_and(|&byte| byte == b'(')
}

/// After `name:`, a type and `=`: `password: str = "…"`.
fn typed_assignment(text: &[u8], place: usize, end: usize) -> Option<usize> {
    let mut place = skip_space(text, place, end);
    let start = place;
    while place < end
        && (at(text, place).is_ascii_alphanumeric()
            || matches!(
                at(text, place),
                b'_' | b'.' | b'[' | b']' | b'<' | b'>' | b'?' | b'&' | b'|' | b' ' | b'\'' | b'*'
            ))
        && place - start < 40
    {
        place += 1;
    }
    (place > start && at(text, place) == b'=' && !matches!(at(text, place + 1), b'=' | b'>')).then_some(place + 1)
}

/// The text of an element that begins here.
fn element(text: &[u8], place: usize, end: usize) -> Option<Value> {
    let start = skip_white(text, place, end);
    let length = text.get(start..end)?.iter().take(LONGEST).position(|&byte| byte == b'<')?;
    let mut stop = start + length;
    while stop > start && at(text, stop - 1).is_ascii_whitespace() {
        stop -= 1;
    }
    (stop > start).then_some(Value { span: start..stop, is_quoted: true, link: Link::Element })
}

/// The value that begins here.
pub(super) fn value_at(
    text: &[u8],
    place: usize,
    end: usize,
    dialect: Dialect,
    link: Link,
    is_option: bool,
) -> Option<Value> {
    let mut place = place;
    // Letters before a string: `b"…"`, `@"…"`, `Some("…")` is no string.
    if matches!(at(text, place), b'b' | b'B' | b'u' | b'r' | b'R' | b'L' | b'@' | b'f' | b'F' | b'N')
        && is_quote(at(text, place + 1))
    {
        place += 1;
    }
    if dialect == Dialect::Yaml {
        place = after_tags(text, place, end);
    }
    // An escaped quote inside another string ends at the next escaped one.
    if at(text, place) == b'\\' && is_quote(at(text, place + 1)) {
        let quote = at(text, place + 1);
        let start = place + 2;
        let mut stop = start;
        while stop < end && stop - start < LONGEST {
            if at(text, stop) == b'\\' && at(text, stop + 1) == quote {
                return some(start..stop, true, link);
            }
            if at(text, stop) == quote {
                return None;
            }
            stop += 1;
        }
        return None;
    }
    let quote = at(text, place);
    if is_quote(quote) {
        let is_triple = at(text, place + 1) == quote && at(text, place + 2) == quote;
        let start = if is_triple { place + 3 } else { place + 1 };
        let mut stop = start;
        while stop < end && stop - start < LONGEST {
            match at(text, stop) {
                b'\\' => stop += 2,
                byte if byte == quote => {
                    let after = skip_space(text, stop + 1, end);
                    let is_part = matches!(at(text, after), b'+' | b'%')
                        && matches!(dialect, Dialect::Source | Dialect::Notebook | Dialect::Shell)
                        || dialect == Dialect::Shell
                            && !(at(text, stop + 1).is_ascii_whitespace()
                                || matches!(
                                    at(text, stop + 1),
                                    b';' | b')' | b'"' | b'\'' | b'|' | b'&' | b'`' | 0 | b'\\' | b',' | b']' | b'}'
                                ));
                    return if is_part { None } else { some(start..stop, true, link) };
                }
                b'\n' => return None,
                _ => stop += 1,
            }
        }
        return None;
    }
    bare(text, place, end, dialect, link, is_option)
}

/// A value without quotes.
fn bare(text: &[u8], place: usize, end: usize, dialect: Dialect, link: Link, is_option: bool) -> Option<Value> {
    let first = at(text, place);
    let until = |stops: &dyn Fn(u8, u8) -> bool| {
        let mut stop = place;
        while stop < end
            && stop - place <= LONGEST
            && !stops(at(text, stop), if stop > place { at(text, stop - 1) } else { 0 })
        {
            stop += 1;
        }
        stop
    };
    let is_comment = |byte: u8, before: u8| byte == b'#' && matches!(before, b' ' | b'\t');
    let word = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`');
    let mut stop = if is_option {
        until(&|byte, _| word(byte) || matches!(byte, b',' | b'\\' | b'|' | b';' | b')' | b'&'))
    } else {
        match dialect {
            Dialect::Env => until(&|byte, before| byte == b'\n' || is_comment(byte, before)),
            Dialect::Ini if link == Link::Space => until(&|byte, _| byte.is_ascii_whitespace()),
            Dialect::Ini => until(&|byte, before| {
                byte == b'\n' || is_comment(byte, before) || byte == b';' && matches!(before, b' ' | b'\t')
            }),
            Dialect::Yaml => {
                if matches!(first, b'{' | b'[' | b'*' | b'|' | b'>' | b'&' | b'!' | b'%' | b'@') {
                    return None;
                }
                let is_flow = text
                    .get(place.saturating_sub(200)..place)?
                    .iter()
                    .rev()
                    .take_while(|&&byte| byte != b'\n')
                    .any(|&byte| byte == b'{');
                until(&|byte, before| {
                    byte == b'\n' || is_comment(byte, before) || is_flow && matches!(byte, b',' | b'}')
                })
            }
            Dialect::Shell | Dialect::Dockerfile => {
                until(&|byte, _| word(byte) || matches!(byte, b';' | b'|' | b')' | b'&' | b'\\' | b',' | b'>' | b'<'))
            }
            Dialect::Netrc => until(&|byte, _| byte.is_ascii_whitespace()),
            Dialect::Prose if link != Link::Argument => until(&|byte, _| {
                word(byte) || matches!(byte, b'<' | b'>' | b',' | b';' | b'&' | b')' | b'|' | b'\\' | b'}' | b']')
            }),
            _ => return None,
        }
    };
    while stop > place && at(text, stop - 1).is_ascii_whitespace() {
        stop -= 1;
    }
    some(place..stop, false, link)
}

fn some(span: Range<usize>, is_quoted: bool, link: Link) -> Option<Value> {
    (span.start < span.end).then_some(Value { span, is_quoted, link })
}

/// Skips the anchor and the tag before a YAML value.
fn after_tags(text: &[u8], mut place: usize, end: usize) -> usize {
    for _ in 0..2 {
        let is_anchor = at(text, place) == b'&';
        let is_text_tag =
            text.get(place..).is_some_and(|rest| rest.starts_with(b"!!str ") || rest.starts_with(b"!!binary "));
        if is_anchor || is_text_tag {
            while place < end && !at(text, place).is_ascii_whitespace() {
                place += 1;
            }
            place = skip_space(text, place, end);
        }
    }
    place
}

/// Keys whose value is the name of a setting: `name: DB_PASSWORD`.
const NAMING: &[&[u8]] = &[
    b"name",
    b"key",
    b"id",
    b"variable",
    b"var",
    b"property",
    b"setting",
    b"option",
    b"parameterkey",
    b"configkey",
    b"n",
    b"k",
];
/// Keys whose value is the value of that setting.
const VALUING: &[&[u8]] = &[
    b"value",
    b"content",
    b"parametervalue",
    b"default",
    b"defaultvalue",
    b"default_value",
    b"configvalue",
    b"v",
    b"val",
];

/// Whether the text at `name` is itself the value of a key that names a setting.
pub(super) fn is_named(text: &[u8], name: &Range<usize>) -> bool {
    let mut place = name.start;
    let back = |place: usize| place.checked_sub(1).map_or(0, |place| at(text, place));
    if is_quote(back(place)) {
        place -= 1;
    }
    // `<name>DB_PASSWORD</name>`
    let is_element = back(place) == b'>';
    if is_element {
        place -= 1;
    } else {
        while matches!(back(place), b' ' | b'\t') {
            place -= 1;
        }
        if !matches!(back(place), b':' | b'=') {
            return false;
        }
        place -= 1;
        while matches!(back(place), b' ' | b'\t') {
            place -= 1;
        }
        if is_quote(back(place)) {
            place -= 1;
        }
    }
    let end = place;
    while is_name_byte(back(place)) {
        place -= 1;
    }
    text.get(place..end).is_some_and(|key| NAMING.iter().any(|naming| key.eq_ignore_ascii_case(naming)))
}

/// The value of the setting that was named at `name`, in what follows it.
pub(super) fn value_of_named(text: &[u8], name: &Range<usize>, dialect: Dialect) -> Option<Value> {
    let limit = text.len().min(name.end + 400);
    let mut place = name.end;
    let mut lines = 0;
    while place < limit {
        match at(text, place) {
            b'\n' => {
                lines += 1;
                place += 1;
                if lines > 4 {
                    return None;
                }
                // The next of a list.
                let start = skip_space(text, place, limit);
                if at(text, start) == b'-' && dialect == Dialect::Yaml {
                    return None;
                }
            }
            b'}' | b']' => return None,
            b'/' if at(text, place + 1) == b'>' => return None,
            b'>' if dialect == Dialect::Xml => {
                if let Some(value) = element(text, place + 1, limit) {
                    return Some(value);
                }
                place += 1;
            }
            byte if is_name_byte(byte) => {
                let start = place;
                while place < limit && is_name_byte(at(text, place)) {
                    place += 1;
                }
                let key = text.get(start..place)?;
                if NAMING.iter().any(|naming| key.eq_ignore_ascii_case(naming)) && at(text, start - 1) != b'/' {
                    return None;
                }
                if VALUING.iter().any(|valuing| key.eq_ignore_ascii_case(valuing)) {
                    let line_end = text
                        .get(place..)?
                        .iter()
                        .position(|&byte| byte == b'\n')
                        .map_or(text.len(), |length| place + length);
                    let line = start.saturating_sub(1).min(line_end)..line_end.min(place + LONGEST);
                    return value_after(text, &line, &(start..place), dialect);
                }
            }
            _ => place += 1,
        }
    }
    None
}
