//! Files that were cut off or damaged: never a panic, and never fewer packages without a word.

use std::collections::BTreeSet;
use std::fs;

use casemate_packages::manifest::{Manifest, ManifestKind, PackageName, kind_of, read};
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

/// How many mutants of each file a short round has; `CASEMATE_MUTANTS=5000` runs more.
const MUTANTS: usize = 100;

/// The entries of a file as its format alone tells them; `None` where it is not even that.
fn entries(kind: ManifestKind, text: &str) -> Option<BTreeSet<String>> {
    let nameless = || "an entry without a name".to_owned();
    match kind {
        ManifestKind::PipfileLock => {
            let whole: serde_json::Value = serde_json::from_str(text).ok()?;
            let groups = ["default", "develop"].map(|group| whole.get(group).cloned().unwrap_or_default());
            Some(groups.iter().filter_map(|group| group.as_object()).flatten().map(|(name, _)| name.clone()).collect())
        }
        ManifestKind::Requirements => {
            let lines = text.lines().map(|line| line.split([' ', ';', '=', '[', '#']).next().unwrap_or_default());
            Some(lines.filter(|name| !name.is_empty() && !name.starts_with('-')).map(str::to_owned).collect())
        }
        _ => {
            let whole: toml::Table = text.parse().ok()?;
            let list = ["package", "packages"].iter().filter_map(|key| whole.get(*key)?.as_array()).flatten();
            let name = |one: &toml::Value| one.get("name").and_then(|name| name.as_str()).map(str::to_owned);
            Some(list.map(|one| name(one).unwrap_or_else(nameless)).collect())
        }
    }
}

/// One change that a careless hand, a merge or a full disk makes.
fn damaged(random: &mut impl FnMut(usize) -> usize, text: &str) -> String {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let line = random(lines.len());
    let marks: Vec<(usize, char)> = text.char_indices().filter(|(_, c)| "[]{}\"'=:,\n".contains(*c)).collect();
    let (at, mark) = marks[random(marks.len())];
    match random(8) {
        0 => return text[..at].to_owned(),
        1 => drop(lines.remove(line)),
        2 => lines.insert(line, lines[line]),
        3 => {
            let other = random(lines.len());
            lines.swap(line, other);
        }
        4 => return format!("{}{}", &text[..at], &text[at + mark.len_utf8()..]),
        5 => {
            let other = ["[", "]", "{", "}", "\"", "=", ",", "\n", "3", "\u{0}"][random(10)];
            return format!("{}{other}{}", &text[..at], &text[at + mark.len_utf8()..]);
        }
        6 => {
            // Another type of value.
            let Some(from) = text[at..].find('"').map(|from| at + from) else { return String::new() };
            let Some(end) = text[from + 1..].find('"').map(|end| from + 2 + end) else { return String::new() };
            let other = ["3", "true", "[]", "{}", "null", "\"\"", "[\"a\"]"][random(7)];
            return format!("{}{other}{}", &text[..from], &text[end..]);
        }
        _ => {
            // A letter of a key or a name.
            let Some(letter) = text[at..].find(|c: char| c.is_ascii_alphabetic()).map(|letter| at + letter) else {
                return String::new();
            };
            return format!("{}{}", &text[..letter], &text[letter + 1..]);
        }
    }
    lines.concat()
}

#[test]
fn what_a_damaged_file_lists_is_read_or_told() {
    let count = std::env::var("CASEMATE_MUTANTS").ok().and_then(|count| count.parse().ok()).unwrap_or(MUTANTS);
    let mut silent = Vec::new();
    for (path, _) in fixtures() {
        let path = path.to_str().unwrap();
        let text = fs::read_to_string(path).unwrap();
        let kind = kind_of(path).unwrap();
        let read = |text: &str| -> BTreeSet<String> {
            manifest(path, text).dependencies.iter().map(|one| one.name.as_str().to_owned()).collect()
        };
        let normal = |name: &String| PackageName::parse(name).map_or_else(|| name.clone(), |name| name.to_string());
        // The project itself is no dependency.
        let own: BTreeSet<String> =
            entries(kind, &text).unwrap().iter().map(normal).filter(|name| !read(&text).contains(name)).collect();
        for number in 0..count {
            let mut state = number as u64;
            let mut random = |end: usize| {
                state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut z = state;
                z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                ((z ^ (z >> 31)) % end.max(1) as u64) as usize
            };
            let text = damaged(&mut random, &text);
            if !problems(&manifest(path, &text)).is_empty() {
                continue;
            }
            let Some(listed) = entries(kind, &text) else {
                silent.push(format!("{path}, mutant {number}: not of its format, and no word"));
                continue;
            };
            let found = read(&text);
            let lost: Vec<String> =
                listed.iter().map(normal).filter(|name| !found.contains(name) && !own.contains(name)).collect();
            if !lost.is_empty() || found.is_empty() {
                silent.push(format!("{path}, mutant {number}: {lost:?} not read, and no word"));
            }
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
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
