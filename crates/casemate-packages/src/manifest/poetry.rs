//! `[tool.poetry]` of `pyproject.toml`: Poetry's own way to declare dependencies.

use pep440_rs::{Version, VersionSpecifier, VersionSpecifiers};
use toml::de::DeValue;

use super::pyproject::index;
use super::reader::{Reader, shorten};
use super::requirement::{exact, repository};
use super::table::{Table, Text, Value, flag, text};
use super::{Dependency, IndexKind, Origin, PackageName};

/// Reads the table.
pub(super) fn read(reader: &mut Reader<'_>, poetry: &Table<'_>) {
    if reader.manifest.project.is_none()
        && let Some(name) = reader.string(poetry, "name")
    {
        reader.manifest.project = PackageName::parse(name.value);
    }
    if let Some(table) = reader.table(poetry, "dependencies") {
        dependencies(reader, table, None);
    }
    if let Some(extras) = reader.table(poetry, "extras") {
        for extra in extras.keys() {
            let extra = extra.get_ref().as_ref();
            for member in reader.strings(extras, extra) {
                let Some(name) = PackageName::parse(member.value) else { continue };
                for dependency in reader.manifest.dependencies.iter_mut().filter(|one| one.name == name) {
                    dependency.groups.push(extra.to_owned());
                }
            }
        }
    }
    if let Some(table) = reader.table(poetry, "dev-dependencies") {
        dependencies(reader, table, Some("dev"));
    }
    if let Some(groups) = reader.table(poetry, "group") {
        for group in groups.keys() {
            let group = group.get_ref().as_ref();
            if let Some(table) = reader.deep(groups, &[group, "dependencies"]) {
                dependencies(reader, table, Some(group));
            }
        }
    }
    for (source, span) in reader.tables(poetry, "source") {
        let kind = match source.get("priority").and_then(text).map(|text| text.value) {
            Some("explicit") => IndexKind::Explicit,
            Some("supplemental" | "secondary") => IndexKind::Extra,
            Some("default") => IndexKind::Default,
            _ if flag(source, "secondary") => IndexKind::Extra,
            // A source without a priority takes the place of the public index, or stands before it when that is named.
            _ => IndexKind::Default,
        };
        index(reader, source, "tool.poetry.source", kind, span);
    }
}

fn dependencies(reader: &mut Reader<'_>, table: &Table<'_>, group: Option<&str>) {
    for (key, value) in table.iter() {
        let written = key.get_ref().as_ref();
        if written.eq_ignore_ascii_case("python") {
            if let Some(wanted) = text(value) {
                python(reader, wanted);
            }
            continue;
        }
        let Some(name) = PackageName::parse(written) else {
            reader.problem(key.span(), format!("no package can be called `{}`; it was not read", shorten(written)));
            continue;
        };
        // What the standard table has declared already, Poetry's only says more about.
        if let Some(at) = reader.manifest.dependencies.iter().position(|one| one.name == name && group.is_none()) {
            if let (Some(table), Some(known)) = (value.get_ref().as_table(), reader.manifest.dependencies.get_mut(at)) {
                if let Some(origin) = origin(table) {
                    known.origin = origin;
                }
                known.is_editable |= flag(table, "develop");
            }
            continue;
        }
        let alternatives: Vec<&Value<'_>> = match value.get_ref() {
            DeValue::Array(several) => several.iter().collect(),
            _ => vec![value],
        };
        for alternative in alternatives {
            let mut dependency = Dependency::new(name.clone(), written, key.span());
            dependency.is_direct = Some(true);
            dependency.groups = group.map(str::to_owned).into_iter().collect();
            fill(reader, &mut dependency, alternative);
            reader.manifest.dependencies.push(dependency);
        }
    }
}

