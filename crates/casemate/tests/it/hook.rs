//! `casemate hook`: what is staged is audited, and the commit stopped if it brings in something to mend.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::repository::{Repo, git, secret};

/// A weakness that one line shows.
const EVIL: &str = "import os\n\nSECRET_KEY = os.getenv(\"SECRET_KEY\", \"dev\")\n";

fn settings(number: u32) -> String {
    format!("DATABASE_URL = \"{}\"\n", secret(number))
}

/// Exit code and what was told about places: `path:line`.
fn told(repo: &Repo) -> (i32, Vec<String>) {
    let ended = repo.run(&["hook", "run"]);
    assert_eq!(ended.stderr, "", "{}", ended.stdout);
    let places = ended.stdout.lines().filter_map(|line| line.trim().strip_prefix("--> "));
    (ended.code, places.map(|place| place.rsplit_once(':').unwrap().0.to_owned()).collect())
}

#[test]
fn nothing_staged_is_silent_and_passes() {
    let repo = Repo::new();
    repo.write("settings.py", settings(1));
    let ended = repo.run(&["hook", "run"]);
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (0, "", ""));
}

#[test]
fn a_staged_secret_stops_the_commit_also_the_first_one_and_is_never_shown() {
    let repo = Repo::new();
    repo.write("app/settings.py", settings(1)).git(&["add", "--all"]);
    let ended = repo.run_in("app", &["hook", "run"]);

    assert_eq!(ended.code, 1, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("app/settings.py:1:"), "{}", ended.stdout);
    assert!(ended.stdout.contains("casemate stopped the commit"), "{}", ended.stdout);
    assert!(ended.stdout.contains("git commit --no-verify"), "{}", ended.stdout);
    assert!(!ended.stdout.contains("Kp3vYt"), "{}", ended.stdout);
}

#[test]
fn the_index_is_audited_and_not_the_work_tree() {
    let repo = Repo::new();
    repo.write("a.py", "x = 1\n").commit();
    repo.write("a.py", settings(1)).git(&["add", "a.py"]);
    repo.write("a.py", "x = 2\n");
    assert_eq!(told(&repo), (1, vec!["a.py:1".to_owned()]), "the secret is staged, though the file is clean again");

    repo.git(&["add", "a.py"]);
    repo.write("a.py", settings(1));
    assert_eq!(told(&repo), (0, vec![]), "the file is bad, but not what is staged");
}

#[test]
fn only_what_the_last_commit_did_not_have_is_told() {
    let repo = Repo::new();
    repo.write("a.py", settings(1)).commit();
    repo.write("a.py", format!("# a comment above\n{}x = 1\n", settings(1))).git(&["add", "a.py"]);
    assert_eq!(told(&repo), (0, vec![]));

    repo.write("a.py", format!("{}OTHER_URL = \"{}\"\n", settings(1), secret(2))).git(&["add", "a.py"]);
    assert_eq!(told(&repo), (1, vec!["a.py:2".to_owned()]));

    repo.write("a.py", settings(3)).git(&["add", "a.py"]);
    assert_eq!(told(&repo), (1, vec!["a.py:1".to_owned()]), "another secret in the same line is a new one");
}

#[test]
fn a_weakness_beside_one_that_was_there_is_told_alone() {
    let repo = Repo::new();
    repo.write("a.py", EVIL).commit();
    let again = EVIL.replace("import os\n", "").replace("SECRET_KEY", "JWT_SECRET");
    repo.write("a.py", format!("{EVIL}{again}"));
    repo.git(&["add", "a.py"]);
    let (code, places) = told(&repo);
    assert_eq!((code, places.len()), (1, 1), "{places:?}");
}

#[test]
fn renaming_a_file_brings_nothing_in_and_removing_one_neither() {
    let repo = Repo::new();
    repo.write("a.py", format!("{}{EVIL}", settings(1))).write("b.py", settings(2)).commit();
    repo.git(&["mv", "a.py", "moved.py"]);
    repo.git(&["rm", "--quiet", "b.py"]);
    assert_eq!(told(&repo), (0, vec![]));
    repo.write("moved.py", format!("{}y = 1\n{EVIL}", settings(1))).git(&["add", "--all"]);
    assert_eq!(told(&repo), (0, vec![]), "also when it changed on the way");
}

