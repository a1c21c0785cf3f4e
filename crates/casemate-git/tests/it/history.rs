//! Every version is seen once, with where it came from.

use casemate_git::{EntryIs, GitError, Limits, Progress, Range};
use std::sync::Mutex;

use crate::bench::{Bench, git_in, open, seen, seen_within};

fn version(path: &str, text: &str, commit: usize) -> (String, String, usize) {
    (path.to_owned(), text.to_owned(), commit)
}

#[test]
fn each_version_is_seen_once_with_its_path_and_the_oldest_commit() {
    let bench = Bench::new();
    bench.write("a/one.txt", "1").write("two.txt", "2").commit("first");
    bench.write("a/one.txt", "changed").commit("second");
    bench.write("a/one.txt", "1").write("copy.txt", "2").commit("back again, and a copy");
    let last = bench.commit("nothing");
    let (seen, history) = bench.seen(&Range::Everything);

    assert_eq!(seen, [version("a/one.txt", "1", 0), version("two.txt", "2", 0), version("a/one.txt", "changed", 1)]);
    assert_eq!(history.commits.len(), 4);
    assert_eq!(history.commits[3].to_string(), last);
    assert_eq!((history.versions, history.binary), (3, 0));
    assert_eq!(history.problems, Vec::<String>::new());
}

#[test]
fn a_commit_tells_its_author_and_day() {
    let bench = Bench::new();
    let id = bench.write("a", "1").commit("first");
    let (_, history) = bench.seen(&Range::Everything);
    let author = bench.open().author(history.commits[0]);

    assert_eq!((author.id, author.name.as_str(), author.date.as_str()), (id, "Ada", "2023-11-14"));
}

#[test]
fn branches_tags_stashes_notes_and_detached_work_trees_are_all_reached() {
    let bench = Bench::new();
    bench.write("main.txt", "main").commit("first");
    bench.git(&["checkout", "--quiet", "-b", "side"]);
    bench.write("side.txt", "side").commit("on a branch");
    bench.git(&["checkout", "--quiet", "main"]);

    bench.git(&["checkout", "--quiet", "--detach"]);
    bench.write("tagged.txt", "tagged").commit("only a tag holds it");
    bench.git(&["tag", "--annotate", "v1", "--message", "one"]);
    bench.git(&["checkout", "--quiet", "main"]);

    for text in ["stashed first", "stashed later"] {
        bench.write("main.txt", text);
        bench.git(&["stash", "--quiet"]);
    }
    bench.git(&["notes", "add", "--message", "a note"]);
    let blob = bench.file("loose.txt");
    std::fs::write(&blob, "tagged without a commit").unwrap();
    let id = bench.git(&["hash-object", "-w", "loose.txt"]);
    bench.git(&["tag", "blob", &id]);
    std::fs::remove_file(blob).unwrap();

    let elsewhere = tempfile::TempDir::new().unwrap();
    let folder = elsewhere.path().join("tree");
    bench.git(&["worktree", "add", "--quiet", "--detach", folder.to_str().unwrap(), "main"]);
    std::fs::write(folder.join("apart.txt"), "apart").unwrap();
    git_in(&folder, &["add", "apart.txt"], 9);
    git_in(&folder, &["commit", "--quiet", "--message", "detached"], 9);

    let texts = |seen: Vec<(String, String, usize)>| {
        let mut texts: Vec<String> = seen.into_iter().map(|(_, text, _)| text.trim().to_owned()).collect();
        texts.sort();
        texts
    };
    let expected =
        ["a note", "apart", "main", "side", "stashed first", "stashed later", "tagged", "tagged without a commit"];
    assert_eq!(texts(bench.everything()), expected);
    assert_eq!(
        texts(seen(&open(&folder).unwrap(), &Range::Everything).0),
        expected,
        "the same from a linked work tree"
    );
}

#[test]
fn both_sides_of_a_merge_are_seen_and_parents_come_before_children() {
    let bench = Bench::new();
    bench.write("base", "base").commit("base");
    bench.git(&["checkout", "--quiet", "-b", "side"]);
    bench.write("side", "side").commit("side");
    bench.git(&["checkout", "--quiet", "main"]);
    bench.write("main", "main").commit("main");
    bench.git(&["merge", "--quiet", "--no-edit", "side"]);

    let (seen, history) = bench.seen(&Range::Everything);
    assert_eq!(seen, [version("base", "base", 0), version("side", "side", 1), version("main", "main", 2)]);
    assert_eq!(history.commits.len(), 4);
}

