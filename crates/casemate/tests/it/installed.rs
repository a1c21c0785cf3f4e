//! `casemate audit --installed`: what stands in an environment.

use std::fs;

use serde_json::{Value, json};

use crate::bench::{Bench, Ended, ended};

const PACKAGES: &str = ".venv/lib/python3.12/site-packages";

fn metadata(name: &str, version: &str, more: &str) -> String {
    format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}\nText.\n")
}

fn told_at(package: &str) -> String {
    format!("{PACKAGES}/{package}.dist-info/METADATA")
}

/// An environment with two packages in it, the second needed by the first, and an index in which that has a hole.
fn bench() -> Bench {
    let record = json!({
        "id": "GHSA-1", "summary": "It leaks.", "aliases": ["CVE-2026-1"],
        "affected": [{
            "package": {"ecosystem": "PyPI", "name": "shop"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.4.3"}]}],
        }],
    });
    let bench = Bench::new()
        .with("GHSA-1.json", record.to_string())
        .with(".venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.12.4\n")
        .with(&told_at("web-2.0"), metadata("Web", "2.0", "Requires-Dist: shop\n"))
        .with(&told_at("shop-1.4.2"), metadata("shop", "1.4.2", "License-Expression: MIT\n"))
        .with("app.py", "import shop\n");
    let done = run(&bench, &["advisories", "import", "GHSA-1.json"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    fs::remove_file(bench.path("GHSA-1.json")).unwrap();
    bench
}

fn run(bench: &Bench, arguments: &[&str]) -> Ended {
    let mut command = bench.command(arguments);
    command.env("CASEMATE_ADVISORIES", bench.path("advisories.index")).env_remove("VIRTUAL_ENV");
    ended(command)
}

fn json_of(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {}", ended.stderr))
}

fn rules(report: &Value) -> Vec<String> {
    let all = report["findings"].as_array().unwrap().iter();
    all.map(|finding| finding["rule"].as_str().unwrap().to_owned()).collect()
}

fn problems(report: &Value) -> Vec<String> {
    report["problems"].as_array().unwrap().iter().map(Value::to_string).collect()
}

#[test]
fn what_is_installed_is_looked_up_and_nothing_else_is_audited() {
    let bench = bench();
    let ended = run(&bench, &["audit", "--installed", ".venv", "--format", "json", "--sbom", "bom.json"]);
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    let report = json_of(&ended);
    assert_eq!(rules(&report), ["DEP1501"]);
    assert!(ended.stdout.contains(&format!("\"{}\"", told_at("shop-1.4.2"))));
    assert_eq!((&report["summary"]["packages"], &report["summary"]["files"]), (&json!(2), &json!(0)));
    let bill: Value = serde_json::from_slice(&fs::read(bench.path("bom.json")).unwrap()).unwrap();
    assert_eq!(bill["components"].as_array().unwrap().len(), 2);
    assert_eq!(bill["components"][0]["licenses"], json!([{"expression": "MIT"}]));
}

#[test]
fn with_paths_both_are_audited() {
    let report = json_of(&run(&bench(), &["audit", ".", "--installed", ".venv", "--format", "json"]));
    assert_eq!(rules(&report), ["DEP1501"]);
    assert_eq!((&report["summary"]["packages"], &report["summary"]["files"]), (&json!(2), &json!(1)));
}

#[test]
fn the_active_environment_is_the_default() {
    let bench = bench();
    let mut command = bench.command(&["audit", "--installed"]);
    command.env("CASEMATE_ADVISORIES", bench.path("advisories.index")).env("VIRTUAL_ENV", bench.path(".venv"));
    let active = ended(command);
    assert_eq!(active.code, 1, "{}", active.stderr);
    assert!(active.stdout.contains("`shop` 1.4.2") && active.stdout.contains("asked for: by web"), "{}", active.stdout);

    let none = run(&bench, &["audit", "--installed"]);
    assert_eq!(none.code, 2);
    assert!(none.stderr.contains("VIRTUAL_ENV is not set"), "{}", none.stderr);
}

#[test]
fn a_folder_of_packages_will_do_and_anything_else_is_refused() {
    let bench = bench().with("vendor/shop-1.0.dist-info/METADATA", metadata("shop", "1.0", ""));
    for folder in [PACKAGES, "vendor"] {
        let ended = run(&bench, &["audit", "--installed", folder]);
        assert_eq!((ended.code, ended.stdout.contains("DEP1501")), (1, true), "{}{}", ended.stdout, ended.stderr);
    }
    for (wrong, why) in [("app.py", "is not a folder"), (".git", "is no environment"), ("no", "cannot be audited")] {
        let ended = run(&bench, &["audit", "--installed", wrong]);
        assert_eq!((ended.code, ended.stderr.contains(why)), (2, true), "{wrong}: {}", ended.stderr);
    }
}

#[test]
fn a_package_cannot_bring_settings_that_silence_what_is_known_against_it() {
    let silence = "ignore = [\"DEP\"]\n";
    let bench = bench()
        .with(".venv/casemate.toml", silence)
        .with(&format!("{PACKAGES}/casemate.toml"), silence)
        .with(&format!("{PACKAGES}/pyproject.toml"), format!("[tool.casemate]\n{silence}"));
    let ended = run(&bench, &["audit", "--installed", ".venv"]);
    assert_eq!((ended.code, ended.stdout.contains("DEP1501")), (1, true), "{}", ended.stdout);
}

#[test]
fn broken_packages_are_told_and_the_others_are_read() {
    let huge = format!("{}{}", metadata("huge", "1", ""), "x".repeat(17 << 20));
    let bench = bench()
        .with(&format!("{PACKAGES}/empty-1.dist-info/RECORD"), "")
        .with(&told_at("blank-1"), "")
        .with(&told_at("bytes-1"), b"Name: bytes\nVersion: 1\nAuthor: \xff\n")
        .with(&told_at("zero-1"), b"\0\0\0")
        .with(&told_at("huge-1"), huge)
        .with(&told_at("~eft-1"), metadata("left", "1", ""))
        .with(&format!("{}/x", told_at("folder-1")), "")
        .with(&format!("{PACKAGES}/old-1.egg-info"), metadata("old", "1", ""));
    let ended = run(&bench, &["audit", "--installed", ".venv", "--format", "json", "--strict"]);
    assert_eq!(ended.code, 3, "{}", ended.stderr);
    let report = json_of(&ended);
    let told = problems(&report);
    for name in ["empty-1", "blank-1", "zero-1", "huge-1", "~eft-1", "folder-1"] {
        assert!(told.iter().any(|one| one.contains(name)), "{name}: {told:?}");
    }
    assert!(!told.iter().any(|one| one.contains("old-1") || one.contains("bytes-1")), "{told:?}");
    // web, shop, old and bytes.
    assert_eq!(report["summary"]["packages"], 4, "{told:?}");
    assert!(rules(&report).contains(&"DEP1501".to_owned()));
}

#[test]
#[cfg(unix)]
fn links_to_a_cache_are_followed_and_links_to_no_file_are_told() {
    use std::os::unix::fs::symlink;
    let bench = bench()
        .with("cache/linked/METADATA", metadata("linked", "1", ""))
        .with(&format!("{PACKAGES}/a-1.dist-info/RECORD"), "")
        .with(&format!("{PACKAGES}/b-1.dist-info/RECORD"), "")
        .with(&format!("{PACKAGES}/c-1.dist-info/RECORD"), "");
    symlink(bench.path("cache/linked/METADATA"), bench.path(&told_at("a-1"))).unwrap();
    symlink("/dev/zero", bench.path(&told_at("b-1"))).unwrap();
    symlink("nowhere", bench.path(&told_at("c-1"))).unwrap();
    symlink(bench.path(".venv/lib"), bench.path(".venv/lib64")).unwrap();
    let report = json_of(&run(&bench, &["audit", "--installed", ".venv", "--format", "json"]));
    let told = problems(&report);
    assert_eq!((&report["summary"]["packages"], told.len()), (&json!(3), 2), "{told:?}");
    assert!(told.iter().all(|one| one.contains("is no regular file")), "{told:?}");
}

#[test]
fn packages_of_the_system_that_are_let_in_are_spoken_of() {
    let bench = bench().with(".venv/pyvenv.cfg", "include-system-site-packages = true\n");
    let ended = run(&bench, &["audit", "--installed", ".venv"]);
    assert!(ended.stdout.contains("lets the packages of the system in"), "{}", ended.stdout);
}
