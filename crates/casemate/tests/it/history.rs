//! `casemate audit --history`: secrets that are gone from the files and still in the repository.

use serde_json::Value;

use crate::bench::Ended;
use crate::repository::{Repo, secret};

fn line(number: u32) -> String {
    format!("DATABASE_URL = \"{}\"\n", secret(number))
}

fn findings(ended: &Ended) -> Vec<Value> {
    let report: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {}", ended.stderr));
    let all = report["findings"].as_array().unwrap().clone();
    all.into_iter().filter(|finding| finding["rule"] == "SEC1006").collect()
}

fn places(repo: &Repo, folder: &str, arguments: &[&str]) -> Vec<String> {
    let all = [&["audit", "--format", "json", "--fail-on", "none"], arguments].concat();
    let mut places: Vec<String> = findings(&repo.run_in(folder, &all))
        .iter()
        .map(|finding| format!("{}:{}", finding["path"].as_str().unwrap(), finding["start"]["line"]))
        .collect();
    places.sort();
    places
}

#[test]
fn a_removed_secret_is_one_finding_at_its_oldest_commit() {
    let repo = Repo::new();
    repo.write("app/settings.py", line(1)).commit();
    let oldest = repo.git(&["rev-parse", "HEAD"]);
    for number in 0..5 {
        repo.write("app/settings.py", format!("x = {number}\n{}", line(1))).commit();
    }
    repo.write("app/settings.py", "import os\n").commit();

    assert_eq!(places(&repo, "", &["."]), [""; 0], "unasked the history is not read");
    assert_eq!(places(&repo, "", &[".", "--history"]), ["app/settings.py:1"]);
    let ended = repo.run(&["audit", ".", "--history", "--format", "json"]);
    assert_eq!(ended.code, 1);
    let found = findings(&ended);
    let message = found[0]["message"].as_str().unwrap();
    assert!(message.contains(&oldest[..10]) && message.contains("Ada") && message.contains("2023-11-14"), "{message}");
}

#[test]
fn a_secret_that_is_still_there_is_told_there_alone() {
    let repo = Repo::new();
    repo.write("old.py", line(1)).commit();
    repo.git(&["mv", "old.py", "new.py"]);
    repo.commit();
    assert_eq!(places(&repo, "", &[".", "--history"]), [""; 0]);
    repo.git(&["rm", "--quiet", "new.py"]);
    repo.commit();
    assert_eq!(places(&repo, "", &[".", "--history"]), ["old.py:1"]);
}

#[test]
fn several_secrets_of_one_line_over_time_are_several_findings() {
    let repo = Repo::new();
    for number in 1..4 {
        repo.write("settings.py", line(number)).commit();
    }
    repo.write("settings.py", "").commit();
    let found = findings(&repo.run(&["audit", ".", "--history", "--format", "json"]));
    let mut fingerprints: Vec<&str> = found.iter().map(|one| one["fingerprint"].as_str().unwrap()).collect();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), 3);
}

#[test]
fn no_report_shows_the_secret_or_the_lines_of_today_at_that_place() {
    let repo = Repo::new();
    repo.write("settings.py", line(1)).commit();
    repo.write("settings.py", "innocent = 'a line of today'\n").commit();
    for format in ["text", "json", "sarif"] {
        let ended = repo.run(&["audit", ".", "--history", "--format", format]);
        assert!(ended.stdout.contains("SEC1006"), "{format}: {}", ended.stdout);
        assert!(!ended.stdout.contains("Kp3vYt"), "{format}: {}", ended.stdout);
        assert!(!ended.stdout.contains("a line of today"), "{format}: {}", ended.stdout);
    }
}

#[test]
fn what_only_the_syntax_of_python_tells_is_found_in_old_versions() {
    let repo = Repo::new();
    let password = ["vK3n", "pLq8wZ"].join("-");
    repo.write("mail.py", format!("SMTP_PASSWORD = \"{password}\"\n")).commit();
    repo.write("mail.py", "import os\n").commit();
    assert_eq!(places(&repo, "", &[".", "--history"]), ["mail.py:1"]);
    let ended = repo.run(&["audit", ".", "--history"]);
    assert!(ended.stdout.contains("SEC1006") && !ended.stdout.contains(&password), "{}", ended.stdout);
}

#[test]
fn an_old_version_that_is_nested_as_deeply_as_python_allows_ends_nothing() {
    let repo = Repo::new();
    let deep = format!("x = {}0{}\n", "(".repeat(2500), ")".repeat(2500));
    let chain = format!("y = 0{}\n", " + 1".repeat(20_000));
    repo.write("deep.py", format!("{deep}{chain}{}", line(1))).commit();
    repo.write("deep.py", "").commit();
    assert_eq!(places(&repo, "", &[".", "--history"]), ["deep.py:3"]);
}

#[test]
fn a_range_is_a_part_of_the_history_and_a_wrong_one_is_told() {
    let repo = Repo::new();
    repo.write("a.py", line(1)).commit();
    repo.write("a.py", "").commit();
    repo.git(&["tag", "start"]);
    repo.write("b.py", line(2)).commit();
    repo.write("b.py", "").commit();
    assert_eq!(places(&repo, "", &[".", "--history"]), ["a.py:1", "b.py:1"]);
    assert_eq!(places(&repo, "", &[".", "--history=start.."]), ["b.py:1"]);
    let ended = repo.run(&["audit", ".", "--history=nowhere.."]);
    assert_eq!((ended.code, ended.stderr.as_str()), (2, "casemate: `nowhere` names no commit of this repository\n"));
}

