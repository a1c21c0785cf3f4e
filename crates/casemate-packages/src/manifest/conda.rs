//! Conda's `environment.yml`: its own packages, and those it hands to pip.

use std::ops::Range;

use pep440_rs::VersionSpecifiers;
use saphyr_parser::{Event, Parser};

use super::reader::{Reader, shorten};
use super::requirement::exact;
use super::{Dependency, IndexKind, IndexOption, Origin, PackageName, requirements};

/// No environment is nested deeper than a list in a map in a list.
const MAX_DEPTH: usize = 40;

/// A value with its bytes.
struct Node {
    span: Range<usize>,
    value: Yaml,
}

enum Yaml {
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    Other,
}

/// Reads the whole file.
pub(super) fn read(reader: &mut Reader<'_>) {
    let Some(root) = parse(reader) else { return };
    let Yaml::Map(entries) = root.value else {
        reader.problem(root.span, "an environment file is a map, and this is none; nothing of it was read");
        return;
    };
    let mut has_dependencies = false;
    for (key, value) in entries {
        let Yaml::Text(key) = key.value else { continue };
        match (key.as_str(), value.value) {
            ("channels", Yaml::List(channels)) => {
                for channel in channels {
                    let Yaml::Text(value) = channel.value else { continue };
                    // Only addresses are places of their own; names are channels of conda.
                    if value.contains("://") {
                        let (option, span) = ("channels".to_owned(), channel.span);
                        reader.manifest.indexes.push(IndexOption {
                            kind: IndexKind::Explicit,
                            option,
                            name: None,
                            value,
                            span,
                        });
                    }
                }
            }
            ("dependencies", Yaml::List(list)) => {
                has_dependencies = true;
                for one in list {
                    dependency(reader, one);
                }
            }
            ("dependencies", _) => {
                reader.problem(value.span, "`dependencies` should be a list; nothing of it was read");
                has_dependencies = true;
            }
            _ => {}
        }
    }
    if !has_dependencies
        && reader.manifest.problems.is_empty()
        && reader.manifest.file_name().to_ascii_lowercase().starts_with("environment.")
    {
        let end = reader.text.len().min(1);
        reader
            .problem(0..end, "there are no `dependencies`, so this says nothing about packages; is the file cut off?");
    }
}

fn dependency(reader: &mut Reader<'_>, node: Node) {
    match node.value {
        Yaml::Text(written) => package(reader, &written, node.span),
        Yaml::Map(entries) => {
            for (key, value) in entries {
                let is_pip = matches!(&key.value, Yaml::Text(key) if key == "pip");
                match value.value {
                    Yaml::List(list) if is_pip => {
                        for one in list {
                            match one.value {
                                Yaml::Text(written) => requirements::read_one(reader, &written, one.span),
                                _ => reader.problem(one.span, "not a requirement; it was not read"),
                            }
                        }
                    }
                    _ => reader.problem(key.span, "only `pip` with a list may stand here; it was not read"),
                }
            }
        }
        // `pip:` with nothing under it, and empty entries.
        Yaml::Other => {}
        Yaml::List(_) => reader.problem(node.span, "not a package; it was not read"),
    }
}

/// `channel::name=version=build`, `name>=1.2,<2`, `name 1.2`.
fn package(reader: &mut Reader<'_>, written: &str, span: Range<usize>) {
    let bare = written.split('#').next().unwrap_or_default().trim();
    let (channel, spec) = match bare.rsplit_once("::") {
        Some((channel, spec)) => (Some(channel), spec),
        None => (None, bare),
    };
    let end = spec.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(spec.len());
    let (name, rest) = spec.split_at(end);
    // Names that begin with `_` are conda's own, such as `_libgcc_mutex`; they are no packages of Python.
    if name.starts_with('_') {
        return;
    }
    let Some(parsed) = PackageName::parse(name) else {
        reader.problem(span, format!("`{}` is not a package; it was not read", shorten(written)));
        return;
    };
    let specifiers = specifiers(rest.split('[').next().unwrap_or_default());
    if parsed.as_str() == "python" {
        reader.manifest.requires_python = specifiers;
        reader.manifest.requires_python_span = Some(span);
        return;
    }
    let name_span = reader.within(&span, name).unwrap_or(span);
    let mut dependency = Dependency::new(parsed, name, name_span);
    dependency.origin = Origin::Conda(channel.map(str::to_owned));
    dependency.is_direct = Some(true);
    dependency.specifiers = specifiers.unwrap_or_else(VersionSpecifiers::empty);
    dependency.version = exact(&dependency.specifiers);
    reader.manifest.dependencies.push(dependency);
}

