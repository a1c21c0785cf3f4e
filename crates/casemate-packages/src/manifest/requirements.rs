//! `requirements.txt`, as pip reads it.

use std::ops::Range;

use super::reader::{Reader, shorten};
use super::requirement::{ARCHIVES, archive_name, egg, file_name, is_hash, place};
use super::{Dependency, Include, IndexKind, IndexOption, Origin, PackageName};

/// Reads the whole file.
pub(super) fn read(reader: &mut Reader<'_>) {
    let text = reader.text;
    if is_prose(text) {
        // A document in a folder `requirements` was never meant to be read by pip.
        let name = reader.manifest.file_name().to_ascii_lowercase();
        if name.rsplit_once('.').is_none_or(|(stem, _)| super::is_requirements(stem)) {
            let end = text.find('\n').unwrap_or(text.len());
            reader.problem(0..end, "this reads like sentences and not like requirements, so it was not read");
        }
        return;
    }
    let limits = reader.manifest.file_name().to_ascii_lowercase().contains("constraint");
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    while at < text.len() {
        let (line, end) = logical_line(reader, at);
        let start = at + (line.len() - line.trim_start().len());
        read_line(reader, line.trim(), start, limits);
        at = end;
    }
}

/// Whether a text is written for people: more of its lines are sentences than can be requirements.
fn is_prose(text: &str) -> bool {
    const ENOUGH_LINES: usize = 1000;
    let (mut sentences, mut names, mut requirements) = (0_usize, 0_usize, 0_usize);
    for line in text.lines().take(ENOUGH_LINES) {
        let line = comment_start(line).and_then(|at| line.get(..at)).unwrap_or(line).trim();
        let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(line.len());
        let (name, after) = line.split_at(end);
        // An extra, `requests[socks]`, as opposed to a reference, `as others say [1]`.
        let after = after.trim_start();
        let after = after.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(after, |(_, rest)| rest);
        let after = after.trim_start();
        let compares = ["==", "<", ">", "~=", "!=", "@", ";", "(=", "(<", "(>", "(~", "(!", "--", "\\"]
            .iter()
            .any(|sign| after.starts_with(sign));
        if line.is_empty() {
        } else if line.contains("://") && !line.contains(". ") || !name.is_empty() && compares || is_option(line) {
            requirements += 1;
        } else if line.split_whitespace().count() >= 4 {
            sentences += 1;
        } else if after.is_empty() {
            names += 1;
        }
    }
    sentences > names && sentences > 2 * requirements
}

/// `-r other.txt`, `--index-url=…`, and not the dash of a list.
fn is_option(line: &str) -> bool {
    line.starts_with("--") && line.len() > 3
        || ["-r", "-c", "-e", "-i", "-f"].iter().any(|option| line.starts_with(option))
}

/// Reads one line that stands in another file, as conda hands it to pip.
pub(super) fn read_one(reader: &mut Reader<'_>, written: &str, span: Range<usize>) {
    // Where quotes or folding changed it, the text at the place is not what is meant.
    let start = reader.within(&span, written).map_or(span.start, |at| at.start);
    let line = comment_start(written).and_then(|at| written.get(..at)).unwrap_or(written);
    read_line(reader, line.trim(), start, false);
}

/// A line with its continuations, of the same length as what it stands for, without its comment; and where the next begins.
fn logical_line(reader: &mut Reader<'_>, from: usize) -> (String, usize) {
    let text = reader.text;
    let mut joined = String::new();
    let mut at = from;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let line = rest.get(..length).unwrap_or_default();
        let ending = match rest.get(length..).unwrap_or_default().as_bytes() {
            [b'\r', b'\n', ..] => 2,
            [] => 0,
            _ => 1,
        };
        at += length + ending;
        let comment = comment_start(line);
        let continues = comment.is_none() && line.ends_with('\\');
        match comment {
            Some(comment) => joined.push_str(line.get(..comment).unwrap_or_default()),
            None if continues => joined.push_str(line.get(..length.saturating_sub(1)).unwrap_or_default()),
            None => joined.push_str(line),
        }
        if !continues {
            // What was to come after the `\\` is not there.
            if line.trim().is_empty() && joined.trim().len() > line.len() && at >= text.len() && ending == 0 {
                reader.problem(from..at, "the file ends in the middle of a line: a `\\` and nothing after it");
            }
            return (joined, at);
        }
        if at >= text.len() {
            reader.problem(
                at.saturating_sub(1)..at,
                "the file ends in the middle of a line: a `\\` and nothing after it",
            );
            return (joined, at);
        }
        joined.push(' ');
        joined.extend(std::iter::repeat_n(' ', ending));
    }
}

/// Where the comment of a line begins: a `#` at its start or after white space.
fn comment_start(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    bytes
        .iter()
        .enumerate()
        .find(|&(at, &byte)| {
            byte == b'#' && at.checked_sub(1).and_then(|before| bytes.get(before)).is_none_or(u8::is_ascii_whitespace)
        })
        .map(|(at, _)| at)
}

