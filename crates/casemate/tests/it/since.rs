//! `casemate audit --diff`: only what touches changed lines.

use std::fs;

use serde_json::Value;

use crate::bench::Bench;
use crate::repository::Repo;

const HASH: &str =
    "import hashlib\n\n\ndef hash_password(password):\n    return hashlib.sha256(password.encode()).hexdigest()\n";

fn second(name: &str) -> String {
    format!("\n\ndef {name}(password):\n    return hashlib.md5(password.encode()).hexdigest()\n")
}

fn places(repo: &Repo, folder: &str, arguments: &[&str]) -> Vec<String> {
    let all = [&["audit", "--select", "AUT410,INJ101", "--format", "json", "--fail-on", "none"], arguments].concat();
    let ended = repo.run_in(folder, &all);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {}", ended.stderr));
    assert_eq!(report["complete"], false, "a report of some lines closes nothing");
    let mut places: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| format!("{}:{}", finding["path"].as_str().unwrap(), finding["start"]["line"]))
        .collect();
    places.sort();
    places
}

#[test]
fn only_findings_on_changed_lines_are_told_and_fail() {
    let repo = Repo::new();
    repo.write("app.py", HASH).commit();
    assert_eq!(places(&repo, "", &["--diff", "HEAD"]), [""; 0]);
    let clean = repo.run(&["audit", ".", "--diff", "HEAD"]);
    assert_eq!(clean.code, 0, "{}", clean.stdout);
    assert!(
        clean.stdout.contains("1 finding on lines that have not changed since `HEAD` not shown."),
        "{}",
        clean.stdout
    );

    repo.write("app.py", HASH.to_owned() + &second("other"));
    assert_eq!(places(&repo, "", &["--diff", "HEAD"]), ["app.py:9"]);
    assert_eq!(repo.run(&["audit", ".", "--diff", "HEAD"]).code, 1);
    assert_eq!(repo.run(&["audit", "."]).code, 1);
}

#[test]
fn staged_committed_and_untracked_changes_count() {
    let repo = Repo::new();
    repo.write("app.py", HASH).commit();
    repo.git(&["branch", "base"]);
    repo.write("committed.py", HASH).commit();
    repo.write("staged.py", HASH).git(&["add", "staged.py"]);
    repo.write("new.py", HASH);
    assert_eq!(places(&repo, "", &["--diff", "base"]), ["committed.py:5", "new.py:5", "staged.py:5"]);
    assert_eq!(places(&repo, "", &["--diff", "HEAD"]), ["new.py:5", "staged.py:5"]);
}

#[test]
fn a_moved_file_is_compared_with_what_it_was() {
    let repo = Repo::new();
    repo.write("old/app.py", HASH).commit();
    fs::create_dir(repo.file("new")).unwrap();
    fs::rename(repo.file("old/app.py"), repo.file("new/renamed.py")).unwrap();
    assert_eq!(places(&repo, "", &["--diff", "HEAD"]), [""; 0]);
    repo.write("new/renamed.py", HASH.to_owned() + &second("other"));
    assert_eq!(places(&repo, "", &["--diff", "HEAD"]), ["new/renamed.py:9"]);
    // A copy is not a move.
    repo.write("new/copy.py", HASH);
    assert_eq!(places(&repo, "", &["--diff", "HEAD"]).len(), 2);
}

#[test]
fn a_branch_is_compared_with_where_it_left_another() {
    let repo = Repo::new();
    repo.write("app.py", "x = 1\n").commit();
    repo.git(&["checkout", "--quiet", "-b", "topic"]);
    repo.write("topic.py", HASH).commit();
    repo.git(&["checkout", "--quiet", "main"]);
    repo.write("app.py", HASH).commit();
    repo.git(&["checkout", "--quiet", "topic"]);
    repo.write("app.py", HASH).commit();
    assert_eq!(places(&repo, "", &["--diff", "main"]), ["topic.py:5"]);
    assert_eq!(places(&repo, "", &["--diff", "main..."]), ["app.py:5", "topic.py:5"]);
}

#[test]
fn folders_below_and_above_the_repository_are_compared_too() {
    let repo = Repo::new();
    repo.write("src/app.py", HASH).write("src/other.py", "x = 1\n").commit();
    repo.write("src/other.py", HASH);
    assert_eq!(places(&repo, "src", &["--diff", "HEAD"]), ["other.py:5"]);
    assert_eq!(places(&repo, "src", &["--diff", "HEAD", "app.py"]), [""; 0]);
}

#[test]
fn a_path_of_data_that_passes_a_changed_line_is_told() {
    let sink = "def find(cursor, name):\n    cursor.execute(f\"SELECT * FROM t WHERE name = '{name}'\")\n";
    let route = "from flask import Flask, request\nfrom db import find\n\napp = Flask(__name__)\n\n\n@app.get(\"/\")\ndef index(cursor):\n    return find(cursor, \"x\")\n";
    let repo = Repo::new();
    repo.write("db.py", sink).write("app.py", route).commit();
    assert_eq!(places(&repo, "", &["--diff", "HEAD"]), [""; 0]);
    repo.write("app.py", route.replace("\"x\")", "request.args[\"x\"])"));
    assert_eq!(places(&repo, "", &["--diff", "HEAD"]), ["db.py:2"]);
}

#[test]
fn what_cannot_be_compared_is_said() {
    let bench = Bench::new().with("app.py", HASH);
    fs::remove_dir(bench.path(".git")).unwrap();
    let ended = bench.run(&["audit", ".", "--diff", "HEAD"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert!(
        ended.stderr.contains("there is no git repository in") && ended.stderr.contains("--diff"),
        "{}",
        ended.stderr
    );

    let repo = Repo::new();
    repo.write("app.py", HASH).commit();
    for name in ["nowhere", "HEAD~7", "nowhere...", "HEAD..main", ""] {
        let ended = repo.run(&["audit", ".", "--diff", name]);
        assert_eq!(ended.code, 2, "{name}");
        assert!(ended.stderr.contains("names no commit of this repository"), "{name}: {}", ended.stderr);
    }
    assert_eq!(repo.run(&["audit", ".", "--diff", "HEAD", "--write-baseline"]).code, 2);
}

#[test]
fn every_format_says_what_was_compared() {
    let repo = Repo::new();
    repo.write("app.py", HASH).commit();
    let json: Value =
        serde_json::from_str(&repo.run(&["audit", ".", "--diff", "HEAD", "--format", "json"]).stdout).unwrap();
    assert_eq!((&json["summary"]["since"], &json["summary"]["elsewhere"]), (&Value::from("HEAD"), &Value::from(1)));
    let sarif: Value =
        serde_json::from_str(&repo.run(&["audit", ".", "--diff", "HEAD", "--format", "sarif"]).stdout).unwrap();
    assert_eq!(sarif["runs"][0]["properties"]["casemate/since"], "HEAD");
    assert_eq!(sarif["runs"][0]["properties"]["casemate/complete"], false);
}