/// Conda's way to say versions, as far as Python's can say it too.
fn specifiers(written: &str) -> Option<VersionSpecifiers> {
    let written = written.trim();
    if written.is_empty() || written == "*" || written.contains('|') {
        return None;
    }
    if !written.starts_with(['=', '<', '>', '!', '~']) {
        // `name 1.2 build`
        let version = written.split_whitespace().next()?;
        return format!("=={version}").parse().ok();
    }
    if let Some(version) = written.strip_prefix("==") {
        return format!("=={}", version.split('=').next()?.trim()).parse().ok();
    }
    if let Some(rest) = written.strip_prefix('=') {
        let mut parts = rest.split('=');
        let version = parts.next()?.trim();
        let is_whole = parts.next().is_some();
        let version = version.trim_end_matches(".*");
        return format!("=={version}{}", if is_whole { "" } else { ".*" }).parse().ok();
    }
    written.parse().ok()
}

/// The file as a tree, the first document of it.
fn parse(reader: &mut Reader<'_>) -> Option<Node> {
    let text = reader.text;
    let bytes = Bytes::new(text);
    let mut parser = Parser::new_from_str(text.trim_start_matches('\u{feff}'));
    let shift = text.chars().take_while(|&c| c == '\u{feff}').count();
    // Open lists and maps, each with where it begins and what it holds so far.
    let mut open: Vec<(bool, usize, Vec<Node>)> = Vec::new();
    loop {
        let (event, span) = match parser.next_event() {
            None => return None,
            Some(Ok(next)) => next,
            Some(Err(error)) => {
                let at = bytes.of(shift + error.marker().index());
                reader.problem(
                    at.saturating_sub(1)..at,
                    format!("not valid YAML: {}; nothing of this file was read", error.info()),
                );
                return None;
            }
        };
        let from = bytes.of(shift + span.start.index());
        let to = bytes.of(shift + span.end.index()).max(from);
        let done = match event {
            Event::Scalar(value, style, ..) => {
                let is_plain = style == saphyr_parser::ScalarStyle::Plain;
                let is_null = is_plain && matches!(value.as_ref(), "" | "~" | "null");
                let value = if is_null { Yaml::Other } else { Yaml::Text(value.into_owned()) };
                Node { span: from..to, value }
            }
            Event::Alias(_) => Node { span: from..to, value: Yaml::Other },
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                if open.len() >= MAX_DEPTH {
                    reader.problem(from..to, "nested too deeply for an environment file; nothing of it was read");
                    return None;
                }
                open.push((matches!(event, Event::MappingStart(..)), from, Vec::new()));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let (is_map, from, parts) = open.pop()?;
                let value = if is_map { Yaml::Map(pairs(parts)) } else { Yaml::List(parts) };
                Node { span: from..to, value }
            }
            Event::DocumentEnd | Event::StreamEnd => {
                reader.problem(0..text.len().min(1), "the file is empty");
                return None;
            }
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => continue,
        };
        match open.last_mut() {
            Some((_, _, parts)) => parts.push(done),
            None => return Some(done),
        }
    }
}

fn pairs(parts: Vec<Node>) -> Vec<(Node, Node)> {
    let mut pairs = Vec::with_capacity(parts.len() / 2);
    let mut parts = parts.into_iter();
    while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
        pairs.push((key, value));
    }
    pairs
}

/// From characters, which the parser counts, to bytes.
struct Bytes {
    /// Where each character begins; nothing if all are one byte long.
    starts: Option<Vec<usize>>,
    length: usize,
}

impl Bytes {
    fn new(text: &str) -> Self {
        let starts = (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at).collect());
        Self { starts, length: text.len() }
    }

    fn of(&self, character: usize) -> usize {
        match &self.starts {
            None => character.min(self.length),
            Some(starts) => starts.get(character).copied().unwrap_or(self.length),
        }
    }
}
