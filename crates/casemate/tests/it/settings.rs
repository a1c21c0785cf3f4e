//! `--config`, `--python`, `--platform`, and who says so.

use serde_json::Value;

use crate::bench::Bench;

const REQUIREMENTS: &str = "a==1; sys_platform == 'win32'\nb==1; python_version < '3.9'\nc==1\n";

fn packages(bench: &Bench, arguments: &[&str]) -> u64 {
    let ended = bench.run(&[&["audit", ".", "--format", "json"], arguments].concat());
    let report: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {}", ended.stderr));
    report["summary"]["packages"].as_u64().unwrap()
}

#[test]
fn the_target_comes_from_the_command_line_or_a_file() {
    let bench = Bench::new().with("requirements.txt", REQUIREMENTS);
    assert_eq!(packages(&bench, &[]), 3);
    assert_eq!(packages(&bench, &["--platform", "linux"]), 2);
    assert_eq!(packages(&bench, &["--platform", "linux", "--python", "3.12"]), 1);
    let bench = bench.with("pyproject.toml", "[tool.casemate]\nplatform = \"linux\"\npython = \"3.12\"\n");
    assert_eq!(packages(&bench, &[]), 1);
    assert_eq!(packages(&bench, &["--platform", "any"]), 2);
    assert_eq!(packages(&bench, &["--isolated"]), 3);
    for wrong in [["--python", "three"], ["--platform", "beos"]] {
        assert_eq!(bench.run(&[&["audit", "."][..], &wrong].concat()).code, 2);
    }
}

#[test]
fn config_tells_the_target_and_where_it_comes_from() {
    let bench = Bench::new().with("casemate.toml", "python = \"3.11\"\n");
    let lines = |arguments: &[&str]| {
        let ended = bench.run(&[&["config"], arguments].concat());
        let spaced = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        ended.stdout.lines().map(spaced).collect::<Vec<_>>()
    };
    let told = lines(&["--platform", "macos"]);
    assert!(told.contains(&"python = \"3.11\" # casemate.toml".to_owned()), "{told:?}");
    assert!(told.contains(&"platform = \"macos\" # command line".to_owned()), "{told:?}");
    assert!(lines(&["--isolated"]).contains(&"python = \"any\" # default".to_owned()));
}

#[test]
fn a_named_file_is_read_and_no_other() {
    let bench = Bench::new()
        .with("requirements.txt", REQUIREMENTS)
        .with("casemate.toml", "platform = \"linux\"\n")
        .with("ci/strict.toml", "python = \"3.12\"\n")
        .with("ci/pyproject.toml", "[tool.casemate]\nplatform = \"windows\"\n")
        .with("ci/none/pyproject.toml", "[tool.other]\n");
    assert_eq!(packages(&bench, &[]), 2);
    assert_eq!(packages(&bench, &["--config", "ci/strict.toml"]), 2);
    assert_eq!(packages(&bench, &["--config", "ci/strict.toml", "--platform", "linux"]), 1);
    assert_eq!(packages(&bench, &["--config", "ci/pyproject.toml"]), 3);
    for (arguments, why) in [
        (&["--config", "no.toml"][..], "cannot be read"),
        (&["--config", "ci/none/pyproject.toml"], "no [tool.casemate]"),
        (&["--config", "ci/strict.toml", "--isolated"], "cannot be used with"),
    ] {
        let ended = bench.run(&[&["audit", "."], arguments].concat());
        assert_eq!((ended.code, ended.stderr.contains(why)), (2, true), "{}", ended.stderr);
    }
}