#[test]
fn a_weakness_in_staged_python_is_told_with_its_lines() {
    let repo = Repo::new();
    repo.write("a.py", EVIL).git(&["add", "--all"]);
    assert_eq!(told(&repo), (1, vec!["a.py:3".to_owned()]));
}

#[test]
fn what_a_merge_brings_in_was_committed_before() {
    let repo = Repo::new();
    repo.write("z", "z").commit();
    repo.git(&["checkout", "--quiet", "-b", "side"]);
    repo.write("a.py", settings(1)).write("z", "side").commit();
    repo.git(&["checkout", "--quiet", "main"]);
    repo.write("z", "main").commit();
    assert!(!git(repo.path(), &["merge", "side"]).status.success(), "there is a conflict");
    repo.write("z", "both").git(&["add", "z"]);
    assert_eq!(told(&repo), (0, vec![]));
    repo.write("z", settings(2)).git(&["add", "z"]);
    assert_eq!(told(&repo), (1, vec!["z:1".to_owned()]));
}

#[test]
fn settings_exclusions_and_comments_hold() {
    let repo = Repo::new();
    repo.write("casemate.toml", "exclude = [\"jobs/\"]\nignore = [\"default-secret-fallback\"]\n");
    repo.write("jobs/a.py", settings(1)).write("b.py", EVIL);
    repo.write("node_modules/x/c.py", settings(1));
    repo.write("d.py", settings(1).replace('\n', "  # casemate: ignore -- for the test\n"));
    repo.git(&["add", "--all"]);
    assert_eq!(told(&repo), (0, vec![]));
    fs::remove_file(repo.file("casemate.toml")).unwrap();
    let (code, mut places) = told(&repo);
    places.sort();
    assert_eq!((code, places), (1, vec!["b.py:3".to_owned(), "jobs/a.py:1".to_owned()]));
}

#[test]
fn below_the_gate_nothing_is_stopped() {
    let repo = Repo::new();
    repo.write("a.py", EVIL).git(&["add", "--all"]);
    let ended = repo.run(&["hook", "run", "--fail-on", "critical"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""));
    assert!(ended.stderr.contains("1 new finding below the gate"), "{}", ended.stderr);
}

#[test]
fn python_that_cannot_be_read_is_told_and_stops_nothing() {
    let repo = Repo::new();
    repo.write("a.py", "def f(:\n").git(&["add", "--all"]);
    let ended = repo.run(&["hook", "run"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""));
    assert!(ended.stderr.starts_with("casemate: a.py: "), "{}", ended.stderr);
}

#[test]
fn outside_a_repository_and_in_a_bare_one_it_says_so() {
    let nowhere = tempfile::TempDir::new().unwrap();
    let mut command = crate::bench::casemate();
    command.current_dir(nowhere.path()).args(["hook", "run"]);
    let ended = crate::bench::ended(command);
    assert_eq!(ended.code, 2);
    assert_eq!(ended.stderr, "casemate: this folder is in no git repository; `git init` makes one\n");

    let repo = Repo::new();
    repo.git(&["init", "--quiet", "--bare", "bare.git"]);
    let ended = repo.run_in("bare.git", &["hook", "run"]);
    assert_eq!((ended.code, ended.stderr.contains("is bare")), (2, true), "{}", ended.stderr);
}

