//! `Pipfile`

use super::pyproject::index;
use super::reader::{Reader, shorten};
use super::requirement::exact;
use super::table::{Table, flag, text};
use super::{Dependency, IndexKind, PackageName, poetry};

/// Tables that hold no packages.
const OTHERS: [&str; 5] = ["source", "requires", "pipenv", "scripts", "package-category"];

/// Reads the whole file.
pub(super) fn read(reader: &mut Reader<'_>) {
    let file = reader.toml();
    for (at, (source, span)) in reader.tables(&file, "source").into_iter().enumerate() {
        // Pipenv asks the first source; the others only for packages that name them.
        let kind = if at == 0 { IndexKind::Default } else { IndexKind::Explicit };
        index(reader, source, "source", kind, span);
    }
    if let Some(requires) = reader.table(&file, "requires") {
        for (key, form) in [("python_version", ".*"), ("python_full_version", "")] {
            if let Some(wanted) = reader.string(requires, key)
                && let Ok(specifiers) = format!("=={}{form}", wanted.value).parse()
            {
                reader.manifest.requires_python = Some(specifiers);
                reader.manifest.requires_python_span = Some(wanted.span);
            }
        }
    }
    for category in file.keys() {
        let category = category.get_ref().as_ref();
        if OTHERS.contains(&category) {
            continue;
        }
        let Some(table) = reader.table(&file, category) else { continue };
        packages(reader, table, group(category));
    }
}

/// The group a category stands for.
pub(super) fn group(category: &str) -> Option<&str> {
    match category {
        "packages" | "default" => None,
        "dev-packages" | "develop" => Some("dev"),
        other => Some(other),
    }
}

fn packages(reader: &mut Reader<'_>, table: &Table<'_>, group: Option<&str>) {
    for (key, value) in table.iter() {
        let Some(name) = PackageName::parse(key.get_ref()) else {
            let message = format!("no package can be called `{}`; it was not read", shorten(key.get_ref()));
            reader.problem(key.span(), message);
            continue;
        };
        let mut dependency = Dependency::new(name, key.get_ref(), key.span());
        dependency.is_direct = Some(true);
        dependency.groups = group.map(str::to_owned).into_iter().collect();
        let mut written = text(value);
        if let Some(table) = value.get_ref().as_table() {
            written = reader.string(table, "version");
            dependency.extras = reader.strings(table, "extras").iter().map(|extra| extra.value.to_owned()).collect();
            dependency.is_editable = flag(table, "editable");
            if let Some(origin) = poetry::origin(table) {
                dependency.origin = origin;
            }
            if let Some(marker) = marker(reader, table) {
                dependency.marker = marker;
            }
        } else if written.is_none() {
            reader.wrong(value.span(), key.get_ref(), "a version or a table", value.get_ref().type_str());
        }
        if let Some(written) = written {
            match poetry::constraint(written.value) {
                Some(specifiers) => {
                    dependency.version = exact(&specifiers);
                    dependency.specifiers = specifiers;
                }
                None => {
                    let message = format!(
                        "`{}` does not say which versions of `{}` will do",
                        shorten(written.value),
                        dependency.name
                    );
                    reader.problem(written.span.clone(), message);
                }
            }
            dependency.version_span = Some(written.span);
        }
        reader.manifest.dependencies.push(dependency);
    }
}

/// `markers = "…"` and the short forms, `sys_platform = "== 'win32'"`.
fn marker(reader: &mut Reader<'_>, table: &Table<'_>) -> Option<pep508_rs::MarkerTree> {
    let mut all = pep508_rs::MarkerTree::TRUE;
    let keys =
        ["os_name", "sys_platform", "platform_machine", "platform_system", "python_version", "python_full_version"];
    if let Some(marker) = reader.string(table, "markers") {
        all.and(reader.marker(marker.value, &marker.span)?);
    }
    for key in keys {
        if let Some(short) = table.get(key).and_then(text) {
            all.and(reader.marker(&format!("{key} {}", short.value), &short.span)?);
        }
    }
    Some(all)
}
