//! `setup.cfg`: what setuptools reads there.

use std::ops::Range;

use pep440_rs::VersionSpecifiers;

use super::reader::{Reader, shorten};
use super::{Include, PackageName};

/// One line of a value, with its bytes.
type Line<'t> = (&'t str, Range<usize>);

/// A key of a section with the lines of its value.
struct Entry<'t> {
    section: &'t str,
    key: String,
    lines: Vec<Line<'t>>,
}

/// Reads the whole file.
pub(super) fn read(reader: &mut Reader<'_>) {
    for entry in entries(reader) {
        match (entry.section, entry.key.as_str()) {
            ("metadata", "name") => {
                reader.manifest.project = entry.lines.first().and_then(|(name, _)| PackageName::parse(name));
            }
            ("options", "python_requires" | "python-requires") => {
                let Some((written, span)) = entry.lines.first() else { continue };
                match written.parse::<VersionSpecifiers>() {
                    Ok(specifiers) => {
                        reader.manifest.requires_python = Some(specifiers);
                        reader.manifest.requires_python_span = Some(span.clone());
                    }
                    Err(_) => reader.problem(
                        span.clone(),
                        format!("`{}` does not say which Pythons will do (PEP 440)", shorten(written)),
                    ),
                }
            }
            ("options", "install_requires" | "install-requires") => requirements(reader, &entry.lines, None, false),
            ("options", "setup_requires" | "setup-requires") => requirements(reader, &entry.lines, None, true),
            ("options", "tests_require" | "tests-require") => requirements(reader, &entry.lines, Some("test"), false),
            ("options.extras_require", extra) => requirements(reader, &entry.lines, Some(extra), false),
            _ => {}
        }
    }
}

fn requirements(reader: &mut Reader<'_>, lines: &[Line<'_>], group: Option<&str>, is_build: bool) {
    for (line, span) in lines {
        if let Some(file) = line.strip_prefix("file:") {
            for file in file.split(',') {
                let path = super::resolve(reader.manifest.folder(), file.trim());
                let group = group.map(str::to_owned);
                reader.manifest.includes.push(Include { path, span: span.clone(), is_constraint: false, group });
            }
            continue;
        }
        // `%(name)s` is filled in by configparser.
        if line.contains("%(") {
            reader.problem(
                span.clone(),
                format!("`{}` is put together from other values; it was not read", shorten(line)),
            );
            continue;
        }
        let mut at = span.start;
        // Several may stand in one line, separated by semicolons, if none has a marker.
        let variables = ["python_", "platform_", "sys_platform", "os_name", "implementation_", "extra"];
        let several = !variables.iter().any(|variable| line.contains(variable));
        for part in if several { line.split(';').collect::<Vec<_>>() } else { vec![*line] } {
            let here = at..at + part.len();
            at = here.end + 1;
            if part.trim().is_empty() {
                continue;
            }
            let Some(mut dependency) = reader.requirement(part, here) else { continue };
            dependency.is_direct = Some(true);
            if is_build {
                reader.manifest.build_requires.push(dependency);
                continue;
            }
            dependency.groups.extend(group.map(str::to_owned));
            reader.manifest.dependencies.push(dependency);
        }
    }
}

/// Keys with their values, as configparser takes them apart: what is indented goes on with the value before.
fn entries<'t>(reader: &mut Reader<'t>) -> Vec<Entry<'t>> {
    let mut entries: Vec<Entry<'t>> = Vec::new();
    let mut section: Option<&str> = None;
    let mut is_open = false;
    let mut at = 0;
    for raw in reader.text.split_inclusive('\n') {
        let start = at;
        at += raw.len();
        let line = raw.trim_end().trim_start_matches('\u{feff}');
        let bare = line.trim_start();
        if bare.is_empty() || bare.starts_with(['#', ';']) {
            continue;
        }
        let from = start + raw.find(bare).unwrap_or(0);
        if line.starts_with([' ', '\t']) {
            match entries.last_mut() {
                Some(entry) if is_open => entry.lines.push(value(bare, from)),
                _ => reader.problem(
                    from..from + bare.len(),
                    "an indented line with nothing it could belong to; it was not read",
                ),
            }
            continue;
        }
        if bare.starts_with('[') {
            match bare.find(']').and_then(|end| bare.get(1..end)) {
                Some(name) => section = Some(name.trim()),
                None => reader.problem(
                    from..from + bare.len(),
                    "a section without its `]`; what it holds may not have been read",
                ),
            }
            is_open = false;
            continue;
        }
        let Some(separator) = bare.find(['=', ':']) else {
            reader.problem(
                from..from + bare.len(),
                format!("`{}` is neither a section nor a key with a value", shorten(bare)),
            );
            is_open = false;
            continue;
        };
        let Some(section) = section else {
            reader.problem(from..from + bare.len(), "a key before the first section; it was not read");
            continue;
        };
        let (key, rest) = bare.split_at(separator);
        let rest = rest.get(1..).unwrap_or_default();
        let mut entry = Entry { section, key: key.trim().to_ascii_lowercase(), lines: Vec::new() };
        if !rest.trim().is_empty() {
            let inner = rest.trim_start();
            entry.lines.push(value(inner, from + bare.len() - inner.len()));
        }
        entries.push(entry);
        is_open = true;
    }
    entries
}

/// A line of a value without a comment after it.
fn value(line: &str, from: usize) -> Line<'_> {
    let end = line.find(" #").unwrap_or(line.len());
    let line = line.get(..end).unwrap_or(line).trim_end();
    (line, from..from + line.len())
}
