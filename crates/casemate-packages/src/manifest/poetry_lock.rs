//! `poetry.lock`, from Poetry 1.0 on.

use std::collections::{BTreeSet, HashMap, HashSet};

use toml::de::DeValue;

use super::lock::{Need, Node, groups, join_same, reached, tell_empty, tell_missing};
use super::poetry;
use super::reader::{Reader, shorten};
use super::requirement::{index, origin, pinned, repository};
use super::table::{Table, flag, text};
use super::{Origin, PackageName};

/// Reads the whole file.
pub(super) fn read(reader: &mut Reader<'_>) {
    let file = reader.toml();
    reader.only_keys(&file, &["package", "metadata", "extras"]);
    let metadata = reader.table(&file, "metadata");
    let files = metadata.and_then(|metadata| reader.table(metadata, "files"));
    match metadata {
        None => reader.problem(
            reader.text.len().saturating_sub(1)..reader.text.len(),
            "there is no `[metadata]`, with which Poetry ends this file: it is cut off, and packages may be missing",
        ),
        Some(metadata) => {
            match reader.string(metadata, "lock-version") {
                Some(version) if matches!(version.value.split('.').next(), Some("1" | "2")) => {}
                Some(version) => {
                    let message = format!(
                        "version {} of poetry.lock is not known here; packages may be missing",
                        shorten(version.value)
                    );
                    reader.problem(version.span, message);
                }
                // Poetry before 1.1 wrote none.
                None => {}
            }
            reader.manifest.content_hash = reader.string(metadata, "content-hash").map(|hash| hash.value.to_owned());
            if let Some(wanted) = reader.string(metadata, "python-versions") {
                reader.manifest.requires_python = poetry::constraint(wanted.value);
                reader.manifest.requires_python_span = Some(wanted.span);
            }
        }
    }
    let mut nodes = Vec::new();
    let mut packages = Vec::new();
    let mut stated: Vec<(bool, BTreeSet<String>)> = Vec::new();
    for (entry, span) in reader.tables(&file, "package") {
        let Some((name, mut dependency)) = reader.package(entry, span) else { continue };
        match reader.string(entry, "version") {
            Some(version) => {
                dependency.version = reader.version(name.value, version.value, &version.span);
                dependency.version_span = Some(version.span);
            }
            None => reader.no_version(name.value, name.span),
        }
        if let Some(version) = &dependency.version {
            dependency.specifiers = pinned(version);
        }
        if let Some(source) = reader.table(entry, "source") {
            dependency.origin = from_source(source);
        }
        dependency.is_editable = flag(entry, "develop");
        for (file, _) in reader.tables(entry, "files") {
            dependency.hashes.extend(file.get("hash").and_then(text).map(|hash| hash.value.to_owned()));
        }
        if let Some(files) = files
            && let Some(own) =
                files.keys().find(|key| PackageName::parse(key.get_ref()).as_ref() == Some(&dependency.name))
        {
            for (file, _) in reader.tables(files, own.get_ref()) {
                dependency.hashes.extend(file.get("hash").and_then(text).map(|hash| hash.value.to_owned()));
            }
        }
        // With several groups there may be a marker for each; any of them will do.
        match entry.get("markers").map(toml::Spanned::get_ref) {
            Some(DeValue::String(_)) => {
                if let Some(marker) = reader.string(entry, "markers")
                    && let Some(marker) = reader.marker(marker.value, &marker.span)
                {
                    dependency.marker = marker;
                }
            }
            Some(DeValue::Table(table)) => {
                let all = reader.strings_of(table);
                let covers = entry
                    .get("groups")
                    .and_then(|groups| groups.get_ref().as_array())
                    .is_none_or(|groups| groups.len() <= all.len());
                let mut any: Option<pep508_rs::MarkerTree> = None;
                for marker in all {
                    if let Some(marker) = reader.marker(marker.value, &marker.span) {
                        match &mut any {
                            Some(any) => any.or(marker),
                            None => any = Some(marker),
                        }
                    }
                }
                if let (Some(any), true) = (any, covers) {
                    dependency.marker = any;
                }
            }
            _ => {}
        }
        let node = node(reader, entry);
        dependency.requires = node.needs.iter().map(|need| need.name.clone()).collect();
        let mut written: BTreeSet<String> =
            reader.strings(entry, "groups").iter().map(|group| group.value.to_owned()).collect();
        written.extend(reader.string(entry, "category").map(|category| category.value.to_owned()));
        stated.push((flag(entry, "optional"), written));
        packages.push(dependency);
        nodes.push(node);
    }
    let names: HashSet<PackageName> = packages.iter().map(|package| package.name.clone()).collect();
    tell_missing(reader, &nodes, &names);
    let mut roots = Vec::new();
    if let Some(extras) = reader.table(&file, "extras") {
        for extra in extras.keys() {
            let extra = extra.get_ref().as_ref();
            let needs = reader.strings(extras, extra).into_iter().filter_map(|name| {
                let written = name.value.split([' ', '[', '(', ';', '<', '>', '=', '!', '~']).next()?;
                let name = Need {
                    name: PackageName::parse(written)?,
                    version: None,
                    extras: Vec::new(),
                    span: name.span,
                    is_conditional: true,
                };
                Some(name)
            });
            roots.push((Some(extra.to_owned()), needs.collect()));
        }
    }
    let mut by_name: HashMap<PackageName, Vec<usize>> = HashMap::new();
    for (at, package) in packages.iter().enumerate() {
        by_name.entry(package.name.clone()).or_default().push(at);
    }
    let by = reached(&nodes, &roots, |need| by_name.get(&need.name).cloned().unwrap_or_default());
    for ((package, (is_optional, written)), by) in packages.iter_mut().zip(&stated).zip(by) {
        let is_main = written.is_empty() || written.contains("main");
        package.groups = written.iter().filter(|group| *group != "main").cloned().collect();
        if is_main && *is_optional {
            package.groups.extend(groups(&by));
        } else if is_main {
            package.groups.clear();
        }
    }
    reader.manifest.dependencies = join_same(packages);
    tell_empty(reader);
}

fn from_source(source: &Table<'_>) -> Origin {
    let string = |key: &str| source.get(key).and_then(text).map(|text| text.value);
    let url = string("url").unwrap_or_default();
    match string("type") {
        Some("git" | "hg" | "svn" | "bzr") => {
            repository(url, string("resolved_reference").or_else(|| string("reference")))
        }
        Some("url") => origin(url),
        Some("directory" | "file") => Origin::Local(url.to_owned()),
        _ => index(url),
    }
}

fn node(reader: &mut Reader<'_>, entry: &Table<'_>) -> Node {
    let mut node = Node::default();
    let Some(dependencies) = reader.table(entry, "dependencies") else { return node };
    for (key, value) in dependencies.iter() {
        let Some(name) = PackageName::parse(key.get_ref()) else { continue };
        // An alternative with a marker may be for a Python, and one that is optional for an extra, that nobody asks for.
        let is_plain = |value: &DeValue<'_>| match value {
            DeValue::String(_) => true,
            DeValue::Table(table) => {
                table.get("markers").is_none() && !flag(table, "optional") && table.get("python").is_none()
            }
            _ => false,
        };
        let is_conditional = !is_plain(value.get_ref());
        node.needs.push(Need { name, version: None, extras: Vec::new(), span: key.span(), is_conditional });
    }
    node
}