/// What stands in one logical line that begins at `start`.
fn read_line(reader: &mut Reader<'_>, line: &str, start: usize, limits: bool) {
    if line.is_empty() {
        return;
    }
    let span = start..start + line.len();
    if !line.starts_with('-') {
        let (head, options) = split_options(line);
        let at = start..start + head.trim_end().len();
        if let Some(mut dependency) = one(reader, head.trim_end(), at) {
            dependency.is_constraint = limits;
            requirement_options(reader, &mut dependency, options, start + head.len());
            reader.manifest.dependencies.push(dependency);
        }
        return;
    }
    let mut words = words(line, start).into_iter().peekable();
    while let Some((word, at)) = words.next() {
        let (option, glued) = split_option(&word);
        let is_flag = matches!(
            option,
            "--no-index"
                | "--pre"
                | "--require-hashes"
                | "--prefer-binary"
                | "--all-releases"
                | "--only-final"
                | "--process-dependency-links"
                | "--no-use-wheel"
                | "--use-wheel"
        );
        if is_flag {
            reader.manifest.requires_hashes |= option == "--require-hashes";
            continue;
        }
        if !option.starts_with('-') {
            reader
                .problem(at, format!("`{}` stands after an option where nothing may; it was not read", shorten(&word)));
            return;
        }
        let value = match glued {
            Some(value) => Some((value.to_owned(), at.end.saturating_sub(value.len())..at.end)),
            None => words.next(),
        };
        let Some((value, place)) = value.filter(|(value, _)| !value.is_empty()) else {
            reader.problem(at, format!("`{option}` has no value; is the file cut off?"));
            return;
        };
        if !known_option(reader, option, &value, place, &mut words) {
            reader.problem(
                span.clone(),
                format!("`{}` is not an option of a requirements file; the line was not read", shorten(option)),
            );
            return;
        }
    }
}

type Words = std::iter::Peekable<std::vec::IntoIter<(String, Range<usize>)>>;

/// Obeys an option with its value; `false` if there is no such option.
fn known_option(reader: &mut Reader<'_>, option: &str, value: &str, span: Range<usize>, words: &mut Words) -> bool {
    let limits = reader.manifest.file_name().to_ascii_lowercase().contains("constraint");
    match option {
        "-r" | "--requirement" | "--requirements" | "-c" | "--constraint" | "--constraints" => {
            let path = super::resolve(reader.manifest.folder(), value);
            let is_constraint = option.starts_with("-c") || option.starts_with("--c");
            reader.manifest.includes.push(Include { path, span, is_constraint, group: None });
        }
        "-e" | "--editable" => {
            // `-e name @ address` and `-e path ; marker` go on with the rest of the line.
            let mut whole = span.clone();
            while words.peek().is_some_and(|(word, _)| !word.starts_with("--")) {
                if let Some((_, more)) = words.next() {
                    whole.end = more.end;
                }
            }
            let written = reader.text.get(whole.clone()).unwrap_or(value).to_owned();
            if let Some(mut dependency) = one(reader, &written, whole) {
                dependency.is_editable = true;
                dependency.is_constraint = limits;
                reader.manifest.dependencies.push(dependency);
            }
        }
        "-i" | "--index-url" | "--pypi-url" => index(reader, IndexKind::Default, option, value, span),
        "--extra-index-url" => index(reader, IndexKind::Extra, option, value, span),
        "-f" | "--find-links" => index(reader, IndexKind::Links, option, value, span),
        "--trusted-host" => index(reader, IndexKind::Trusted, option, value, span),
        "--index-strategy" => index(reader, IndexKind::Strategy, option, value, span),
        "--no-binary"
        | "--only-binary"
        | "--use-feature"
        | "--config-settings"
        | "--config-setting"
        | "-C"
        | "--global-option"
        | "--install-option"
        | "--allow-external"
        | "--allow-unverified"
        | "--uploaded-prior-to" => {}
        _ => return false,
    }
    true
}

fn index(reader: &mut Reader<'_>, kind: IndexKind, option: &str, value: &str, span: Range<usize>) {
    let option = IndexOption { kind, option: option.to_owned(), name: None, value: value.to_owned(), span };
    reader.manifest.indexes.push(option);
}

/// `--hash=…` and its like after a requirement.
fn requirement_options(reader: &mut Reader<'_>, dependency: &mut Dependency, options: &str, start: usize) {
    let mut words = words(options, start).into_iter();
    while let Some((word, at)) = words.next() {
        let (option, glued) = split_option(&word);
        let value = match glued {
            Some(value) => Some(value.to_owned()),
            None => words.next().map(|(word, _)| word),
        };
        match (option, value) {
            ("--hash", Some(hash)) => match hash.split_once(':') {
                Some((kind, digits)) if is_hash(kind, digits) => dependency.hashes.push(hash),
                _ => {
                    let shown = shorten(&hash);
                    reader.problem(
                        at,
                        format!(
                            "`{shown}` is not a whole hash, so `{}` is not held by it; is the file cut off?",
                            dependency.name
                        ),
                    );
                }
            },
            ("--config-settings" | "--config-setting" | "-C" | "--global-option" | "--install-option", Some(_)) => {}
            _ => reader.problem(
                at,
                format!(
                    "`{}` means nothing after a requirement; it was not obeyed. Is the file cut off?",
                    shorten(&word)
                ),
            ),
        }
    }
}

