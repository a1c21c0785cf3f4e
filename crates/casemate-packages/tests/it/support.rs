//! Manifests read from texts.

use casemate_packages::manifest::{Dependency, Manifest, kind_of, read};

/// Reads a text as the file of this name.
pub(crate) fn manifest(path: &str, text: &str) -> Manifest {
    read(path, kind_of(path).expect("a name of a manifest"), text)
}

/// `name version` of everything pinned, sorted.
pub(crate) fn pins(manifest: &Manifest) -> Vec<String> {
    let mut pins: Vec<String> = manifest.dependencies.iter().map(pin).collect();
    pins.sort();
    pins
}

/// `name version`, or the name alone.
pub(crate) fn pin(dependency: &Dependency) -> String {
    match &dependency.version {
        Some(version) => format!("{} {version}", dependency.name),
        None => dependency.name.to_string(),
    }
}

/// What was wrong.
pub(crate) fn problems(manifest: &Manifest) -> Vec<&str> {
    manifest.problems.iter().map(|problem| problem.message.as_str()).collect()
}