#[test]
fn git_itself_runs_the_installed_hook_with_what_it_commits() {
    let repo = Repo::new();
    repo.write("a.py", "x = 1\n").write("b.py", "y = 1\n").commit();
    let ended = repo.run(&["hook", "install"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    repo.write("a.py", settings(1)).write("b.py", "y = 2\n");

    // Not staged: git makes an index for `--all`, and another for paths.
    let all = git(repo.path(), &["commit", "--all", "--message", "no"]);
    assert!(!all.status.success());
    let said = String::from_utf8_lossy(&all.stdout).into_owned() + &String::from_utf8_lossy(&all.stderr);
    assert!(said.contains("casemate stopped the commit") && said.contains("a.py:1:"), "{said}");
    assert!(git(repo.path(), &["commit", "--message", "yes", "b.py"]).status.success(), "only the clean file");
    assert!(!git(repo.path(), &["commit", "--message", "no", "a.py"]).status.success());

    let folder = repo.file("../linked");
    let linked = tempfile::TempDir::new().unwrap();
    let tree = linked.path().join("tree");
    repo.git(&["worktree", "add", "--quiet", "-b", "side", tree.to_str().unwrap()]);
    fs::create_dir(tree.join("sub")).unwrap();
    fs::write(tree.join("sub/c.py"), settings(2)).unwrap();
    assert!(git(&tree, &["add", "--all"]).status.success());
    let there = git(&tree.join("sub"), &["commit", "--message", "no"]);
    assert!(!there.status.success(), "in a linked work tree, from a folder in it");
    assert!(!folder.exists());

    assert!(git(repo.path(), &["commit", "--all", "--no-verify", "--message", "on purpose"]).status.success());
}

#[test]
fn installing_twice_is_installing_once_and_uninstalling_leaves_nothing() {
    let repo = Repo::new();
    let hook = repo.file(".git/hooks/pre-commit");
    assert_eq!(repo.run(&["hook", "status"]).code, 1);
    for _ in 0..2 {
        assert_eq!(repo.run(&["hook", "install"]).code, 0);
    }
    assert_eq!(fs::metadata(&hook).unwrap().permissions().mode() & 0o777, 0o755);
    let status = repo.run(&["hook", "status"]);
    assert_eq!((status.code, status.stdout.starts_with("installed: ")), (0, true), "{}", status.stdout);
    assert_eq!(repo.run(&["hook", "uninstall"]).code, 0);
    assert!(!hook.exists());
    assert_eq!(repo.run(&["hook", "uninstall"]).code, 0);
}

#[test]
fn a_hook_that_is_there_is_kept_or_run_first_but_never_lost_by_accident() {
    let repo = Repo::new();
    let hook = repo.file(".git/hooks/pre-commit");
    let theirs = "#!/bin/sh\necho ran >> theirs.log\n";
    repo.write(".git/hooks/pre-commit", theirs);
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();

    let refused = repo.run(&["hook", "install"]);
    assert_eq!((refused.code, fs::read_to_string(&hook).unwrap().as_str()), (2, theirs));
    assert!(refused.stderr.contains("--chain") && refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(repo.run(&["hook", "uninstall"]).code, 2, "what is not ours is left alone");

    assert_eq!(repo.run(&["hook", "install", "--chain"]).code, 0);
    repo.write("a.txt", "a").git(&["add", "a.txt"]);
    assert!(git(repo.path(), &["commit", "--message", "yes"]).status.success());
    assert_eq!(fs::read_to_string(repo.file("theirs.log")).unwrap(), "ran\n");
    assert_eq!(repo.run(&["hook", "install"]).code, 0, "again changes nothing");
    assert_eq!(repo.run(&["hook", "uninstall"]).code, 0);
    assert_eq!(fs::read_to_string(&hook).unwrap(), theirs);

    assert_eq!(repo.run(&["hook", "install", "--force"]).code, 0);
    assert!(fs::read_to_string(&hook).unwrap().contains("casemate hook run") || hook.exists());
    assert_eq!(repo.run(&["hook", "status"]).code, 0);
}

#[test]
fn a_chained_hook_that_fails_stops_the_commit() {
    let repo = Repo::new();
    repo.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 3\n");
    fs::set_permissions(repo.file(".git/hooks/pre-commit"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(repo.run(&["hook", "install", "--chain"]).code, 0);
    repo.write("a.txt", "a").git(&["add", "a.txt"]);
    assert!(!git(repo.path(), &["commit", "--message", "no"]).status.success());
}

#[test]
fn a_folder_of_hooks_in_the_project_gets_no_path_of_this_machine() {
    let repo = Repo::new();
    repo.git(&["config", "core.hooksPath", ".githooks"]);
    assert_eq!(repo.run(&["hook", "install"]).code, 0);
    let script = fs::read_to_string(repo.file(".githooks/pre-commit")).unwrap();
    assert!(script.contains("casemate=''"), "{script}");
    assert!(!repo.file(".git/hooks/pre-commit").exists());
}

#[test]
fn a_folder_of_hooks_for_all_repositories_is_not_written_to_unasked() {
    let repo = Repo::new();
    let home = tempfile::TempDir::new().unwrap();
    fs::write(home.path().join(".gitconfig"), "[core]\n\thooksPath = /srv/hooks\n").unwrap();
    let mut command = crate::bench::casemate();
    command.current_dir(repo.path()).args(["hook", "install"]).env("HOME", home.path());
    let ended = crate::bench::ended(command);
    assert_eq!((ended.code, ended.stderr.contains("/srv/hooks")), (2, true), "{}", ended.stderr);
    assert!(!repo.file(".git/hooks/pre-commit").exists());
}

#[test]
fn a_hook_whose_binary_is_gone_says_so_and_stops_the_commit() {
    let repo = Repo::new();
    assert_eq!(repo.run(&["hook", "install"]).code, 0);
    let hook = repo.file(".git/hooks/pre-commit");
    let script = fs::read_to_string(&hook).unwrap();
    let binary = script.lines().find(|line| line.starts_with("casemate='")).unwrap().to_owned();
    fs::write(&hook, script.replace(&binary, "casemate='/nowhere/it'\\''s gone/casemate'")).unwrap();
    repo.write("a.txt", "a").git(&["add", "a.txt"]);
    let ended = git(repo.path(), &["commit", "--message", "no"]);
    assert!(!ended.status.success());
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(said.contains("casemate is not installed any more") && said.contains("--no-verify"), "{said}");
}

#[test]
fn a_comment_with_a_reason_silences_what_is_staged_until_its_day() {
    let repo = Repo::new();
    let beside = |comment: &str| settings(1).replace('\n', &format!("  # casemate: ignore{comment}\n"));
    for (comment, code) in [
        ("[connection-string-credentials] -- the database of the tests", 0),
        ("[SEC] until=2999-01-01 -- the database of the tests", 0),
        ("[SEC] until=2024-01-01 -- it was to be gone by then", 1),
        ("[INJ] -- another rule", 1),
    ] {
        repo.write("a.py", beside(comment)).write("a.yml", beside(comment).replace(" =", ":")).git(&["add", "--all"]);
        let ended = repo.run(&["hook", "run"]);
        assert_eq!((ended.code, ended.stderr.as_str()), (code, ""), "{comment}: {}", ended.stdout);
    }
    // What counts stands in the index, not in the file.
    repo.write("a.py", settings(1)).write("a.yml", "").git(&["add", "--all"]);
    repo.write("a.py", beside("[SEC] -- the database of the tests"));
    assert_eq!(told(&repo), (1, vec!["a.py:1".to_owned()]));
    repo.write("a.py", format!("# casemate: ignore[SEC] -- the database of the tests\n{}", settings(1)));
    repo.git(&["add", "--all"]);
    assert_eq!(told(&repo), (0, vec![]), "also above the line");
}

#[test]
fn what_the_baseline_knows_stops_no_commit_and_what_it_does_not_know_does() {
    let repo = Repo::new();
    repo.write("a.py", settings(1)).write("b.py", EVIL).git(&["add", "--all"]);
    assert_eq!(repo.run(&["hook", "run"]).code, 1);
    assert_eq!(repo.run(&["audit", ".", "--write-baseline"]).code, 0);
    repo.git(&["add", "--all"]);
    assert_eq!(told(&repo), (0, vec![]));
    let known = fs::read_to_string(repo.file(".casemate-baseline.json")).unwrap();
    assert!(!known.contains("Kp3vYt"), "{known}");

    repo.write("a.py", format!("{}OTHER_URL = \"{}\"\n", settings(1), secret(2))).git(&["add", "--all"]);
    assert_eq!(told(&repo), (1, vec!["a.py:2".to_owned()]));
    assert_eq!(repo.run(&["hook", "run", "--isolated"]).code, 1);
}