/// Version, origin and marker of one alternative.
fn fill(reader: &mut Reader<'_>, dependency: &mut Dependency, value: &Value<'_>) {
    let written = match value.get_ref() {
        DeValue::String(_) => text(value),
        DeValue::Table(table) => {
            dependency.extras = reader.strings(table, "extras").iter().map(|extra| extra.value.to_owned()).collect();
            dependency.is_editable = flag(table, "develop");
            if let Some(origin) = origin(table) {
                dependency.origin = origin;
            }
            if let Some(marker) = reader.string(table, "markers")
                && let Some(marker) = reader.marker(marker.value, &marker.span)
            {
                dependency.marker = marker;
            }
            if let Some(python) = table.get("python").and_then(text)
                && let Some(wanted) = constraint(python.value)
            {
                for one in wanted.iter() {
                    dependency.marker.and(pep508_rs::MarkerTree::expression(pep508_rs::MarkerExpression::Version {
                        key: pep508_rs::MarkerValueVersion::PythonFullVersion,
                        specifier: one.clone(),
                    }));
                }
            }
            reader.string(table, "version")
        }
        other => {
            reader.wrong(value.span(), &dependency.written.clone(), "a version or a table", other.type_str());
            None
        }
    };
    let Some(written) = written else { return };
    match constraint(written.value) {
        Some(specifiers) => {
            dependency.version = exact(&specifiers);
            dependency.specifiers = specifiers;
        }
        None if written.value.contains('|') => {}
        None => {
            let message =
                format!("`{}` does not say which versions of `{}` will do", shorten(written.value), dependency.name);
            reader.problem(written.span.clone(), message);
        }
    }
    dependency.version_span = Some(written.span);
}

fn python(reader: &mut Reader<'_>, wanted: Text<'_>) {
    if reader.manifest.requires_python.is_some() {
        return;
    }
    match constraint(wanted.value) {
        Some(specifiers) => {
            reader.manifest.requires_python = Some(specifiers);
            reader.manifest.requires_python_span = Some(wanted.span);
        }
        None if wanted.value.contains('|') => {}
        None => {
            let message = format!("`{}` does not say which Pythons will do", shorten(wanted.value));
            reader.problem(wanted.span, message);
        }
    }
}

/// Where the table of a dependency takes it from.
pub(super) fn origin(table: &Table<'_>) -> Option<Origin> {
    let string = |key: &str| table.get(key).and_then(text).map(|text| text.value);
    if let Some(url) = string("git") {
        return Some(repository(
            url,
            string("rev").or_else(|| string("ref")).or_else(|| string("tag")).or_else(|| string("branch")),
        ));
    }
    if let Some(url) = string("url") {
        return Some(super::requirement::origin(url));
    }
    if let Some(path) = string("path").or_else(|| string("file")) {
        return Some(super::requirement::origin(path));
    }
    string("source").or_else(|| string("index")).map(|source| Origin::Index(Some(source.to_owned())))
}

/// Poetry's constraints as specifiers; `None` for what these cannot say, such as alternatives.
pub(super) fn constraint(written: &str) -> Option<VersionSpecifiers> {
    let mut all: Vec<VersionSpecifier> = Vec::new();
    for part in separate(written) {
        let part = part.trim();
        if part.is_empty() || part == "*" {
            continue;
        }
        if let Some(rest) = part.strip_prefix('^') {
            let version: Version = rest.trim().parse().ok()?;
            all.push(VersionSpecifier::greater_than_equal_version(version.clone()));
            all.push(VersionSpecifier::less_than_version(caret(&version)));
        } else if let Some(rest) = part.strip_prefix('~').filter(|rest| !rest.starts_with('=')) {
            let version: Version = rest.trim().parse().ok()?;
            let kept = version.release().len().min(2).saturating_sub(1);
            all.push(VersionSpecifier::less_than_version(raise(&version, kept)));
            all.push(VersionSpecifier::greater_than_equal_version(version));
        } else if part.starts_with(['=', '<', '>', '!', '~']) {
            let single = part.strip_prefix('=').filter(|rest| !rest.starts_with('='));
            let specifier = match single {
                Some(rest) => format!("=={}", rest.trim()),
                None => part.to_owned(),
            };
            all.push(specifier.parse().ok()?);
        } else {
            all.push(format!("=={part}").parse().ok()?);
        }
    }
    Some(all.into_iter().collect())
}

/// Parts that must hold together: separated by commas, or by white space that no operator stands before.
fn separate(written: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for word in written.split(',') {
        let mut open = String::new();
        for token in word.split_whitespace() {
            let is_operator = |c: char| "=<>!~^".contains(c);
            if !open.is_empty() && !open.chars().all(is_operator) {
                parts.push(std::mem::take(&mut open));
            }
            open.push_str(token);
        }
        parts.push(open);
    }
    parts
}

/// The first version a caret excludes: the leftmost part that is not zero, raised.
fn caret(version: &Version) -> Version {
    let release = version.release();
    let at = release.iter().position(|&part| part != 0).unwrap_or(release.len().saturating_sub(1));
    raise(version, at)
}

/// The version with one part raised and those after it gone.
fn raise(version: &Version, at: usize) -> Version {
    let release = version.release();
    let raised = release.iter().take(at + 1).enumerate();
    Version::new(raised.map(|(place, &part)| if place == at { part.saturating_add(1) } else { part }))
}
