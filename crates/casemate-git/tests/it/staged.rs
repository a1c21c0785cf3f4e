//! What would be committed is told, whatever the work tree holds.

use std::fs;
use std::path::PathBuf;

use casemate_git::{Repository, Staged, Whereabouts};

use crate::bench::{Bench, git_in, open};

/// `path: before -> after` of each change.
fn told(repository: &Repository) -> Vec<String> {
    let Staged { changes, .. } = repository.staged().unwrap_or_else(|error| panic!("{error}"));
    let text = |id| String::from_utf8(repository.content(id, 1 << 20).unwrap().unwrap()).unwrap();
    let told = changes.into_iter().map(|change| {
        let before: Vec<String> = change.before.into_iter().map(text).collect();
        let after = change.after.map_or("nothing".to_owned(), text);
        format!("{}: {} -> {after}", change.path, before.join("+"))
    });
    told.collect()
}

fn committed() -> Bench {
    let bench = Bench::new();
    bench.write("a.txt", "a").write("dir/b.txt", "b").write("dir/deep/c.txt", "c").write("z.txt", "z");
    bench.commit("first");
    bench
}

#[test]
fn nothing_staged_is_no_change() {
    let bench = committed();
    bench.write("a.txt", "only in the work tree").write("new.txt", "untracked");
    assert_eq!(told(&bench.open()), [""; 0]);
}

#[test]
fn the_index_counts_and_not_the_work_tree() {
    let bench = committed();
    bench.write("dir/deep/c.txt", "staged").write("dir/new.txt", "new");
    bench.git(&["add", "--all"]);
    bench.write("dir/deep/c.txt", "changed again");
    fs::remove_file(bench.file("dir/new.txt")).unwrap();

    assert_eq!(told(&bench.open()), ["dir/deep/c.txt: c -> staged", "dir/new.txt:  -> new"]);
}

#[test]
fn before_the_first_commit_everything_is_new() {
    let bench = Bench::new();
    assert_eq!(told(&bench.open()), [""; 0]);
    bench.write("dir/a", "a").write("b", "b");
    bench.git(&["add", "--all"]);
    assert_eq!(told(&bench.open()), ["b:  -> b", "dir/a:  -> a"]);
}

#[test]
fn removing_and_renaming_are_told_as_git_stores_them() {
    let bench = committed();
    bench.git(&["rm", "--quiet", "a.txt"]);
    bench.git(&["mv", "dir", "other"]);
    let expected = [
        "a.txt: a -> nothing",
        "dir/b.txt: b -> nothing",
        "dir/deep/c.txt: c -> nothing",
        "other/b.txt:  -> b",
        "other/deep/c.txt:  -> c",
    ];
    assert_eq!(told(&bench.open()), expected);
}

#[test]
fn a_file_in_the_place_of_a_folder_and_the_other_way_round() {
    let bench = committed();
    bench.git(&["rm", "--quiet", "-r", "dir", "a.txt"]);
    bench.write("dir", "now a file").write("a.txt/x", "now a folder");
    bench.git(&["add", "--all"]);
    let expected = [
        "a.txt: a -> nothing",
        "a.txt/x:  -> now a folder",
        "dir:  -> now a file",
        "dir/b.txt: b -> nothing",
        "dir/deep/c.txt: c -> nothing",
    ];
    assert_eq!(told(&bench.open()), expected);
}

#[test]
fn links_submodules_and_intentions_have_no_text() {
    let other = Bench::new();
    other.write("inside", "inside").commit("first");
    let bench = committed();
    std::os::unix::fs::symlink("a.txt", bench.file("link")).unwrap();
    bench.git(&["add", "link"]);
    bench.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        other.path().to_str().unwrap(),
        "sub",
    ]);
    bench.git(&["rm", "--quiet", "--cached", ".gitmodules"]);
    bench.write("later.txt", "later");
    bench.git(&["add", "--intent-to-add", "later.txt"]);
    assert_eq!(told(&bench.open()), [""; 0]);

    fs::remove_file(bench.file("z.txt")).unwrap();
    std::os::unix::fs::symlink("a.txt", bench.file("z.txt")).unwrap();
    bench.git(&["add", "z.txt"]);
    assert_eq!(told(&bench.open()), ["z.txt: z -> nothing"]);
}

#[test]
fn only_the_mode_is_no_change_of_text() {
    let bench = committed();
    bench.git(&["update-index", "--chmod=+x", "a.txt"]);
    assert_eq!(told(&bench.open()), [""; 0]);
}