#[test]
fn paths_are_told_from_where_one_stands() {
    let repo = Repo::new();
    repo.write("app/a.py", line(1)).write("b.py", line(2)).write("vendor/c.py", line(3)).commit();
    repo.git(&["rm", "--quiet", "-r", "app/a.py", "b.py", "vendor"]);
    repo.write("app/keep.py", "").commit();
    assert_eq!(places(&repo, "app", &[".", "--history"]), ["../b.py:1", "../vendor/c.py:1", "a.py:1"]);
    assert_eq!(places(&repo, "", &[".", "--history", "--exclude", "vendor/"]), ["app/a.py:1", "b.py:1"]);
}

#[test]
fn without_a_repository_it_says_so() {
    let ended = crate::bench::Bench::new().run(&["audit", "--history", "."]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("git repository"), "{}", ended.stderr);
}

#[test]
fn what_cannot_be_read_is_a_problem() {
    let repo = Repo::new();
    repo.write("a.py", "x = 1\n").commit();
    let id = repo.git(&["rev-parse", "HEAD:a.py"]);
    std::fs::remove_file(repo.file(&format!(".git/objects/{}/{}", &id[..2], &id[2..]))).unwrap();
    let ended = repo.run(&["audit", ".", "--history", "--strict"]);
    assert_eq!(ended.code, 3, "{}", ended.stdout);
    assert!(ended.stdout.contains("is missing from the repository"), "{}", ended.stdout);
}

#[test]
fn a_past_secret_in_the_baseline_stays_silent_and_the_next_one_does_not() {
    let repo = Repo::new();
    repo.write("a.py", line(1)).commit();
    repo.write("a.py", "").commit();
    let code = |arguments: &[&str]| repo.run(&[&["audit", "."], arguments].concat()).code;
    assert_eq!(code(&["--history"]), 1);
    assert_eq!(code(&["--history", "--write-baseline"]), 0);
    let known = std::fs::read_to_string(repo.file(".casemate-baseline.json")).unwrap();
    assert!(known.contains("\"history\":true") && !known.contains("Kp3vYt"), "{known}");

    let again = repo.run(&["audit", ".", "--history"]);
    assert_eq!(again.code, 0, "{}", again.stdout);
    assert!(again.stdout.contains("1 known finding in the baseline"), "{}", again.stdout);
    assert_eq!(code(&["--history", "--no-baseline"]), 1);
    let unasked = repo.run(&["audit", ".", "--prune-baseline"]);
    assert!(
        unasked.stderr.contains("0 gone, 1 finding left"),
        "what was not looked for is not gone: {}",
        unasked.stderr
    );

    repo.write("b.py", line(2)).commit();
    repo.write("b.py", "").commit();
    assert_eq!(places(&repo, "", &[".", "--history"]), ["b.py:1"], "only the one that nobody knows");
    repo.write("a.py", line(1)).commit();
    let back = repo.run(&["audit", ".", "--format", "json"]);
    assert_eq!(back.code, 1, "what was known to be in the past is new when it comes back: {}", back.stdout);
}

#[test]
fn an_exception_of_the_settings_silences_a_past_secret_until_its_day() {
    let repo = Repo::new();
    repo.write("old/a.py", line(1)).write("b.py", line(2)).commit();
    repo.git(&["rm", "--quiet", "-r", "old", "b.py"]);
    let exception = |until: &str| {
        format!(
            "[[ignore]]\nrule = \"secret-in-history\"\npath = \"old/\"\nuntil = {until}\nreason = \"revoked in 2023\"\n"
        )
    };
    repo.write("casemate.toml", exception("2999-01-01")).commit();
    assert_eq!(places(&repo, "", &[".", "--history"]), ["b.py:1"]);
    let report: Value =
        serde_json::from_str(&repo.run(&["audit", ".", "--history", "--format", "json"]).stdout).unwrap();
    assert_eq!(report["suppressed"][0]["suppressed_because"], "revoked in 2023");
    repo.write("casemate.toml", exception("2023-12-31"));
    assert_eq!(places(&repo, "", &[".", "--history"]), ["b.py:1", "old/a.py:1"]);
}

#[test]
fn a_comment_in_any_old_version_speaks_of_the_secret_in_all() {
    let with = |number, comment: &str| line(number).replace('\n', &format!("  {comment}\n"));
    let repo = Repo::new();
    repo.write("a.py", line(1)).write("b.py", line(2)).write("c.yml", line(3)).write("d.py", line(4)).commit();
    repo.write("a.py", with(1, "# casemate: ignore[SEC] -- made up for a demonstration"))
        .write("b.py", with(2, "# casemate: ignore[INJ] -- not about secrets"))
        .write("c.yml", format!("# pragma: allowlist nextline secret\n{}", line(3)))
        .write("d.py", with(4, "# casemate: ignore[SEC1003] until=2020-01-01 -- has run out"))
        .commit();
    for file in ["a.py", "b.py", "c.yml", "d.py"] {
        repo.write(file, "");
    }
    repo.commit();

    assert_eq!(places(&repo, "", &[".", "--history"]), ["b.py:1", "d.py:1"]);
    let ended = repo.run(&["audit", ".", "--history", "--format", "json"]);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let reasons: Vec<&str> =
        report["suppressed"].as_array().unwrap().iter().filter_map(|one| one["suppressed_because"].as_str()).collect();
    assert!(reasons.contains(&"made up for a demonstration"), "{reasons:?}");
    assert!(!ended.stdout.contains(&secret(1)), "{}", ended.stdout);
}

#[test]
fn what_stands_in_a_folder_that_was_not_audited_is_not_called_gone() {
    let repo = Repo::new();
    repo.write("app/a.py", "x = 1\n").write("b.py", line(1)).commit();
    let found = findings(&repo.run_in("app", &["audit", ".", "--history", "--format", "json"]));
    let message = found[0]["message"].as_str().unwrap();
    assert!(message.contains("in no file that was audited") && !message.contains("gone"), "{message}");
}
