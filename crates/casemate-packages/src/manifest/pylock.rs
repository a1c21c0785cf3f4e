//! `pylock.toml` (PEP 751)

use toml::de::DeValue;

use super::lock::{join_same, tell_empty};
use super::markers;
use super::pyproject::requires_python;
use super::reader::{Reader, shorten};
use super::requirement::{index, origin, pinned, place, repository};
use super::table::{Table, Value, flag, text};
use super::{Dependency, Origin, PackageName};

/// Reads the whole file.
pub(super) fn read(reader: &mut Reader<'_>) {
    let file = reader.toml();
    match reader.string(&file, "lock-version") {
        Some(version) if version.value.split('.').next() == Some("1") => {}
        Some(version) => {
            let message =
                format!("version {} of pylock.toml is not known here; packages may be missing", shorten(version.value));
            reader.problem(version.span, message);
        }
        None => {
            let message = "there is no `lock-version`, so this is no whole pylock.toml; packages may be missing";
            reader.problem(0..0, message);
        }
    }
    let known = [
        "lock-version",
        "environments",
        "requires-python",
        "extras",
        "dependency-groups",
        "default-groups",
        "created-by",
        "packages",
        "tool",
    ];
    reader.only_keys(&file, &known);
    if file.get("packages").is_none() {
        let end = reader.text.len();
        reader.problem(
            end.saturating_sub(1)..end,
            "there is no `packages`, which every pylock.toml has; is the file cut off?",
        );
    }
    if let Some(wanted) = reader.string(&file, "requires-python") {
        requires_python(reader, wanted);
    }
    let defaults: Vec<String> =
        reader.strings(&file, "default-groups").iter().map(|group| group.value.to_owned()).collect();
    let mut packages = Vec::new();
    for (entry, span) in reader.tables(&file, "packages") {
        let Some((name, mut dependency)) = reader.package(entry, span) else { continue };
        source(reader, entry, &mut dependency);
        match reader.string(entry, "version") {
            Some(version) => {
                dependency.version = reader.version(name.value, version.value, &version.span);
                dependency.version_span = Some(version.span);
                if let Some(version) = &dependency.version {
                    dependency.specifiers = pinned(version);
                }
            }
            // The standard lets sources that are not an index go without.
            None if dependency.version.is_some() || !matches!(dependency.origin, Origin::Index(_)) => {}
            None => reader.no_version(name.value, name.span),
        }
        if let Some(marker) = reader.string(entry, "marker") {
            let (rewritten, groups) = without_groups(marker.value);
            if let Some(tree) = reader.marker(&rewritten, &marker.span) {
                let needed = markers::extras(&tree, &rewritten);
                let is_default = needed.iter().any(|name| groups.contains(name) && defaults.contains(name));
                dependency.groups = if is_default { Vec::new() } else { needed };
                dependency.marker = tree;
            }
        }
        for (needed, _) in reader.tables(entry, "dependencies") {
            dependency
                .requires
                .extend(needed.get("name").and_then(text).and_then(|name| PackageName::parse(name.value)));
        }
        packages.push(dependency);
    }
    reader.manifest.dependencies = join_same(packages);
    tell_empty(reader);
}

/// Origin, hashes and, for archives, the version.
fn source(reader: &mut Reader<'_>, entry: &Table<'_>, dependency: &mut Dependency) {
    let string = |table: &Table<'_>, key: &str| table.get(key).and_then(text).map(|text| text.value.to_owned());
    if let Some(vcs) = reader.table(entry, "vcs") {
        let url = string(vcs, "url").or_else(|| string(vcs, "path")).unwrap_or_default();
        dependency.origin =
            repository(&url, string(vcs, "commit-id").or_else(|| string(vcs, "requested-revision")).as_deref());
    } else if let Some(directory) = reader.table(entry, "directory") {
        dependency.origin = Origin::Local(string(directory, "path").unwrap_or_default());
        dependency.is_editable = flag(directory, "editable");
    } else if let Some(archive) = reader.table(entry, "archive") {
        match string(archive, "url") {
            Some(url) => place(dependency, &url),
            None => dependency.origin = origin(&string(archive, "path").unwrap_or_default()),
        }
        hashes(archive, dependency);
    } else {
        dependency.origin = string(entry, "index").map_or(Origin::Index(None), |url| index(&url));
    }
    let sdist = reader.table(entry, "sdist");
    let wheels = reader.tables(entry, "wheels");
    for archive in sdist.into_iter().chain(wheels.into_iter().map(|(wheel, _)| wheel)) {
        hashes(archive, dependency);
    }
}

fn hashes(archive: &Table<'_>, dependency: &mut Dependency) {
    let Some(table) = archive.get("hashes").and_then(|value: &Value<'_>| value.get_ref().as_table()) else { return };
    for (kind, digits) in table.iter() {
        if let DeValue::String(digits) = digits.get_ref() {
            dependency.hashes.push(format!("{}:{digits}", kind.get_ref()));
        }
    }
}

/// The marker with `'x' in extras` and `'x' in dependency_groups`, which only lock files know, as comparisons with `extra`;
/// and the groups.
fn without_groups(marker: &str) -> (String, Vec<String>) {
    let mut groups = Vec::new();
    if !marker.contains("extras") && !marker.contains("dependency_groups") {
        return (marker.to_owned(), groups);
    }
    let mut rewritten = String::with_capacity(marker.len());
    let mut rest = marker;
    while let Some(open) = rest.find(['\'', '"']) {
        let (before, from) = rest.split_at(open);
        let quote = if from.starts_with('"') { '"' } else { '\'' };
        let inside = from.get(1..).unwrap_or_default();
        let Some(close) = inside.find(quote) else { break };
        let (value, after) = inside.split_at(close);
        let after = after.get(1..).unwrap_or_default();
        rewritten.push_str(before);
        let tail = after.trim_start();
        let found = [("not in", "!="), ("in", "==")].iter().find_map(|(word, sign)| {
            let tail = tail.strip_prefix(word)?;
            let tail = tail.strip_prefix(char::is_whitespace)?.trim_start();
            let (set, tail) =
                ["extras", "dependency_groups"].iter().find_map(|set| Some((*set, tail.strip_prefix(set)?)))?;
            Some((*sign, set, tail))
        });
        match found {
            Some((sign, set, tail)) => {
                rewritten.push_str(&format!("extra {sign} {quote}{value}{quote}"));
                if set == "dependency_groups" {
                    groups.push(value.to_owned());
                }
                rest = tail;
            }
            None => {
                rewritten.push_str(from.get(..close + 2).unwrap_or_default());
                rest = after;
            }
        }
    }
    rewritten.push_str(rest);
    (rewritten, groups)
}
