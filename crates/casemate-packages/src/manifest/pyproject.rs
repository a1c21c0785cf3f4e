//! `pyproject.toml`: what the standards say (PEP 621, 735, 518), and the tables of PDM, Hatch, uv, Flit and setuptools.

use std::collections::HashSet;
use std::ops::Range;

use pep440_rs::VersionSpecifiers;
use toml::de::DeValue;

use super::reader::{Reader, shorten};
use super::requirement::repository;
use super::table::{Table, Text, Value, flag, text};
use super::{Dependency, Include, IndexKind, IndexOption, Origin, PackageName, poetry};

/// Reads the whole file.
pub(super) fn read(reader: &mut Reader<'_>) {
    let file = reader.toml();
    project(reader, &file);
    groups(reader, &file);
    if let Some(build) = reader.table(&file, "build-system") {
        for required in reader.strings(build, "requires") {
            let dependency = reader.requirement(required.value, required.span);
            reader.manifest.build_requires.extend(dependency);
        }
    }
    let Some(tool) = reader.table(&file, "tool") else { return };
    if let Some(table) = reader.table(tool, "poetry") {
        poetry::read(reader, table);
    }
    if let Some(table) = reader.table(tool, "pdm") {
        pdm(reader, table);
    }
    if let Some(table) = reader.table(tool, "hatch") {
        hatch(reader, table);
    }
    if let Some(table) = reader.table(tool, "uv") {
        uv(reader, table);
    }
    if let Some(table) = reader.deep(tool, &["flit", "metadata"]) {
        flit(reader, table);
    }
    if let Some(table) = reader.deep(tool, &["setuptools", "dynamic"]) {
        setuptools(reader, table);
    }
}

fn project(reader: &mut Reader<'_>, file: &Table<'_>) {
    let Some(project) = reader.table(file, "project") else { return };
    if let Some(name) = reader.string(project, "name") {
        reader.manifest.project = PackageName::parse(name.value);
    }
    if let Some(wanted) = reader.string(project, "requires-python") {
        requires_python(reader, wanted);
    }
    let dynamic = reader.strings(project, "dynamic");
    reader.manifest.is_dynamic = dynamic.iter().any(|field| field.value == "dependencies");
    for required in reader.strings(project, "dependencies") {
        add(reader, required, &[]);
    }
    if let Some(extras) = reader.table(project, "optional-dependencies") {
        for extra in extras.keys() {
            let extra = extra.get_ref().as_ref();
            for required in reader.strings(extras, extra) {
                add(reader, required, &[extra]);
            }
        }
    }
}

/// What the project says about Python itself.
pub(super) fn requires_python(reader: &mut Reader<'_>, wanted: Text<'_>) {
    match wanted.value.parse::<VersionSpecifiers>() {
        Ok(specifiers) => {
            reader.manifest.requires_python = Some(specifiers);
            reader.manifest.requires_python_span = Some(wanted.span);
        }
        Err(_) => {
            let message = format!("`{}` does not say which Pythons will do (PEP 440)", shorten(wanted.value));
            reader.problem(wanted.span, message);
        }
    }
}

/// A requirement of the project itself, or of its groups.
fn add(reader: &mut Reader<'_>, required: Text<'_>, groups: &[&str]) {
    let Some(mut dependency) = reader.requirement(required.value, required.span) else { return };
    dependency.is_direct = Some(true);
    dependency.groups = groups.iter().map(|&group| group.to_owned()).collect();
    reader.manifest.dependencies.push(dependency);
}

/// `[dependency-groups]` with `include-group`.
fn groups(reader: &mut Reader<'_>, file: &Table<'_>) {
    let Some(groups) = reader.table(file, "dependency-groups") else { return };
    for (name, _) in groups.iter() {
        let name = name.get_ref().as_ref();
        for element in reader.array(groups, name) {
            if let Some(required) = text(element) {
                add(reader, required, &[name]);
                continue;
            }
            let included = element.get_ref().as_table().and_then(|table| table.get("include-group")).and_then(text);
            match included {
                Some(included) if groups.iter().any(|(group, _)| same(group.get_ref(), included.value)) => {}
                Some(included) => {
                    let message = format!("there is no dependency group `{}` to include", shorten(included.value));
                    reader.problem(included.span, message);
                }
                None => reader.wrong(element.span(), name, "requirements", element.get_ref().type_str()),
            }
        }
    }
    // What a group includes belongs to it as well.
    let mut more: Vec<(String, String)> = Vec::new();
    for (name, _) in groups.iter() {
        let name = name.get_ref().as_ref();
        let mut seen = HashSet::new();
        let mut open = vec![name];
        while let Some(group) = open.pop() {
            if !seen.insert(group) {
                continue;
            }
            if group != name {
                more.push((group.to_owned(), name.to_owned()));
            }
            let Some(elements) = groups.get(group).and_then(|value| value.get_ref().as_array()) else { continue };
            for element in elements.iter() {
                let included = element.get_ref().as_table().and_then(|table| table.get("include-group"));
                let included = included.and_then(|value| value.get_ref().as_str());
                let found = groups.keys().find(|key| included.is_some_and(|included| same(key.get_ref(), included)));
                open.extend(found.map(|key| key.get_ref().as_ref()));
            }
        }
    }
    for dependency in &mut reader.manifest.dependencies {
        let Some(own) = dependency.groups.first().cloned() else { continue };
        for (group, into) in &more {
            if *group == own && !dependency.groups.contains(into) {
                dependency.groups.push(into.clone());
            }
        }
    }
}

