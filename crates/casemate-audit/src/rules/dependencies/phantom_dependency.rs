//! Imported and not declared, or declared and never imported.

use std::collections::{BTreeSet, HashSet};

use casemate_packages::manifest::{Dependency, Manifest, ManifestKind, PackageName};
use casemate_packages::modules::{is_standard, modules_of, packages_of};
use casemate_python::names::ModuleId;

use super::deployment::{file_name, is_aside};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::ProjectContext;

/// `phantom-dependency`
pub(crate) static RULE: Rule = Rule {
    id: "DEP1508",
    name: "phantom-dependency",
    summary: "A package is imported but not declared, or declared but never imported",
    severity: Severity::Info,
    kind: Kind::Dependency,
    persona: Persona::Pedantic,
    cwe: &[1357],
    owasp_2021: "A06",
    owasp_2025: "A03",
    asvs: "15.2.3",
    page: include_str!("phantom_dependency.md"),
};

pub(crate) fn check(cx: &mut ProjectContext<'_>) {
    let declaring: Vec<&Manifest> = cx
        .manifests
        .iter()
        .map(|file| &file.manifest)
        .filter(|one| !one.kind.is_lock() && one.kind != ManifestKind::Installed)
        .collect();
    let is_whole = !declaring.is_empty()
        && declaring.iter().all(|one| one.problems.is_empty() && !one.is_dynamic)
        && declaring.iter().any(|one| !one.dependencies.is_empty())
        // What a `setup.py` declares that could not be read is only known when it runs.
        && cx.paths.iter().filter(|path| file_name(path) == "setup.py").all(|path| {
            declaring.iter().any(|one| one.path == **path)
        });
    if !is_whole {
        return;
    }
    undeclared(cx, &declaring);
    unused(cx);
}

fn undeclared(cx: &mut ProjectContext<'_>, declaring: &[&Manifest]) {
    let declared: HashSet<&str> = declaring
        .iter()
        .flat_map(|one| {
            one.dependencies
                .iter()
                .chain(&one.build_requires)
                .map(|one| one.name.as_str())
                .chain(one.project.as_ref().map(PackageName::as_str))
        })
        .collect();
    let installed: HashSet<&str> = cx
        .manifests
        .iter()
        .filter(|file| file.manifest.project.as_ref().is_some_and(|name| declared.contains(name.as_str())))
        .flat_map(|file| file.manifest.modules.iter().map(String::as_str))
        .collect();
    let own = own_names(cx);
    let mut told: HashSet<&str> = HashSet::new();
    let mut found = Vec::new();
    for (id, module) in (0..).map(ModuleId).zip(cx.outlines) {
        if is_aside(&module.path) {
            continue;
        }
        for import in &module.imports {
            let top = import.root.as_str();
            if !import.is_absolute
                || top.is_empty()
                || is_standard(top)
                || own.contains(top)
                || installed.contains(top)
                || told.contains(top)
                || !import.is_unconditional
            {
                continue;
            }
            let normal = top.to_ascii_lowercase().replace('_', "-");
            let prefix = format!("{normal}-");
            let has = packages_of(top).iter().any(|name| declared.contains(name.as_str()))
                || declared.iter().any(|name| name.starts_with(&prefix));
            if has {
                continue;
            }
            told.insert(top);
            let candidates = packages_of(top);
            let locked = cx.manifests.iter().filter(|file| file.manifest.kind.is_lock()).find_map(|file| {
                let one = file.manifest.dependencies.iter().find(|one| candidates.contains(&one.name))?;
                Some(cx.project().required_by(&file.manifest, &one.name))
            });
            let message = match locked.as_deref() {
                Some([asking, ..]) => format!(
                    "`{top}` is imported, but only comes in because `{asking}` needs it today; nothing here declares it"
                ),
                _ => format!("`{top}` is imported, but no manifest declares a package it could come from"),
            };
            let name = candidates.first().map_or(normal.clone(), ToString::to_string);
            found.push((id, import.span, message, name));
        }
    }
    for (id, span, message, name) in found {
        let Some(module) = cx.program.module(id) else { continue };
        let finding = cx.report_in(&RULE, module, span.start as usize..span.end as usize, message);
        finding.confidence = Confidence::Medium;
        finding.remedy = format!(
            "Declare the package it comes from (`{name}`, if that is it) with the version the code was written for, or take the import out."
        );
    }
}