#[test]
fn a_clock_that_went_backwards_does_not_make_a_child_older_than_its_parent() {
    let bench = Bench::new();
    bench.write("a", "first");
    git_in(bench.path(), &["add", "a"], 500);
    git_in(bench.path(), &["commit", "--quiet", "--message", "late"], 500);
    bench.write("b", "second").commit("early");

    assert_eq!(bench.everything(), [version("a", "first", 0), version("b", "second", 1)]);
}

#[test]
fn a_range_sees_what_came_after_its_start() {
    let bench = Bench::new();
    bench.write("old/a", "old").write("b", "b").commit("first");
    bench.git(&["tag", "start"]);
    bench.write("b", "new").commit("second");
    bench.git(&["checkout", "--quiet", "-b", "side"]);
    bench.write("c", "side").commit("third");
    let of = |range: &str| bench.seen(&Range::Named(range.to_owned())).0;

    assert_eq!(of("start.."), [version("b", "new", 0), version("c", "side", 1)]);
    assert_eq!(of("start..main"), [version("b", "new", 0)]);
    assert_eq!(of("start...main"), [version("b", "new", 0)]);
    assert_eq!(of("main~1"), [version("b", "b", 0), version("old/a", "old", 0)]);
    assert_eq!(of("side..side"), []);
}

#[test]
fn a_range_that_names_nothing_is_told() {
    let bench = Bench::new();
    bench.write("a", "a").commit("first");
    let limits = Limits { largest: 1, wants: &|_, _| true };
    for name in ["nowhere..", "main..nowhere", "^", "\0", "refs/../HEAD", "main:a"] {
        let ended = bench.open().history(&Range::Named(name.to_owned()), &limits, &|_| {}, &|_| {});
        assert!(matches!(ended, Err(GitError::NoSuchRevision(_))), "{name:?}");
    }
}

#[test]
fn binary_and_large_versions_are_counted_and_unwanted_paths_are_not_read() {
    let bench = Bench::new();
    bench.write("data.bin", b"a\0b").write("big.txt", "0123456789").write("vendor/x.py", "x").write("a.py", "a");
    bench.commit("first");
    let asked = Mutex::new(Vec::new());
    let wants = |path: &str, is: EntryIs| {
        asked.lock().unwrap().push(path.to_owned());
        !(path == "vendor" && is == EntryIs::Folder)
    };
    let limits = Limits { largest: 9, wants: &wants };
    let (seen, history) = seen_within(&bench.open(), &Range::Everything, &limits);

    assert_eq!(seen, [version("a.py", "a", 0)]);
    assert_eq!(history.binary, 1);
    assert_eq!(history.problems, ["`big.txt`: a version of it is larger than 0 MiB and was not looked at"]);
    assert!(!asked.lock().unwrap().contains(&"vendor/x.py".to_owned()));
}

#[test]
fn a_file_that_was_unwanted_under_one_path_is_seen_under_another() {
    let bench = Bench::new();
    bench.write("vendor/x.py", "x").commit("first");
    bench.git(&["mv", "vendor/x.py", "x.py"]);
    bench.commit("moved");
    let limits = Limits { largest: 9, wants: &|path, _| !path.starts_with("vendor") };

    assert_eq!(seen_within(&bench.open(), &Range::Everything, &limits).0, [version("x.py", "x", 1)]);
}

#[test]
fn packed_loose_and_borrowed_objects_are_seen_alike() {
    let bench = Bench::new();
    let long: String = (0..400).map(|line| format!("line {line}\n")).collect();
    for number in 0..30 {
        bench.write("long.txt", format!("{long}{number}")).commit("again");
    }
    let loose = bench.everything();
    assert_eq!(loose.len(), 30);
    bench.git(&["gc", "--quiet", "--aggressive"]);
    bench.git(&["commit-graph", "write", "--reachable"]);
    assert_eq!(bench.everything(), loose);

    let origin = bench.path().to_str().unwrap();
    for how in [&["--shared"][..], &["--bare"], &["--mirror"]] {
        let clone = Bench::of(&[&["clone", "--quiet"], how, &[origin, "."]].concat());
        assert_eq!(clone.everything(), loose, "{how:?}");
    }
}