#[test]
fn a_merge_is_compared_with_both_sides() {
    let bench = committed();
    bench.git(&["checkout", "--quiet", "-b", "side"]);
    bench.write("side.txt", "from the side").write("z.txt", "side").commit("side");
    bench.git(&["checkout", "--quiet", "main"]);
    bench.write("z.txt", "main").commit("main");
    let merge = std::process::Command::new("git").args(["merge", "side"]).current_dir(bench.path()).output().unwrap();
    assert!(!merge.status.success(), "there is a conflict");

    let repository = bench.open();
    assert_eq!(repository.staged().unwrap().unmerged, ["z.txt"]);
    assert_eq!(told(&repository), [""; 0], "what the other side committed is not new");

    bench.write("z.txt", "both");
    bench.git(&["add", "z.txt"]);
    let repository = bench.open();
    assert_eq!(told(&repository), ["z.txt: main+side -> both"]);
    assert_eq!(repository.staged().unwrap().unmerged, [""; 0]);
}

#[test]
fn the_index_that_git_names_is_the_one_that_counts() {
    let bench = committed();
    bench.write("a.txt", "for another time");
    bench.git(&["add", "a.txt"]);
    let index = bench.file(".git/next-index");
    fs::copy(bench.file(".git/index"), &index).unwrap();
    bench.git(&["reset", "--quiet", "--hard"]);
    let whereabouts =
        |index_file| Whereabouts { start: bench.path().to_path_buf(), index_file, ..Whereabouts::default() };

    assert_eq!(told(&Repository::open(&whereabouts(Some(index))).unwrap()), ["a.txt: a -> for another time"]);
    assert_eq!(told(&Repository::open(&whereabouts(None)).unwrap()), [""; 0]);
}

#[test]
fn a_linked_work_tree_has_an_index_of_its_own() {
    let bench = committed();
    let elsewhere = tempfile::TempDir::new().unwrap();
    let folder = elsewhere.path().join("tree");
    bench.git(&["worktree", "add", "--quiet", "-b", "side", folder.to_str().unwrap()]);
    fs::write(folder.join("a.txt"), "in the linked one").unwrap();
    git_in(&folder, &["add", "a.txt"], 3);
    let expected = ["a.txt: a -> in the linked one"];

    assert_eq!(told(&open(&folder).unwrap()), expected);
    assert_eq!(told(&open(&folder.join("dir")).unwrap()), expected, "also from a folder in it");
    assert_eq!(told(&bench.open()), [""; 0]);

    // As git calls a hook there.
    let git_dir: PathBuf = git_in(&folder, &["rev-parse", "--absolute-git-dir"], 3).into();
    let named = Whereabouts { start: folder.clone(), git_dir: Some(git_dir), ..Whereabouts::default() };
    let repository = Repository::open(&named).unwrap();
    assert_eq!(told(&repository), expected);
    assert_eq!(repository.work_tree(), Some(folder.canonicalize().unwrap().as_path()));
}

#[test]
fn a_repository_apart_from_its_work_tree_is_told_where_that_is() {
    let bench = committed();
    let elsewhere = tempfile::TempDir::new().unwrap();
    let git_dir = elsewhere.path().join("apart.git");
    fs::rename(bench.file(".git"), &git_dir).unwrap();
    let whereabouts = |work_tree| Whereabouts {
        start: bench.path().to_path_buf(),
        git_dir: Some(git_dir.clone()),
        work_tree,
        ..Whereabouts::default()
    };
    let here = bench.path().canonicalize().unwrap();

    assert_eq!(Repository::open(&whereabouts(None)).unwrap().work_tree(), Some(here.as_path()));
    assert_eq!(Repository::open(&whereabouts(Some(here.clone()))).unwrap().work_tree(), Some(here.as_path()));
}

#[test]
fn a_bare_repository_has_nothing_staged() {
    let bench = Bench::of(&["init", "--quiet", "--bare"]);
    assert_eq!(bench.open().work_tree(), None);
    assert_eq!(told(&bench.open()), [""; 0]);
}

#[test]
fn indexes_of_every_kind_are_read() {
    for settings in [
        &["update-index", "--index-version", "4"][..],
        &["update-index", "--split-index"],
        &["sparse-checkout", "set", "--cone", "--sparse-index", "other"],
        &["-c", "index.skipHash=true", "update-index", "--force-write-index"],
    ] {
        let bench = committed();
        bench.git(settings);
        bench.write("a.txt", "changed");
        bench.git(&["add", "a.txt"]);
        assert_eq!(told(&bench.open()), ["a.txt: a -> changed"], "{settings:?}");
    }
}

#[test]
fn a_broken_index_is_told() {
    let bench = committed();
    bench.write(".git/index", "this is no index");
    let error = bench.open().staged().unwrap_err().to_string();
    assert!(error.starts_with("the index `") && error.contains("cannot be read"), "{error}");
}