/// Names of modules and folders of the project itself.
fn own_names<'a>(cx: &ProjectContext<'a>) -> HashSet<&'a str> {
    let mut names = HashSet::new();
    for module in cx.outlines {
        let mut parts = module.path.split('/').rev();
        names.extend(parts.next().and_then(|file| file.rsplit_once('.')).map(|(stem, _)| stem));
        names.extend(parts);
    }
    names
}

fn unused(cx: &mut ProjectContext<'_>) {
    if cx.program.is_empty() {
        return;
    }
    let imports = cx.outlines.iter().flat_map(|outline| &outline.imports);
    let imported: BTreeSet<&str> =
        imports.filter(|import| import.is_absolute).map(|import| import.root.as_str()).collect();
    for file in cx.manifests {
        let manifest = &file.manifest;
        // A requirements file may list the whole tree, of which most is not imported here.
        let is_written_by_hand = matches!(manifest.kind, ManifestKind::Pyproject | ManifestKind::Pipfile)
            || manifest.path.ends_with(".in") && manifest.kind == ManifestKind::Requirements;
        if !is_written_by_hand || is_aside(&manifest.path) {
            continue;
        }
        let mut found: Vec<&Dependency> = Vec::new();
        for dependency in &manifest.dependencies {
            if !dependency.groups.is_empty()
                || dependency.is_constraint
                || works_without_import(dependency.name.as_str())
            {
                continue;
            }
            let modules = modules_of(&dependency.name);
            let is_imported = modules.iter().any(|module| imported.iter().any(|name| name.eq_ignore_ascii_case(module)))
                || imported.iter().any(|name| packages_of(name).contains(&dependency.name))
                // `google-cloud-storage` is imported as `google.cloud.storage`.
                || imported.iter().any(|name| dependency.name.as_str().starts_with(&format!("{}-", name.to_ascii_lowercase().replace('_', "-"))));
            // Settings and plug-ins name packages in strings.
            let is_named = || {
                cx.program
                    .mentioning(&modules.iter().map(std::ops::Deref::deref).collect::<Vec<&str>>())
                    .next()
                    .is_some()
            };
            if !is_imported && !is_named() {
                found.push(dependency);
            }
        }
        for dependency in found {
            let message = format!("`{}` is declared, and no module here imports it", dependency.written);
            let finding = cx.report(&RULE, file, dependency.span.clone(), message);
            finding.confidence = Confidence::Low;
            finding.remedy = "If nothing uses it, take it out: each package is code that runs with your rights and has to be kept up to date.".to_owned();
        }
    }
}

/// Packages that are used without being imported: servers, drivers, plug-ins, tools, types.
fn works_without_import(name: &str) -> bool {
    let starts = [
        "types-",
        "pytest",
        "flake8",
        "sphinx",
        "mkdocs",
        "jupyter",
        "psycopg",
        "django-",
        "flask-",
        "opentelemetry-",
        "mypy",
    ];
    starts.iter().any(|start| name.starts_with(start))
        || name.ends_with("-stubs")
        || name.ends_with("-binary")
        || matches!(
            name,
            "gunicorn"
                | "uvicorn"
                | "hypercorn"
                | "daphne"
                | "waitress"
                | "uwsgi"
                | "granian"
                | "mysqlclient"
                | "pymysql"
                | "asyncpg"
                | "aiosqlite"
                | "aiomysql"
                | "asyncmy"
                | "oracledb"
                | "pyodbc"
                | "black"
                | "ruff"
                | "isort"
                | "pylint"
                | "coverage"
                | "tox"
                | "nox"
                | "pre-commit"
                | "pip"
                | "setuptools"
                | "wheel"
                | "twine"
                | "build"
                | "whitenoise"
                | "tzdata"
                | "python-multipart"
                | "email-validator"
                | "cryptography"
                | "bcrypt"
                | "argon2-cffi"
                | "httptools"
                | "uvloop"
                | "websockets"
                | "watchfiles"
                | "watchdog"
                | "ipython"
                | "notebook"
                | "openpyxl"
                | "xlrd"
                | "pyarrow"
                | "fastparquet"
                | "lxml"
                | "html5lib"
                | "tabulate"
                | "certifi"
                | "greenlet"
                | "h2"
                | "brotli"
                | "hiredis"
                | "orjson"
                | "itsdangerous"
                | "jinja2"
                | "mako"
                | "pip-tools"
                | "bandit"
                | "colorama"
                | "pysocks"
                | "python-dotenv"
                | "safety"
                | "pip-audit"
        )
}