/// A requirement, an address or a path.
fn one(reader: &mut Reader<'_>, written: &str, span: Range<usize>) -> Option<Dependency> {
    let bare = written.trim();
    if bare.starts_with("${") || bare.starts_with('$') {
        reader.problem(span, format!("`{}` comes from the environment, so it was not read", shorten(bare)));
        return None;
    }
    let (head, marker) = match bare.split_once(" ;").or_else(|| bare.split_once("; ")) {
        Some((head, marker)) => (head.trim(), Some(marker)),
        None => (bare, None),
    };
    let names_itself = head.split_once('@').is_some_and(|(name, _)| {
        let name = name.split('[').next().unwrap_or_default();
        PackageName::parse(name).is_some()
    });
    let is_archive = ARCHIVES.iter().any(|ending| head.to_ascii_lowercase().ends_with(ending));
    // What is compared with a version is no path, even with a stray `\\` of a line that was joined with the next.
    let has_backslash = head.contains('\\') && !head.contains(['=', '<', '>']);
    let is_path = head.starts_with(['.', '/', '~']) || has_backslash || is_drive(head);
    let is_address = head.contains("://") || head.starts_with("file:") || head.starts_with("git@");
    if names_itself && !head.starts_with("git@") || !(is_archive || is_path || is_address || head.contains('/')) {
        return reader.requirement(bare, span);
    }
    let name = egg(head)
        .map(|egg| egg.split('[').next().unwrap_or(egg))
        .or_else(|| file_name(head).and_then(archive_name).map(|(name, _)| name))
        .or_else(|| guess(head));
    let marker = marker.and_then(|marker| reader.marker(marker.trim(), &span));
    let Some(name) = name.and_then(PackageName::parse) else {
        // `.` and `..` are folders of the project, no packages of anybody else.
        if is_path {
            return None;
        }
        reader.problem(span, format!("`{}` does not say which package it is, so it was not checked", shorten(head)));
        return None;
    };
    let name_span = reader.within(&span, name.as_str()).unwrap_or(span);
    let written = name.as_str().to_owned();
    let mut dependency = Dependency::new(name, &written, name_span);
    if let Some(marker) = marker {
        dependency.marker = marker;
    }
    place(&mut dependency, head);
    if is_path || !is_address {
        dependency.origin = Origin::Local(head.to_owned());
    }
    Some(dependency)
}

/// `C:\…`
fn is_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic())
}

/// The name of a repository or folder, which mostly is that of the package.
fn guess(address: &str) -> Option<&str> {
    let bare = address.split('#').next()?.split('[').next()?;
    let last = file_name(bare)?;
    let last = last.split('@').next()?.trim_end_matches(".git");
    (!last.is_empty() && last.chars().any(|c| c.is_ascii_alphanumeric())).then_some(last)
}

/// A requirement and the options after it: those begin with the first word that begins with `-`.
fn split_options(line: &str) -> (&str, &str) {
    let bytes = line.as_bytes();
    for (at, &byte) in bytes.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        if byte == b'-' && before.is_some_and(u8::is_ascii_whitespace) {
            return line.split_at(at);
        }
    }
    (line, "")
}

/// `--option=value` and `-rvalue` taken apart.
fn split_option(word: &str) -> (&str, Option<&str>) {
    if word.starts_with("--") {
        return match word.split_once('=') {
            Some((option, value)) => (option, Some(value)),
            None => (word, None),
        };
    }
    let short = ["-r", "-c", "-e", "-i", "-f", "-C"];
    match short.iter().find(|short| word.starts_with(**short)) {
        Some(short) if word.len() > short.len() => {
            let (option, value) = word.split_at(short.len());
            (option, Some(value.strip_prefix('=').unwrap_or(value)))
        }
        _ => (word, None),
    }
}

/// The words of a line with their bytes; quotes hold a word together and are taken off.
fn words(line: &str, start: usize) -> Vec<(String, Range<usize>)> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut from = None;
    let mut quote = None;
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                from.get_or_insert(at);
            }
            (None, c) if c.is_whitespace() => {
                if let Some(from) = from.take() {
                    words.push((std::mem::take(&mut word), start + from..start + at));
                }
            }
            (_, c) => {
                from.get_or_insert(at);
                word.push(c);
            }
        }
    }
    if let Some(from) = from {
        words.push((word, start + from..start + line.len()));
    }
    words
}