fn same(a: &str, b: &str) -> bool {
    PackageName::parse(a) == PackageName::parse(b)
}

fn pdm(reader: &mut Reader<'_>, pdm: &Table<'_>) {
    if let Some(groups) = reader.table(pdm, "dev-dependencies") {
        for group in groups.keys() {
            let group = group.get_ref().as_ref();
            for required in reader.strings(groups, group) {
                let written = required.value.trim();
                // `-e file:///…#egg=name`
                if let Some(rest) = written.strip_prefix("-e") {
                    let rest = rest.trim();
                    let name = super::requirement::egg(rest).and_then(PackageName::parse);
                    if let Some(name) = name {
                        let shown = name.to_string();
                        let mut dependency = Dependency::new(name, &shown, required.span);
                        dependency.origin = super::requirement::origin(rest);
                        dependency.groups = vec![group.to_owned()];
                        dependency.is_editable = true;
                        dependency.is_direct = Some(true);
                        reader.manifest.dependencies.push(dependency);
                    }
                    continue;
                }
                add(reader, required, &[group]);
            }
        }
    }
    for (source, span) in reader.tables(pdm, "source") {
        let is_main = source.get("name").and_then(text).is_some_and(|name| name.value == "pypi");
        let limited = source.get("include_packages").is_some();
        let kind = match source.get("type").and_then(text) {
            Some(kind) if kind.value == "find_links" => IndexKind::Links,
            _ if is_main => IndexKind::Default,
            _ if limited => IndexKind::Explicit,
            _ => IndexKind::Extra,
        };
        index(reader, source, "tool.pdm.source", kind, span);
    }
}

/// An index of a tool's table.
pub(super) fn index(reader: &mut Reader<'_>, source: &Table<'_>, option: &str, kind: IndexKind, span: Range<usize>) {
    let name = source.get("name").and_then(text).map(|name| name.value.to_owned());
    let Some(url) = reader.string(source, "url") else { return };
    let option = option.to_owned();
    let found =
        IndexOption { kind, option: option.clone(), name: name.clone(), value: url.value.to_owned(), span: url.span };
    reader.manifest.indexes.push(found);
    let unverified = source.get("verify_ssl").is_some_and(|value| value.get_ref().as_bool() == Some(false));
    if unverified {
        let span = source.get("verify_ssl").map_or(span, Value::span);
        let option = "verify_ssl".to_owned();
        let found = IndexOption { kind: IndexKind::Trusted, option, name, value: url.value.to_owned(), span };
        reader.manifest.indexes.push(found);
    }
}

fn hatch(reader: &mut Reader<'_>, hatch: &Table<'_>) {
    let Some(envs) = reader.table(hatch, "envs") else { return };
    for name in envs.keys() {
        let name = name.get_ref().as_ref();
        let Some(env) = reader.table(envs, name) else { continue };
        for key in ["dependencies", "extra-dependencies"] {
            for required in reader.strings(env, key) {
                // `{root:uri}` and the like are filled in by Hatch.
                if !required.value.contains('{') {
                    add(reader, required, &[name]);
                }
            }
        }
    }
}

