//! `uv.lock`

use std::collections::{HashMap, HashSet};

use toml::de::DeValue;

use super::lock::{Need, Node, groups, reached, tell_empty, tell_missing};
use super::pyproject::requires_python;
use super::reader::Reader;
use super::requirement::{index, origin, pinned, repository};
use super::table::{Table, Value, text};
use super::{Dependency, Origin, PackageName};

/// Reads the whole file.
pub(super) fn read(reader: &mut Reader<'_>) {
    let file = reader.toml();
    match file.get("version").map(toml::Spanned::get_ref) {
        Some(DeValue::Integer(version)) if version.as_str() == "1" => {}
        Some(_) => {
            let span = file.get("version").map(Value::span).unwrap_or_default();
            reader.problem(span, "this version of uv.lock is not known here (version 1 is); packages may be missing");
        }
        None => reader.problem(0..0, "there is no `version`, so this is no whole uv.lock; packages may be missing"),
    }
    let known = [
        "version",
        "revision",
        "requires-python",
        "resolution-markers",
        "supported-markers",
        "required-markers",
        "conflicts",
        "manifest",
        "options",
        "package",
    ];
    reader.only_keys(&file, &known);
    if let Some(wanted) = reader.string(&file, "requires-python") {
        requires_python(reader, wanted);
    }
    let mut nodes = Vec::new();
    let mut packages: Vec<(Dependency, Option<String>)> = Vec::new();
    let mut roots: Vec<(Option<String>, Vec<Need>)> = Vec::new();
    for (entry, span) in reader.tables(&file, "package") {
        let Some((name, mut dependency)) = reader.package(entry, span) else { continue };
        let source = reader.table(entry, "source");
        let is_member =
            source.is_some_and(|source| ["editable", "virtual"].iter().any(|key| source.get(*key).is_some()));
        dependency.origin = source.map_or(Origin::Index(None), from_source);
        let version = reader.string(entry, "version");
        match &version {
            Some(version) => {
                dependency.version_span = Some(version.span.clone());
                dependency.version = reader.version(name.value, version.value, &version.span);
                if let Some(version) = &dependency.version {
                    dependency.specifiers = pinned(version);
                }
            }
            None if matches!(dependency.origin, Origin::Local(_)) => {}
            None => reader.no_version(name.value, name.span),
        }
        dependency.hashes = hashes(reader, entry);
        let mut node = Node { needs: needs(reader, entry, "dependencies"), ..Node::default() };
        if let Some(extras) = reader.table(entry, "optional-dependencies") {
            for extra in extras.keys() {
                let extra = extra.get_ref().as_ref();
                node.by_extra.insert(extra.to_owned(), needs(reader, extras, extra));
            }
        }
        let mut by_group = Vec::new();
        if let Some(groups) = reader.table(entry, "dev-dependencies") {
            for group in groups.keys() {
                let group = group.get_ref().as_ref();
                by_group.push((group.to_owned(), needs(reader, groups, group)));
            }
        }
        if is_member {
            roots.push((None, node.needs.clone()));
            roots.extend(node.by_extra.iter().map(|(extra, needs)| (Some(extra.clone()), needs.clone())));
            roots.extend(by_group.iter().map(|(group, needs)| (Some(group.clone()), needs.clone())));
        }
        let names = node.needs.iter().chain(node.by_extra.values().flatten());
        dependency.requires = names.map(|need| need.name.clone()).collect();
        dependency.requires.sort();
        dependency.requires.dedup();
        if is_member {
            dependency.is_direct = Some(false);
            // What a member asks for in groups only is not among its needs, but must have an entry all the same.
            node.by_extra.extend(by_group);
        }
        packages.push((dependency, version.map(|version| version.value.to_owned())));
        nodes.push(node);
    }
    let names: HashSet<PackageName> = packages.iter().map(|(package, _)| package.name.clone()).collect();
    tell_missing(reader, &nodes, &names);
    let mut by_name: HashMap<&PackageName, Vec<usize>> = HashMap::new();
    for (at, (package, _)) in packages.iter().enumerate() {
        by_name.entry(&package.name).or_default().push(at);
    }
    let find = |need: &Need| -> Vec<usize> {
        let all = by_name.get(&need.name).cloned().unwrap_or_default();
        let exact = |&at: &usize| {
            packages.get(at).is_some_and(|(_, version)| need.version.is_some() && *version == need.version)
        };
        let same: Vec<usize> = all.iter().copied().filter(|at| exact(at)).collect();
        if same.is_empty() { all } else { same }
    };
    // The members of a workspace need each other without that making them anybody's group.
    let by = reached(&nodes, &roots, find);
    let direct: HashSet<PackageName> =
        roots.iter().flat_map(|(_, needs)| needs).map(|need| need.name.clone()).collect();
    drop(by_name);
    for ((mut package, _), by) in packages.into_iter().zip(by) {
        package.groups = groups(&by);
        if package.is_direct.is_none() && !roots.is_empty() {
            package.is_direct = Some(direct.contains(&package.name));
        }
        reader.manifest.dependencies.push(package);
    }
    tell_empty(reader);
}

fn from_source(source: &Table<'_>) -> Origin {
    let string = |key: &str| source.get(key).and_then(text).map(|text| text.value);
    if let Some(url) = string("registry") {
        return index(url);
    }
    if let Some(url) = string("git") {
        let (address, commit) = url.split_once('#').unwrap_or((url, ""));
        return repository(address.split('?').next().unwrap_or(address), Some(commit));
    }
    if let Some(url) = string("url") {
        return origin(url);
    }
    let path = ["path", "directory", "editable", "virtual"].iter().find_map(|key| string(key));
    path.map_or(Origin::Index(None), |path| Origin::Local(path.to_owned()))
}

fn hashes(reader: &mut Reader<'_>, entry: &Table<'_>) -> Vec<String> {
    let mut hashes = Vec::new();
    let sdist = entry.get("sdist").and_then(|value| value.get_ref().as_table());
    let wheels = reader.tables(entry, "wheels");
    for archive in sdist.into_iter().chain(wheels.into_iter().map(|(wheel, _)| wheel)) {
        hashes.extend(archive.get("hash").and_then(text).map(|hash| hash.value.to_owned()));
    }
    hashes
}

fn needs(reader: &mut Reader<'_>, table: &Table<'_>, key: &str) -> Vec<Need> {
    let mut needs = Vec::new();
    for (need, span) in reader.tables(table, key) {
        let Some(name) = need.get("name").and_then(text).and_then(|name| PackageName::parse(name.value)) else {
            reader.problem(span, "a dependency without a name; it was not followed");
            continue;
        };
        let extras = match need.get("extra").map(toml::Spanned::get_ref) {
            Some(DeValue::Array(_)) => {
                reader.strings(need, "extra").iter().map(|extra| extra.value.to_owned()).collect()
            }
            _ => Vec::new(),
        };
        let version = need.get("version").and_then(text).map(|version| version.value.to_owned());
        needs.push(Need { name, version, extras, span, is_conditional: false });
    }
    needs
}
