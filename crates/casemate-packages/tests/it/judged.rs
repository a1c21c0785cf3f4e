//! What is read from lock files of real tools is what the tools themselves list.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use casemate_packages::manifest::Origin;

use crate::support::{manifest, problems};

/// The lock files below a folder that have a list beside them.
pub(crate) fn judged(folder: &Path) -> Vec<(PathBuf, BTreeSet<String>)> {
    let mut found = Vec::new();
    for inner in fs::read_dir(folder).unwrap() {
        let inner = inner.unwrap().path();
        if inner.is_dir() {
            found.extend(judged(&inner));
        } else if inner.extension().is_some_and(|extension| extension == "expected") {
            let listed = fs::read_to_string(&inner).unwrap();
            found.push((inner.with_extension(""), listed.lines().map(str::to_owned).collect()));
        }
    }
    found.sort();
    found
}

pub(crate) fn fixtures() -> Vec<(PathBuf, BTreeSet<String>)> {
    judged(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures"))
}

fn agrees(path: &Path, listed: &BTreeSet<String>) {
    let read = manifest(path.to_str().unwrap(), &fs::read_to_string(path).unwrap());
    let pins: BTreeSet<String> = read
        .dependencies
        .iter()
        .filter(|one| !matches!(one.origin, Origin::Local(_) | Origin::Url(_)))
        .filter_map(|one| Some(format!("{}=={}", one.name, one.version.as_ref()?)))
        .collect();

    assert_eq!(problems(&read), [""; 0], "{}", path.display());
    assert_eq!(pins, *listed, "{}", path.display());
}

#[test]
fn fixtures_are_read_as_their_tools_list_them() {
    let all = fixtures();

    assert_eq!(all.len(), 6);
    for (path, listed) in all {
        agrees(&path, &listed);
    }
}

#[test]
fn other_files_are_read_as_their_tools_list_them() {
    let Ok(folder) = std::env::var("CASEMATE_TEST_LOCKS") else { return };
    for (path, listed) in judged(Path::new(&folder)) {
        agrees(&path, &listed);
    }
}
