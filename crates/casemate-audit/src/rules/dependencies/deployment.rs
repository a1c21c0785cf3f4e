//! What a manifest is for: something that runs somewhere, a library others build on, or work beside the product.

use casemate_packages::manifest::{Manifest, ManifestKind};

use crate::rules::ProjectContext;

/// Whether a manifest says what a running program gets, so that what it leaves open is decided by chance.
pub(super) fn is_deployed(cx: &ProjectContext<'_>, manifest: &Manifest) -> bool {
    if is_aside(&manifest.path) {
        return false;
    }
    let paths: Vec<&str> = cx.paths.iter().copied().filter(|path| !is_aside_folder(path)).collect();
    let names: Vec<&str> = paths.iter().copied().map(file_name).collect();
    let is_packaged = names.iter().any(|name| matches!(*name, "setup.py" | "setup.cfg"))
        || cx.manifests.iter().any(|file| {
            file.manifest.kind == ManifestKind::Pyproject
                && file.manifest.project.is_some()
                && !is_aside_folder(&file.manifest.path)
        });
    // A package brings modules of such names, and images for those who try it; what runs has its recipe at the top.
    let stands_above = |path: &str| {
        let folder = path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or_default();
        manifest.folder().starts_with(folder)
    };
    if paths.iter().any(|path| is_recipe(file_name(path)) && (!is_packaged || stands_above(path))) {
        return true;
    }
    manifest.kind == ManifestKind::Requirements && !is_packaged
}

/// Files by which a program is put somewhere to run.
fn is_recipe(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.starts_with("dockerfile")
        || lower.ends_with(".dockerfile")
        || lower.starts_with("docker-compose")
        || matches!(
            lower.as_str(),
            "containerfile"
                | "compose.yml"
                | "compose.yaml"
                | "procfile"
                | "app.yaml"
                | "serverless.yml"
                | "serverless.yaml"
                | "fly.toml"
                | "render.yaml"
                | "railway.json"
                | "zappa_settings.json"
                | "manage.py"
                | "wsgi.py"
                | "asgi.py"
                | "runtime.txt"
        )
}

/// Whether a file serves tests, documents or examples rather than the product.
pub(super) fn is_aside(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let mut words = name.split(['-', '_', '.', ' ']);
    is_aside_folder(path)
        || words.any(|word| {
            matches!(
                word,
                "dev"
                    | "develop"
                    | "development"
                    | "test"
                    | "tests"
                    | "testing"
                    | "doc"
                    | "docs"
                    | "lint"
                    | "linting"
                    | "ci"
                    | "local"
                    | "example"
                    | "examples"
                    | "bench"
                    | "benchmark"
                    | "typing"
                    | "mypy"
                    | "tools"
                    | "optional"
                    | "extra"
                    | "extras"
                    | "build"
            )
        })
}

fn is_aside_folder(path: &str) -> bool {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').any(|folder| {
        matches!(
            folder.to_ascii_lowercase().as_str(),
            "test"
                | "tests"
                | "testing"
                | "doc"
                | "docs"
                | "example"
                | "examples"
                | "samples"
                | "benchmarks"
                | "bench"
                | "fixtures"
                | "testdata"
                | "test_data"
                | "templates"
                | "third_party"
                | "vendor"
        )
    })
}

pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The names with commas between, and how many more there are.
pub(super) fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    const SHOWN: usize = 5;
    let mut all: Vec<&str> = Vec::new();
    for name in names {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    let shown: Vec<String> = all.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match all.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
