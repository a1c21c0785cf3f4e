//! Objects that are missing or damaged are told; nothing panics and nothing hangs.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use casemate_git::{Limits, Range};
use proptest::prelude::*;

use crate::bench::{Bench, open};

fn object(bench: &Bench, name: &str) -> PathBuf {
    let id = bench.git(&["rev-parse", name]);
    bench.file(&format!(".git/objects/{}/{}", &id[..2], &id[2..]))
}

fn two_commits() -> Bench {
    let bench = Bench::new();
    bench.write("dir/a", "first a").write("b", "first b").commit("first");
    bench.write("dir/a", "second a").commit("second");
    bench
}

/// Texts that were seen, and problems.
fn of(bench: &Bench) -> (Vec<String>, Vec<String>) {
    let (seen, history) = bench.seen(&Range::Everything);
    (seen.into_iter().map(|(_, text, _)| text).collect(), history.problems)
}

#[test]
fn a_missing_version_is_told_and_the_others_are_seen() {
    let bench = two_commits();
    fs::remove_file(object(&bench, "HEAD~1:dir/a")).unwrap();
    let (texts, problems) = of(&bench);

    assert_eq!(texts, ["first b", "second a"]);
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].starts_with("`dir/a`: its version ") && problems[0].ends_with("is missing from the repository")
    );
}

#[test]
fn a_missing_folder_is_told_and_the_others_are_seen() {
    let bench = two_commits();
    fs::remove_file(object(&bench, "HEAD~1:dir")).unwrap();
    let (texts, problems) = of(&bench);

    assert_eq!(texts, ["first b", "second a"]);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].starts_with("the folder `dir` as "), "{problems:?}");
}

#[test]
fn a_missing_commit_is_told_and_the_others_are_seen() {
    let bench = two_commits();
    fs::remove_file(object(&bench, "HEAD~1")).unwrap();
    let (texts, problems) = of(&bench);

    assert_eq!(texts, ["first b", "second a"]);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].contains("cannot be read, so what it leads to was not looked at"), "{problems:?}");
}

#[test]
fn a_damaged_version_is_told() {
    let bench = two_commits();
    let file = object(&bench, "HEAD:b");
    let mut permissions = fs::metadata(&file).unwrap().permissions();
    #[expect(clippy::permissions_set_readonly_false, reason = "a file of the test")]
    permissions.set_readonly(false);
    fs::set_permissions(&file, permissions).unwrap();
    fs::write(&file, b"this is no compressed object").unwrap();
    let (texts, problems) = of(&bench);

    assert_eq!(texts, ["first a", "second a"]);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].starts_with("`b`: its version "), "{problems:?}");
}

#[test]
fn many_problems_are_a_few_and_a_number() {
    let bench = Bench::new();
    for number in 0..20 {
        bench.write(&format!("{number}"), format!("text {number}"));
    }
    bench.commit("first");
    for number in 0..20 {
        fs::remove_file(object(&bench, &format!("HEAD:{number}"))).unwrap();
    }
    let (texts, problems) = of(&bench);

    assert_eq!(texts, [""; 0]);
    assert_eq!(problems.len(), 6);
    assert_eq!(problems[5], "15 more versions were not looked at for reasons like the one before");
}

#[test]
fn a_broken_reference_or_head_leaves_the_rest() {
    let bench = two_commits();
    bench.write(".git/refs/heads/bad", "this is no id\n");
    bench.write(".git/refs/heads/gone", "0123456789012345678901234567890123456789\n");
    bench.write(".git/HEAD", "ref: refs/heads/nowhere\n");
    let (mut texts, problems) = of(&bench);
    texts.sort();

    assert_eq!(texts, ["first a", "first b", "second a"]);
    assert_eq!(problems.len(), 2, "{problems:?}");
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

/// A repository to be damaged, made once.
fn template(packed: bool) -> &'static Bench {
    static TEMPLATES: [OnceLock<Bench>; 2] = [OnceLock::new(), OnceLock::new()];
    TEMPLATES[usize::from(packed)].get_or_init(|| {
        let bench = two_commits();
        let long: String = (0..200).map(|line| format!("line {line}\n")).collect();
        bench.write("long", &long).commit("third");
        bench.write("long", format!("{long}more")).write("staged", "staged").commit("fourth");
        bench.write("staged", "again");
        bench.git(&["add", "staged"]);
        if packed {
            bench.git(&["gc", "--quiet"]);
        }
        bench
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_damaged_in_a_repository_nothing_panics(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 0..12),
        cut in any::<bool>(),
        packed in any::<bool>(),
    ) {
        let bench = Bench::copy_of(template(packed).path());
        let files: Vec<PathBuf> = files_below(&bench.file(".git"))
            .into_iter()
            .filter(|path| !path.to_string_lossy().contains("hooks"))
            .collect();
        let file = &files[which.index(files.len())];
        let mut content = fs::read(file).unwrap();
        let place = at.index(content.len() + 1);
        if cut {
            content.truncate(place);
        } else {
            for (offset, byte) in bytes.iter().enumerate() {
                if let Some(old) = content.get_mut(place + offset) { *old = *byte }
            }
        }
        let mut permissions = fs::metadata(file).unwrap().permissions();
        #[expect(clippy::permissions_set_readonly_false, reason = "a file of the test")]
        permissions.set_readonly(false);
        fs::set_permissions(file, permissions).unwrap();
        fs::write(file, content).unwrap();

        if let Ok(repository) = open(bench.path()) {
            let limits = Limits { largest: 1 << 20, wants: &|_, _| true };
            let _ = repository.history(&Range::Everything, &limits, &|_| {}, &|_| {});
            let _ = repository.history(&Range::Named("main~1..".to_owned()), &limits, &|_| {}, &|_| {});
            if let Ok(staged) = repository.staged() {
                for change in staged.changes {
                    for id in change.after.iter().chain(&change.before) {
                        let _ = repository.content(*id, 1 << 20);
                    }
                }
            }
            let _ = repository.hooks();
        }
    }
}
