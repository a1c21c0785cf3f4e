//! Installed distributions: `METADATA`, `PKG-INFO`, `top_level.txt` and `direct_url.json` of `*.dist-info` and `*.egg-info`.

use pep440_rs::VersionSpecifiers;
use serde_json::Value;

use super::reader::{Reader, shorten};
use super::requirement::{origin, pinned, repository};
use super::{Dependency, License, Origin, PackageName, markers};

/// What is longer is the text of a licence and not its name.
const MAX_LICENSE: usize = 120;

/// Reads the whole file.
pub(super) fn read(reader: &mut Reader<'_>) {
    if reader.manifest.file_name().eq_ignore_ascii_case("top_level.txt") {
        modules(reader);
        return;
    }
    if reader.manifest.file_name().eq_ignore_ascii_case("direct_url.json") {
        direct_url(reader);
        return;
    }
    let mut name = None;
    let mut version = None;
    let mut requires = Vec::new();
    let (mut expression, mut classified, mut named) = (None, Vec::new(), None);
    let mut at = 0;
    for raw in reader.text.split_inclusive('\n') {
        let start = at;
        at += raw.len();
        let line = raw.trim_end();
        // The headers end with the first empty line; after it comes the description.
        if line.is_empty() {
            break;
        }
        // A folded header goes on with an indented line.
        let Some((key, value)) = line.split_once(':').filter(|_| !line.starts_with([' ', '\t'])) else { continue };
        let value = value.trim();
        let from = start + raw.rfind(value).unwrap_or(0);
        let span = from..from + value.len();
        match key.to_ascii_lowercase().as_str() {
            "name" if name.is_none() => name = Some((value.to_owned(), span)),
            "version" if version.is_none() => version = Some((value.to_owned(), span)),
            "requires-python" => reader.manifest.requires_python = value.parse::<VersionSpecifiers>().ok(),
            "requires-dist" => requires.push(value.to_owned()),
            "license-expression" => expression = is_expression(value).then(|| License::Expression(value.to_owned())),
            "classifier" => classified.extend(classifier(value)),
            "license" if is_name(value) => named = Some(License::Name(value.to_owned())),
            _ => {}
        }
    }
    let Some((name, span)) = name else {
        reader.problem(0..reader.text.len().min(1), "there is no `Name:`, so this distribution was not checked");
        return;
    };
    let Some(parsed) = PackageName::parse(&name) else {
        reader.problem(span, format!("no package can be called `{}`; it was not read", shorten(&name)));
        return;
    };
    let mut dependency = Dependency::new(parsed.clone(), &name, span.clone());
    // The expression is exact, classifiers are vague, and what the oldest key holds is anybody's guess.
    dependency.licenses = match (expression, named) {
        (Some(expression), _) => vec![expression],
        (None, Some(named)) if classified.is_empty() => vec![named],
        _ => classified,
    };
    match version {
        Some((version, span)) => {
            dependency.version = reader.version(&name, &version, &span);
            dependency.version_span = Some(span);
        }
        None => reader.problem(span, format!("there is no `Version:`, so `{parsed}` was not checked")),
    }
    if let Some(version) = &dependency.version {
        dependency.specifiers = pinned(version);
    }
    for required in requires {
        let end = required.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(required.len());
        let marker = required.split_once(';').map_or("", |(_, marker)| marker);
        // What only an extra needs is not needed by the package as such.
        let by_extra = marker.contains("extra")
            && markers::parse(marker).is_ok_and(|tree| !markers::extras(&tree, marker).is_empty());
        if let (Some(name), false) = (required.get(..end).and_then(PackageName::parse), by_extra) {
            dependency.requires.push(name);
        }
    }
    reader.manifest.dependencies.push(dependency);
}

/// The licence that a classifier names, if it names one and not only a family.
fn classifier(value: &str) -> Option<License> {
    let (kind, named) = value.split_once("::")?;
    let name = named.rsplit("::").next().filter(|_| kind.trim() == "License")?.trim();
    (name != "OSI Approved" && is_name(name)).then(|| License::Name(name.to_owned()))
}

fn is_name(value: &str) -> bool {
    !value.is_empty() && value.len() <= MAX_LICENSE && value != "UNKNOWN" && !value.chars().any(char::is_control)
}

/// Ids of SPDX, with `AND`, `OR`, `WITH` and parentheses between them.
fn is_expression(value: &str) -> bool {
    is_name(value) && value.chars().all(|c| c.is_ascii_alphanumeric() || " .-+()".contains(c))
}

/// `direct_url.json`, which the installer writes for what comes from elsewhere than an index (PEP 610).
fn direct_url(reader: &mut Reader<'_>) {
    let told: Value = serde_json::from_str(reader.text).unwrap_or_default();
    let Some(url) = told.get("url").and_then(Value::as_str) else {
        let end = reader.text.len().min(1);
        reader.problem(0..end, "this does not say where the package came from; it was taken for one from the index");
        return;
    };
    let text = |table: &Value, key: &str| table.get(key).and_then(Value::as_str).map(str::to_owned);
    let from = if let Some(vcs) = told.get("vcs_info") {
        repository(url, text(vcs, "commit_id").or_else(|| text(vcs, "requested_revision")).as_deref())
    } else if told.get("dir_info").is_some() {
        Origin::Local(url.to_owned())
    } else {
        origin(url)
    };
    let is_editable = told.pointer("/dir_info/editable").and_then(Value::as_bool).unwrap_or(false);
    reader.manifest.installed_from = Some((from, is_editable));
}

/// `top_level.txt`: names under which the code is imported. The distribution is that of the folder.
fn modules(reader: &mut Reader<'_>) {
    reader.manifest.modules =
        reader.text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    let folder = reader.manifest.folder().trim_end_matches('/');
    let folder = folder.rsplit('/').next().unwrap_or_default();
    let stem = folder.trim_end_matches(".dist-info").trim_end_matches(".egg-info");
    reader.manifest.project = PackageName::parse(stem.split('-').next().unwrap_or_default());
}
