//! Files that were cut off or damaged: never a panic, and never fewer packages without a word.

use std::collections::BTreeSet;
use std::fs;

use casemate_packages::manifest::{Manifest, ManifestKind, kind_of, read};
use proptest::prelude::*;

use crate::judged::fixtures;
use crate::support::{manifest, problems};

fn names(read: &Manifest) -> BTreeSet<String> {
    read.dependencies.iter().map(|one| format!("{} {:?}", one.name, one.version)).collect()
}

#[test]
fn a_file_cut_off_anywhere_says_so_or_is_whole_by_itself() {
    for (path, _) in fixtures() {
        let path = path.to_str().unwrap();
        let text = fs::read_to_string(path).unwrap();
        let whole = names(&manifest(path, &text));
        let kind = kind_of(path).unwrap();
        for at in (0..text.len()).step_by(61).filter(|&at| text.is_char_boundary(at)) {
            let cut = &text[..at];
            let part = manifest(path, cut);
            if !part.problems.is_empty() || names(&part) == whole {
                continue;
            }
            // What is left must be something its tool could have written: a file that ends between two entries.
            let ends_between = match kind {
                ManifestKind::Requirements => {
                    // A line that is cut within its version or comment is a line still.
                    let last = cut.rsplit('\n').next().unwrap_or_default();
                    !last.ends_with('\\')
                        && last.trim().strip_prefix("--hash=sha256:").is_none_or(|digits| digits.len() == 64)
                }
                ManifestKind::Pylock | ManifestKind::UvLock | ManifestKind::PdmLock => {
                    cut.parse::<toml::Table>().is_ok()
                }
                _ => false,
            };
            assert!(
                ends_between,
                "{path} cut at {at}: {} of {} packages, and no word",
                part.dependencies.len(),
                whole.len()
            );
        }
    }
}

#[test]
fn a_file_without_what_its_tool_always_writes_is_told() {
    for (path, text, word) in [
        ("poetry.lock", "", "[metadata]"),
        ("poetry.lock", "[[package]]\nname = \"a\"\nversion = \"1\"\n", "cut off"),
        ("poetry.lock", "[metadata]\nlock-version = \"9.0\"\n", "version 9.0"),
        ("poetry.lock", "[[package]]\nname = \"a\"\n[metadata]\nlock-version = \"2.1\"\n", "no version"),
        ("poetry.lock", "[[package]]\nname = 1\nversion = \"1\"\n[metadata]\n", "should be a string"),
        ("poetry.lock", "package = 3\n[metadata]\n", "should be an array"),
        (
            "uv.lock",
            "version = 1\n[[package]]\nname = \"a\"\nversion = \"1\"\ndependencies = [{ name = \"b\" }]\n",
            "no entry",
        ),
        ("uv.lock", "version = 2\n", "not known"),
        ("uv.lock", "version = 1\n", "no package is locked"),
        ("uv.lock", "version = 1\n[[packages]]\nname = \"a\"\n", "`packages` is not known"),
        (
            "pdm.lock",
            "[metadata]\nlock_version = \"4.5.0\"\n[[package]]\nname = \"a\"\nversion = \"one\"\n",
            "not a version",
        ),
        ("pdm.lock", "", "no `[metadata]`"),
        ("pylock.toml", "lock-version = \"1.0\"\n", "no `packages`"),
        ("pylock.toml", "lock-version = \"2.0\"\npackages = []\n", "version 2.0"),
        ("Pipfile.lock", "{\"default\": {", "not valid JSON"),
        ("Pipfile.lock", "{\"_meta\": {\"pipfile-spec\": 6}, \"default\": {\"a\": {\"hashes\": []}}}", "no version"),
        ("Pipfile.lock", "{\"_meta\": {\"pipfile-spec\": 7}, \"default\": {}}", "`pipfile-spec` is 7"),
        ("Pipfile.lock", "[]", "not valid JSON"),
        ("environment.yml", "dependencies: [a, b", "not valid YAML"),
        ("environment.yml", "name: x\n", "no `dependencies`"),
        ("environment.yml", "dependencies: 3\n", "should be a list"),
        ("pyproject.toml", "[project]\ndependencies = [\"flask>=\"]\n", "not a requirement"),
        ("pyproject.toml", "[project\n", "not valid TOML"),
        ("pyproject.toml", "[dependency-groups]\ndev = [{include-group = \"test\"}]\n", "no dependency group"),
        ("Pipfile", "[packages]\nflask = 3\n", "a version or a table"),
        ("setup.cfg", "[options]\ninstall_requires =\n    flask>=\n", "not a requirement"),
        ("x-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: x\n", "no `Version:`"),
    ] {
        let read = manifest(path, text);
        assert!(problems(&read).iter().any(|problem| problem.contains(word)), "{path} {text:?}: {:?}", problems(&read));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bytes_never_stop_us(file in 0usize..5, flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let (path, _) = fixtures().swap_remove(file);
        let path = path.to_str().unwrap();
        let mut bytes = fs::read(path).unwrap();
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let (text, _) = casemate_packages::manifest::decode(&bytes);
        let read = manifest(path, &text);
        for problem in &read.problems {
            prop_assert!(problem.span.start <= problem.span.end && problem.span.end <= text.len());
        }
        for one in &read.dependencies {
            prop_assert!(text.get(one.span.clone()).is_some());
        }
    }

    #[test]
    fn any_text_is_read_as_any_kind(text in "[ -~\n\t\u{e9}]{0,200}", kind in 0usize..12) {
        let paths = ["requirements.txt", "pyproject.toml", "Pipfile", "setup.cfg", "environment.yml", "poetry.lock", "uv.lock",
            "pdm.lock", "Pipfile.lock", "pylock.toml", "a-1.dist-info/METADATA", "a-1.dist-info/top_level.txt"];
        let path = paths[kind];
        let _ = read(path, kind_of(path).unwrap(), &text);
    }
}
