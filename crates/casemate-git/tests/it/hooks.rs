//! Hooks are looked for where git looks for them.

use crate::bench::{Bench, open};

#[test]
fn hooks_are_in_the_folder_that_all_work_trees_share() {
    let bench = Bench::new();
    bench.write("a", "a").commit("first");
    let elsewhere = tempfile::TempDir::new().unwrap();
    let folder = elsewhere.path().join("tree");
    bench.git(&["worktree", "add", "--quiet", "--detach", folder.to_str().unwrap(), "main"]);
    let expected = bench.path().canonicalize().unwrap().join(".git/hooks");

    assert_eq!(bench.open().hooks().folder, expected);
    assert_eq!(open(&folder).unwrap().hooks().folder, expected);
    assert_eq!(open(&bench.file(".git")).unwrap().hooks().folder, expected);
}

#[test]
fn a_configured_folder_is_relative_to_the_top_of_the_work_tree() {
    let bench = Bench::new();
    bench.write("sub/a", "a").commit("first");
    bench.git(&["config", "core.hooksPath", ".husky"]);
    let hooks = open(&bench.file("sub")).unwrap().hooks();

    assert_eq!(hooks.folder, bench.path().canonicalize().unwrap().join(".husky"));
    assert_eq!(hooks.configured, Some(".husky".into()));
}
