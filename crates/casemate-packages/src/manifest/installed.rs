//! Installed distributions: `METADATA`, `PKG-INFO` and `top_level.txt` of `*.dist-info` and `*.egg-info`.

use pep440_rs::VersionSpecifiers;

use super::reader::{Reader, shorten};
use super::requirement::pinned;
use super::{Dependency, PackageName, markers};

/// Reads the whole file.
pub(super) fn read(reader: &mut Reader<'_>) {
    if reader.manifest.file_name().eq_ignore_ascii_case("top_level.txt") {
        modules(reader);
        return;
    }
    let mut name = None;
    let mut version = None;
    let mut requires = Vec::new();
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

/// `top_level.txt`: names under which the code is imported. The distribution is that of the folder.
fn modules(reader: &mut Reader<'_>) {
    reader.manifest.modules =
        reader.text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    let folder = reader.manifest.folder().trim_end_matches('/');
    let folder = folder.rsplit('/').next().unwrap_or_default();
    let stem = folder.trim_end_matches(".dist-info").trim_end_matches(".egg-info");
    reader.manifest.project = PackageName::parse(stem.split('-').next().unwrap_or_default());
}