fn uv(reader: &mut Reader<'_>, uv: &Table<'_>) {
    for required in reader.strings(uv, "dev-dependencies") {
        add(reader, required, &["dev"]);
    }
    for key in ["constraint-dependencies", "override-dependencies"] {
        for required in reader.strings(uv, key) {
            if let Some(mut dependency) = reader.requirement(required.value, required.span) {
                dependency.is_constraint = true;
                reader.manifest.dependencies.push(dependency);
            }
        }
    }
    for (source, span) in reader.tables(uv, "index") {
        let kind = if flag(source, "explicit") {
            IndexKind::Explicit
        } else if flag(source, "default") {
            IndexKind::Default
        } else {
            IndexKind::Extra
        };
        index(reader, source, "tool.uv.index", kind, span);
    }
    options(reader, uv);
    if let Some(pip) = reader.table(uv, "pip") {
        options(reader, pip);
    }
    if let Some(workspace) = reader.table(uv, "workspace") {
        let members = reader.strings(workspace, "members");
        reader.manifest.members.extend(members.into_iter().map(|member| member.value.to_owned()));
    }
    let Some(sources) = reader.table(uv, "sources") else { return };
    for (name, value) in sources.iter() {
        let Some(name) = PackageName::parse(name.get_ref()) else { continue };
        let several = value.get_ref().as_array().into_iter().flat_map(|all| all.iter());
        let tables = std::iter::once(value).chain(several).filter_map(|value| value.get_ref().as_table());
        for source in tables {
            let Some(origin) = uv_origin(source) else { continue };
            let is_editable = flag(source, "editable");
            for dependency in reader.manifest.dependencies.iter_mut().filter(|one| one.name == name) {
                dependency.origin = origin.clone();
                dependency.is_editable |= is_editable;
            }
        }
    }
}

/// Where `[tool.uv.sources]` takes a package from.
fn uv_origin(source: &Table<'_>) -> Option<Origin> {
    let string = |key: &str| source.get(key).and_then(text).map(|text| text.value);
    if let Some(url) = string("git") {
        return Some(repository(url, string("rev").or_else(|| string("tag")).or_else(|| string("branch"))));
    }
    if let Some(url) = string("url") {
        return Some(super::requirement::origin(url));
    }
    if let Some(path) = string("path") {
        return Some(Origin::Local(path.to_owned()));
    }
    if flag(source, "workspace") {
        return Some(Origin::Local(String::new()));
    }
    string("index").map(|index| Origin::Index(Some(index.to_owned())))
}

fn options(reader: &mut Reader<'_>, table: &Table<'_>) {
    let kinds = [
        ("index-url", IndexKind::Default),
        ("extra-index-url", IndexKind::Extra),
        ("find-links", IndexKind::Links),
        ("allow-insecure-host", IndexKind::Trusted),
        ("index-strategy", IndexKind::Strategy),
    ];
    for (key, kind) in kinds {
        let Some(value) = table.get(key) else { continue };
        let values = match value.get_ref() {
            DeValue::Array(values) => reader.all_strings(values, key),
            _ => reader.string(table, key).into_iter().collect(),
        };
        for value in values {
            let (option, value, span) = (format!("tool.uv.{key}"), value.value.to_owned(), value.span);
            reader.manifest.indexes.push(IndexOption { kind, option, name: None, value, span });
        }
    }
    reader.manifest.requires_hashes |= flag(table, "require-hashes");
}

/// Flit's own metadata, from before PEP 621.
fn flit(reader: &mut Reader<'_>, metadata: &Table<'_>) {
    if let Some(wanted) = reader.string(metadata, "requires-python") {
        requires_python(reader, wanted);
    }
    for required in reader.strings(metadata, "requires") {
        add(reader, required, &[]);
    }
    for required in reader.strings(metadata, "dev-requires") {
        add(reader, required, &["dev"]);
    }
    if let Some(extras) = reader.table(metadata, "requires-extra") {
        for extra in extras.keys() {
            for required in reader.strings(extras, extra.get_ref()) {
                add(reader, required, &[extra.get_ref()]);
            }
        }
    }
}

/// `dependencies = { file = ["requirements.txt"] }`
fn setuptools(reader: &mut Reader<'_>, dynamic: &Table<'_>) {
    let include = |reader: &mut Reader<'_>, table: &Table<'_>, group: Option<&str>| {
        let files = match table.get("file").map(toml::Spanned::get_ref) {
            Some(DeValue::Array(_)) => reader.strings(table, "file"),
            _ => reader.string(table, "file").into_iter().collect(),
        };
        for file in files {
            let path = super::resolve(reader.manifest.folder(), file.value);
            let group = group.map(str::to_owned);
            reader.manifest.includes.push(Include { path, span: file.span, is_constraint: false, group });
        }
    };
    if let Some(table) = reader.table(dynamic, "dependencies") {
        include(reader, table, None);
        reader.manifest.is_dynamic = false;
    }
    if let Some(extras) = reader.table(dynamic, "optional-dependencies") {
        for extra in extras.keys() {
            if let Some(table) = reader.table(extras, extra.get_ref()) {
                include(reader, table, Some(extra.get_ref()));
            }
        }
    }
}