#[test]
fn a_shallow_clone_says_that_there_is_more() {
    let bench = Bench::new();
    bench.write("a", "1").commit("first");
    bench.write("a", "2").commit("second");
    let origin = format!("file://{}", bench.path().display());
    let clone = Bench::of(&["clone", "--quiet", "--depth=1", &origin, "."]);
    let (seen, history) = clone.seen(&Range::Everything);

    assert_eq!(seen, [version("a", "2", 0)]);
    assert_eq!(history.problems.len(), 1);
    assert!(history.problems[0].contains("git fetch --unshallow"), "{:?}", history.problems);
}

#[test]
fn objects_named_by_sha_256_are_read() {
    let bench = Bench::of(&["init", "--quiet", "--initial-branch=main", "--object-format=sha256"]);
    let id = bench.write("a", "1").commit("first");
    bench.write("a", "2").commit("second");
    let (seen, history) = bench.seen(&Range::Everything);

    assert_eq!(id.len(), 64);
    assert_eq!(seen, [version("a", "1", 0), version("a", "2", 1)]);
    assert_eq!(history.commits[0].to_string(), id);
    bench.git(&["gc", "--quiet"]);
    assert_eq!(bench.everything(), seen);
}

#[test]
fn a_replacement_does_not_hide_what_it_replaces() {
    let bench = Bench::new();
    bench.write("a", "hidden").commit("first");
    let hidden = bench.git(&["rev-parse", "HEAD:a"]);
    bench.write("harmless", "harmless");
    let harmless = bench.git(&["hash-object", "-w", "harmless"]);
    bench.git(&["replace", &hidden, &harmless]);
    let texts: Vec<String> = bench.everything().into_iter().map(|(_, text, _)| text).collect();

    assert_eq!(texts, ["harmless", "hidden"]);
}

#[test]
fn a_submodule_is_another_repository_and_a_link_is_read_as_it_is() {
    let other = Bench::new();
    other.write("inside", "inside").commit("first");
    let bench = Bench::new();
    bench.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        other.path().to_str().unwrap(),
        "sub",
    ]);
    std::os::unix::fs::symlink("/etc/passwd", bench.file("link")).unwrap();
    bench.commit("first");
    let paths: Vec<(String, String)> = bench.everything().into_iter().map(|(path, text, _)| (path, text)).collect();

    assert_eq!(paths[1], ("link".to_owned(), "/etc/passwd".to_owned()));
    assert_eq!(paths.len(), 2, "{paths:?}");
    assert_eq!(paths[0].0, ".gitmodules");
}

#[test]
fn names_that_are_no_unicode_are_legible() {
    use std::os::unix::ffi::OsStrExt;

    let bench = Bench::new();
    std::fs::write(bench.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9.txt")), "x").unwrap();
    bench.commit("first");

    assert_eq!(bench.everything(), [version("caf\\xe9.txt", "x", 0)]);
}

#[test]
fn progress_counts_commits_then_versions_up_to_the_end() {
    let bench = Bench::new();
    for number in 0..3 {
        bench.write("a", number.to_string()).commit("again");
    }
    let told = Mutex::new(Vec::new());
    let limits = Limits { largest: 9, wants: &|_, _| true };
    let note = |progress| told.lock().unwrap().push(progress);
    bench.open().history(&Range::Everything, &limits, &note, &|_| {}).unwrap();
    let told = told.into_inner().unwrap();

    assert_eq!(told[0], Progress::Commits { done: 1, total: 3 });
    assert_eq!(told.last(), Some(&Progress::Versions { done: 3, total: 3 }));
}

#[test]
fn an_empty_repository_has_no_history_and_a_folder_without_one_says_so() {
    assert_eq!(Bench::new().everything(), []);
    let nowhere = tempfile::TempDir::new().unwrap();
    assert!(matches!(open(nowhere.path()), Err(GitError::NoRepository(_))));
}
