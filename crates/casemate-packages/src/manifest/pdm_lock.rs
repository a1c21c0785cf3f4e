//! `pdm.lock`

use std::collections::HashSet;

use super::lock::{Need, Node, join_same, tell_empty, tell_missing};
use super::pyproject::requires_python;
use super::reader::{Reader, shorten};
use super::requirement::{origin, pinned, repository};
use super::table::{Table, flag, text};
use super::{Origin, PackageName};

/// Reads the whole file.
pub(super) fn read(reader: &mut Reader<'_>) {
    let file = reader.toml();
    reader.only_keys(&file, &["package", "metadata"]);
    let metadata = reader.table(&file, "metadata");
    let files = metadata.and_then(|metadata| reader.table(metadata, "files"));
    match metadata {
        None => reader.problem(0..0, "there is no `[metadata]`, so this is no whole pdm.lock; packages may be missing"),
        Some(metadata) => {
            match reader.string(metadata, "lock_version") {
                Some(version) if matches!(version.value.split('.').next(), Some("2" | "3" | "4")) => {}
                Some(version) => {
                    let message = format!(
                        "version {} of pdm.lock is not known here; packages may be missing",
                        shorten(version.value)
                    );
                    reader.problem(version.span, message);
                }
                None => reader
                    .problem(0..0, "there is no `lock_version`, so this is no whole pdm.lock; packages may be missing"),
            }
            reader.manifest.content_hash = reader.string(metadata, "content_hash").map(|hash| hash.value.to_owned());
            let targets = reader.tables(metadata, "targets");
            if let [(target, _)] = targets.as_slice()
                && let Some(wanted) = reader.string(target, "requires_python")
            {
                requires_python(reader, wanted);
            }
        }
    }
    let mut nodes = Vec::new();
    let mut packages = Vec::new();
    for (entry, span) in reader.tables(&file, "package") {
        let Some((name, mut dependency)) = reader.package(entry, span) else { continue };
        dependency.origin = from(entry);
        match reader.string(entry, "version") {
            Some(version) => {
                dependency.version = reader.version(name.value, version.value, &version.span);
                dependency.version_span = Some(version.span);
            }
            None if matches!(dependency.origin, Origin::Local(_)) => {}
            None => reader.no_version(name.value, name.span),
        }
        if let Some(version) = &dependency.version {
            dependency.specifiers = pinned(version);
        }
        dependency.is_editable = flag(entry, "editable");
        if let Some(marker) = reader.string(entry, "marker")
            && let Some(marker) = reader.marker(marker.value, &marker.span)
        {
            dependency.marker = marker;
        }
        let mut groups: Vec<String> =
            reader.strings(entry, "groups").iter().map(|group| group.value.to_owned()).collect();
        if groups.iter().any(|group| group == "default") {
            groups.clear();
        }
        dependency.groups = groups;
        let own = files.and_then(|files| {
            let key =
                format!("{} {}", name.value, entry.get("version").and_then(text).map_or("", |version| version.value));
            files
                .keys()
                .map(|key| key.get_ref().as_ref())
                .find(|known: &&str| **known == key)
                .map(|key: &str| (files, key.to_owned()))
        });
        let mut hashed = reader.tables(entry, "files");
        if let Some((files, key)) = own {
            hashed.extend(reader.tables(files, &key));
        }
        dependency
            .hashes
            .extend(hashed.iter().filter_map(|(file, _)| Some(file.get("hash").and_then(text)?.value.to_owned())));
        let mut node = Node::default();
        for needed in reader.strings(entry, "dependencies") {
            let written = needed.value;
            let end =
                written.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(written.len());
            let Some(name) = written.get(..end).and_then(PackageName::parse) else {
                reader
                    .problem(needed.span, format!("`{}` is not a requirement; it was not followed", shorten(written)));
                continue;
            };
            let is_conditional = written.contains(';');
            node.needs.push(Need { name, version: None, extras: Vec::new(), span: needed.span, is_conditional });
        }
        dependency.requires =
            node.needs.iter().map(|need| need.name.clone()).filter(|name| *name != dependency.name).collect();
        nodes.push(node);
        packages.push(dependency);
    }
    let names: HashSet<PackageName> = packages.iter().map(|package| package.name.clone()).collect();
    tell_missing(reader, &nodes, &names);
    reader.manifest.dependencies = join_same(packages);
    tell_empty(reader);
}

fn from(entry: &Table<'_>) -> Origin {
    let string = |key: &str| entry.get(key).and_then(text).map(|text| text.value);
    for vcs in ["git", "hg", "svn", "bzr"] {
        if let Some(url) = string(vcs) {
            return repository(url, string("revision").or_else(|| string("ref")));
        }
    }
    if let Some(path) = string("path") {
        return Origin::Local(path.to_owned());
    }
    string("url").map_or(Origin::Index(None), origin)
}
