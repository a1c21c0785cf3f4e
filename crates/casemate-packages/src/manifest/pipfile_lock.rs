//! `Pipfile.lock`

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::lock::tell_empty;
use super::pipfile::group;
use super::reader::{Reader, shorten};
use super::requirement::{exact, repository};
use super::{Dependency, IndexKind, IndexOption, Origin, PackageName};

/// A JSON object whose values keep their place in the text.
struct Object<'t>(Vec<(Cow<'t, str>, &'t RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(key) = map.next_key::<Cow<'de, str>>()? {
                    entries.push((key, map.next_value()?));
                }
                Ok(Object(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// Reads the whole file.
pub(super) fn read(reader: &mut Reader<'_>) {
    let text = reader.text;
    let bare = text.trim_start_matches('\u{feff}');
    let shift = text.len() - bare.len();
    let file: Object<'_> = match serde_json::from_str(bare) {
        Ok(file) => file,
        Err(error) => {
            let at = shift + offset(bare, error.line(), error.column());
            reader.problem(
                at.saturating_sub(1)..at,
                format!("not valid JSON: {error}; no package of this file was read"),
            );
            return;
        }
    };
    let mut has_meta = false;
    for (key, value) in &file.0 {
        if key == "_meta" {
            has_meta = true;
            meta(reader, value);
            continue;
        }
        let at = place(text, value);
        let packages: Object<'_> = match serde_json::from_str(value.get()) {
            Ok(packages) => packages,
            Err(_) => {
                reader.problem(at, format!("`{}` should be an object of packages; it was not read", shorten(key)));
                continue;
            }
        };
        for (name, value) in &packages.0 {
            package(reader, name, value, group(key));
        }
    }
    if !has_meta {
        reader.problem(0..0, "there is no `_meta`, so this is no whole Pipfile.lock; packages may be missing");
    }
    if !file.0.iter().any(|(key, _)| key == "default") {
        reader.problem(0..0, "there is no `default`, which every Pipfile.lock has; packages may be missing");
    }
    tell_empty(reader);
}

fn meta(reader: &mut Reader<'_>, value: &RawValue) {
    let at = place(reader.text, value);
    let meta: Value = serde_json::from_str(value.get()).unwrap_or_default();
    match meta.get("pipfile-spec").and_then(Value::as_u64) {
        Some(6) => {}
        other => {
            let found = other.map_or("none".to_owned(), |number| number.to_string());
            reader.problem(
                at.clone(),
                format!("`pipfile-spec` is {found}, and 6 is known here; packages may be missing"),
            );
        }
    }
    reader.manifest.content_hash = meta.pointer("/hash/sha256").and_then(Value::as_str).map(str::to_owned);
    if let Some(python) = meta.pointer("/requires/python_version").and_then(Value::as_str) {
        reader.manifest.requires_python = format!("=={python}.*").parse().ok();
    }
    for (number, source) in meta.get("sources").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let Some(url) = source.get("url").and_then(Value::as_str) else { continue };
        let span = reader.within(&at, url).unwrap_or(at.clone());
        let kind = if number == 0 { IndexKind::Default } else { IndexKind::Explicit };
        let name = source.get("name").and_then(Value::as_str).map(str::to_owned);
        let option = IndexOption { kind, option: "sources".to_owned(), name, value: url.to_owned(), span };
        reader.manifest.indexes.push(option);
    }
}

fn package(reader: &mut Reader<'_>, written: &str, value: &RawValue, group: Option<&str>) {
    let at = place(reader.text, value);
    // The name stands in quotes before the value.
    let span = reader
        .text
        .get(..at.start)
        .and_then(|before| before.rfind(&format!("\"{written}\"")))
        .map_or(at.clone(), |from| from + 1..from + 1 + written.len());
    let Some(name) = PackageName::parse(written) else {
        reader.problem(span, format!("no package can be called `{}`; it was not read", shorten(written)));
        return;
    };
    let Ok(Value::Object(entry)) = serde_json::from_str::<Value>(value.get()) else {
        reader.problem(at, format!("`{name}` should be an object; it was not read"));
        return;
    };
    let mut dependency = Dependency::new(name, written, span.clone());
    let string = |key: &str| entry.get(key).and_then(Value::as_str);
    let strings = |key: &str| -> Vec<String> {
        let all = entry.get(key).and_then(Value::as_array).into_iter().flatten();
        all.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    dependency.groups = group.map(str::to_owned).into_iter().collect();
    dependency.extras = strings("extras");
    dependency.hashes = strings("hashes");
    dependency.is_editable = entry.get("editable").and_then(Value::as_bool).unwrap_or_default();
    if let Some(vcs) = ["git", "hg", "svn", "bzr"].iter().find_map(|vcs| string(vcs)) {
        dependency.origin = repository(vcs, string("ref"));
    } else if let Some(path) = string("path") {
        dependency.origin = Origin::Local(path.to_owned());
    } else if let Some(file) = string("file") {
        super::requirement::place(&mut dependency, file);
    } else {
        dependency.origin = origin_of(reader, string("index"));
    }
    match string("version") {
        // Pipenv writes this for what does not apply where the lock was made.
        Some("*") => {
            let message = format!("`{}` is not locked to one version, so it was not checked", dependency.name);
            reader.problem(span, message);
        }
        Some(version) => match version.parse() {
            Ok(specifiers) => {
                dependency.version = exact(&specifiers);
                dependency.specifiers = specifiers;
                dependency.version_span = reader.within(&at, version);
                if dependency.version.is_none() {
                    reader.problem(
                        span,
                        format!("`{}` is not locked to one version, so it was not checked", dependency.name),
                    );
                }
            }
            Err(_) => {
                let message = format!(
                    "`{}` is not a version (PEP 440), so `{}` was not checked",
                    shorten(version),
                    dependency.name
                );
                reader.problem(span, message);
            }
        },
        None if matches!(dependency.origin, Origin::Index(_)) => {
            reader.problem(span, format!("`{}` has no version, so it was not checked", dependency.name));
        }
        None => {}
    }
    if let Some(marker) = string("markers")
        && let Some(marker) = reader.marker(marker, &at)
    {
        dependency.marker = marker;
    }
    reader.manifest.dependencies.push(dependency);
}

/// The first source is the default one.
fn origin_of(reader: &Reader<'_>, index: Option<&str>) -> Origin {
    let first = reader.manifest.indexes.first();
    let is_first = first.is_some_and(|first| first.name.as_deref() == index);
    Origin::Index(index.filter(|index| !is_first && *index != "pypi").map(str::to_owned))
}

/// Where a value stands: it is a part of the text.
fn place(text: &str, value: &RawValue) -> Range<usize> {
    let from = (value.get().as_ptr() as usize).checked_sub(text.as_ptr() as usize);
    match from {
        Some(from) if from <= text.len() => from..(from + value.get().len()).min(text.len()),
        _ => 0..0,
    }
}

/// The byte at a line and column, both from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut at = (start + column).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
