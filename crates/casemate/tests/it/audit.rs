//! `casemate audit`: which files, which settings, which exit code, which output.

use std::fs;
use std::process::Stdio;

use serde_json::Value;

use crate::bench::{Bench, Ended, ended};

const EVIL: &str =
    "import hashlib\n\ndef hash_password(password):\n    return hashlib.sha256(password.encode()).hexdigest()\n";

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).unwrap_or_else(|error| panic!("{error}: {} {}", ended.stdout, ended.stderr))
}

fn files(bench: &Bench, paths: &[&str]) -> u64 {
    let ended = bench.run(&[&["audit", "--format", "json", "--fail-on", "none"], paths].concat());
    json(&ended)["summary"]["files"].as_u64().expect("is a number")
}

fn problems(bench: &Bench, paths: &[&str]) -> Vec<String> {
    let ended = bench.run(&[&["audit", "--format", "json", "--fail-on", "none"], paths].concat());
    let told = json(&ended)["problems"].as_array().expect("is a list").clone();
    told.iter()
        .map(|problem| format!("{}: {}", problem["path"].as_str().unwrap(), problem["message"].as_str().unwrap()))
        .collect()
}

#[test]
fn an_empty_project_says_that_there_is_nothing() {
    let ended = Bench::new().run(&["audit", "."]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "Nothing to audit found in `.`.\n"));
}

#[test]
fn without_a_path_this_folder_is_audited() {
    let ended = Bench::new().with("app.py", EVIL).run(&["audit"]);
    assert_eq!(ended.code, 1);
    assert!(ended.stdout.contains(" app.py:4:"), "{}", ended.stdout);
}

#[test]
fn a_path_that_is_not_there_is_told_in_one_line() {
    let ended = Bench::new().run(&["audit", "nowhere"]);
    assert_eq!(ended.code, 2);
    assert_eq!(ended.stderr, "casemate: `nowhere` does not exist; name a file or a folder to audit\n");
    assert_eq!(ended.stdout, "");
}

#[test]
fn a_finding_fails_the_run_unless_the_gate_is_higher() {
    let bench = Bench::new().with("app.py", EVIL);
    let code = |arguments: &[&str]| bench.run(&[&["audit", "app.py"], arguments].concat()).code;
    assert_eq!(code(&[]), 1);
    assert_eq!(code(&["--fail-on", "none"]), 0);
    assert_eq!(code(&["--fail-on", "critical"]), 0);
    assert_eq!(code(&["--fail-on", "high"]), 1);
    assert_eq!(code(&["--ignore", "password-weak-hash"]), 0);
    assert_eq!(code(&["--select", "INJ"]), 0);
    assert_eq!(code(&["--select", "aut"]), 1);
}

#[test]
fn a_clean_project_passes() {
    let ended = Bench::new().with("app.py", "x = 1\n").run(&["audit", "."]);
    assert_eq!(ended.code, 0);
    assert!(ended.stdout.starts_with("No findings in 1 file and 1 line of Python in "), "{}", ended.stdout);
}

#[test]
fn what_git_ignores_and_what_holds_no_source_is_left_out() {
    let bench = Bench::new()
        .with(".gitignore", "generated/\nlocal_*.py\n")
        .with("src/app.py", "")
        .with("src/local_settings.py", "")
        .with("generated/api.py", "")
        .with("environment/pyvenv.cfg", "")
        .with("environment/lib/site.py", "")
        .with("node_modules/gyp/gyp.py", "")
        .with("src/__pycache__/app.py", "")
        .with(".hg/hook.py", "")
        .with("build/lib/app.py", "")
        .with("src/build/__init__.py", "")
        .with("thing.egg-info/x.py", "")
        .with(".github/release.py", "");
    assert_eq!(files(&bench, &["."]), 3, "src/app.py, src/build/__init__.py and .github/release.py");
}

#[test]
fn a_file_named_on_the_command_line_is_always_audited() {
    let bench = Bench::new()
        .with(".gitignore", "*.py\n")
        .with("casemate.toml", "exclude = [\"*.py\"]\n")
        .with("app.py", "")
        .with("script", "");
    assert_eq!(files(&bench, &["."]), 0);
    assert_eq!(files(&bench, &["app.py"]), 1);
    assert_eq!(files(&bench, &["script"]), 1);
}

#[test]
fn scripts_without_an_extension_are_known_by_their_first_line() {
    let bench = Bench::new()
        .with("run", "#!/usr/bin/env python3\nprint(1)\n")
        .with("make", "#!/bin/sh\npython x\n")
        .with("LICENSE", "python\n");
    assert_eq!(files(&bench, &["."]), 1);
}

#[test]
fn a_file_that_two_paths_hold_is_audited_once() {
    let bench = Bench::new().with("src/app.py", "").with("src/sub/other.py", "");
    assert_eq!(files(&bench, &["src", "src/app.py", "./src/sub", "src/../src/app.py"]), 2);
}

#[test]
fn excluded_paths_are_written_as_in_gitignore() {
    let bench = Bench::new().with("app/migrations/one.py", "").with("app/models_pb2.py", "").with("app/views.py", "");
    assert_eq!(files(&bench, &["."]), 3);
    assert_eq!(files(&bench, &[".", "--exclude", "migrations/", "--exclude", "*_pb2.py"]), 1);
}

#[test]
fn paths_are_told_relative_to_here_and_outside_of_here_from_the_audited_folder() {
    let bench = Bench::new().with("deep/er/app.py", EVIL).with("elsewhere/x", "");
    let path = |ended: &Ended| json(ended)["findings"][0]["path"].as_str().expect("is a path").to_owned();
    assert_eq!(path(&bench.run(&["audit", "--format", "json", "deep"])), "deep/er/app.py");
    let mut outside = bench.command(&["audit", "--format", "json", "../deep"]);
    outside.current_dir(bench.path("elsewhere"));
    assert_eq!(path(&ended(outside)), "er/app.py");
    let mut outside = bench.command(&["audit", "../deep"]);
    outside.current_dir(bench.path("elsewhere"));
    let openable = bench.path("deep/er/app.py").canonicalize().expect("is there");
    let text = ended(outside).stdout;
    assert!(text.contains(&openable.display().to_string()), "{text}");
}

#[test]
fn settings_are_found_from_the_audited_path_upwards() {
    let bench = Bench::new().with("pyproject.toml", "[tool.casemate]\nfail-on = \"none\"\n").with("src/app.py", EVIL);
    assert_eq!(bench.run(&["audit", "src"]).code, 0);
    assert_eq!(bench.run(&["audit", "src", "--isolated"]).code, 1);
    assert_eq!(bench.run(&["audit", "src", "--fail-on", "low"]).code, 1);
    let bench = bench.with("casemate.toml", "fail-on = \"low\"\n");
    assert_eq!(bench.run(&["audit", "src"]).code, 1);
}

#[test]
fn settings_above_the_repository_are_not_read() {
    let bench = Bench::new()
        .with("casemate.toml", "fail-on = \"none\"\n")
        .with("clone/.git/HEAD", "")
        .with("clone/app.py", EVIL);
    assert_eq!(bench.run(&["audit", "clone"]).code, 1);
}

#[test]
fn bad_settings_are_told_in_one_line_with_the_key() {
    let bench = Bench::new().with("casemate.toml", "\nfail_on = \"high\"\n").with("app.py", "");
    let ended = bench.run(&["audit", "."]);
    assert_eq!(ended.code, 2);
    assert!(
        ended.stderr.ends_with("casemate.toml: line 2: unknown key `fail_on`, did you mean `fail-on`?\n"),
        "{}",
        ended.stderr
    );
    assert_eq!(ended.stderr.lines().count(), 1);
}

#[test]
fn a_selector_that_names_no_rule_is_told() {
    let ended = Bench::new().with("app.py", "").run(&["audit", ".", "--ignore", "password-weak-hsah"]);
    assert_eq!(ended.code, 2);
    assert!(
        ended.stderr.contains("`password-weak-hsah` names no rule, did you mean `password-weak-hash`?"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_glob_that_cannot_be_understood_is_told() {
    let ended = Bench::new().with("app.py", "").run(&["audit", ".", "--exclude", "{a"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("`exclude`"), "{}", ended.stderr);
}

#[test]
fn config_says_where_each_value_comes_from() {
    let bench = Bench::new()
        .with("pyproject.toml", "[tool.casemate]\nfail-on = \"high\"\nexclude = [\"docs/\"]\n")
        .with("casemate.toml", "fail-on = \"medium\"\n");
    let ended = bench.run(&["config", "--persona", "pedantic"]);
    assert_eq!(ended.code, 0);
    let settings: Vec<&str> = ended.stdout.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(
        settings,
        [
            "persona = \"pedantic\"   # command line",
            "select = []            # default",
            "ignore = []            # default",
            "min-confidence = \"low\" # default",
            "fail-on = \"medium\"     # casemate.toml",
            "exclude = [\"docs/\"]    # pyproject.toml",
            "baseline = \"\"          # default",
            "models = []            # default",
            "library = false        # default",
            "python = \"any\"         # default",
            "platform = \"any\"       # default",
        ]
        .map(|line| line.replace(" #", "  #"))
    );
}

#[test]
fn a_report_file_appears_whole_and_says_so() {
    let bench = Bench::new().with("app.py", EVIL).with("report.json", "old");
    let ended = bench.run(&["audit", ".", "--format", "json", "--output", "report.json"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (1, ""));
    assert_eq!(ended.stderr, "1 finding written to report.json\n");
    let report: Value = serde_json::from_slice(&fs::read(bench.path("report.json")).unwrap()).expect("is JSON");
    assert_eq!(report["version"], 1);
    let mut left: Vec<_> = fs::read_dir(bench.path(".")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, [".git", "app.py", "report.json"]);
}

#[test]
fn a_report_file_in_a_folder_that_is_not_there_is_told_before_the_audit() {
    let bench = Bench::new().with("app.py", EVIL);
    let ended = bench.run(&["audit", ".", "--output", "nowhere/report.txt"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.starts_with("casemate: `nowhere/report.txt` cannot be written: "), "{}", ended.stderr);
}

#[test]
fn a_file_that_is_too_large_is_a_problem_not_a_silence() {
    let bench = Bench::new().with("big.py", "x = 1\n".repeat(2_000_000)).with("app.py", "");
    assert_eq!(
        problems(&bench, &["."]),
        ["big.py: could not be read, so it was not analysed: it is larger than 10 MiB"]
    );
    assert_eq!(bench.run(&["audit", "."]).code, 0);
    assert_eq!(bench.run(&["audit", ".", "--strict"]).code, 3);
}

#[test]
fn a_report_of_some_files_or_rules_is_not_complete() {
    let bench = Bench::new().with("app.py", "x = 1\n");
    let complete = |arguments: &[&str]| {
        json(&bench.run(&[&["audit", "--format", "json"], arguments].concat()))["complete"].clone()
    };
    assert_eq!(complete(&["."]), true);
    assert_eq!(complete(&["app.py"]), false);
    assert_eq!(complete(&[".", "--select", "AUT"]), false);
    assert_eq!(complete(&[".", "--exclude", "x"]), false);
}

#[test]
fn colour_comes_when_asked_for_and_never_into_a_pipe() {
    let bench = Bench::new().with("app.py", EVIL);
    assert!(!bench.run(&["audit", "."]).stdout.contains('\x1b'));
    assert!(bench.run(&["audit", ".", "--color", "always"]).stdout.contains('\x1b'));
    assert!(!bench.run(&["audit", ".", "--color", "never"]).stdout.contains('\x1b'));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let text: String = (0..3000).map(|n| EVIL.replace("hash_password", &format!("hash_password{n}"))).collect();
    let bench = Bench::new().with("app.py", text);
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_casemate"))
        .args(["audit", "."])
        .current_dir(bench.path("."))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ends");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_page_for_a_browser_may_be_asked_for() {
    let ended = Bench::new().with("app.py", EVIL).run(&["audit", ".", "--format", "html"]);
    assert_eq!(ended.code, 1);
    assert!(ended.stdout.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{}", ended.stdout);
    assert!(ended.stdout.contains("password-weak-hash"), "{}", ended.stdout);
}

#[test]
fn statistics_count_instead_of_showing_each() {
    let ended = Bench::new().with("app.py", EVIL).run(&["audit", ".", "--statistics"]);
    assert!(ended.stdout.starts_with("     1  high      AUT410   password-weak-hash\n"), "{}", ended.stdout);
}

#[test]
fn a_silenced_finding_counts_again_when_its_time_is_over() {
    let silenced = |until: &str| {
        let comment = format!("hexdigest()  # casemate: ignore[password-weak-hash] until={until} -- being replaced");
        Bench::new().with("app.py", EVIL.replace("hexdigest()", &comment)).run(&["audit", "."]).code
    };
    assert_eq!(silenced("9999-12-31"), 0);
    assert_eq!(silenced("2020-01-01"), 1);
}

#[test]
fn lines_are_shown_in_the_encoding_of_their_file() {
    let text = b"# coding: latin-1\nimport hashlib\ndef h(password): x = '\xe9'; return hashlib.sha256(password).hexdigest()\n";
    let ended = Bench::new().with("app.py", text).run(&["audit", "."]);
    assert!(ended.stdout.contains("x = '\u{e9}'; return hashlib"), "{}", ended.stdout);
}

#[test]
fn sarif_says_which_rules_ran() {
    let ended = Bench::new().with("app.py", "x = 1\n").run(&["audit", ".", "--format", "sarif", "--category", "api"]);
    let run = json(&ended)["runs"][0].clone();
    assert_eq!(run["automationDetails"]["id"], "casemate/api/");
    assert!(run["tool"]["driver"]["rules"].as_array().expect("is a list").len() >= 7);
    assert_eq!(run["properties"]["casemate/complete"], true);
    assert_eq!(run["results"], Value::Array(vec![]));
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_loop_of_links_ends_and_links_are_not_followed() {
        let bench = Bench::new().with("src/app.py", "").with("src/x", "");
        symlink("..", bench.path("src/up")).unwrap();
        symlink("loop.py", bench.path("loop.py")).unwrap();
        symlink("src/app.py", bench.path("same.py")).unwrap();
        symlink("/etc/hostname", bench.path("outside.py")).unwrap();
        assert_eq!(files(&bench, &["."]), 1);
        let problems = problems(&bench, &["."]);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].starts_with("loop.py: is a link that leads nowhere"), "{problems:?}");
        assert_eq!(problems[1], "outside.py: is a link that leads out of the audited folder and was not followed");
    }

    #[test]
    fn a_loop_of_links_named_on_the_command_line_is_told() {
        let bench = Bench::new();
        symlink("loop", bench.path("loop")).unwrap();
        let ended = bench.run(&["audit", "loop"]);
        assert_eq!(ended.code, 2);
        assert!(ended.stderr.starts_with("casemate: `loop` cannot be audited: "), "{}", ended.stderr);
    }

    #[test]
    fn a_name_that_is_not_unicode_is_told_legibly() {
        let bench = Bench::new();
        fs::write(bench.path(".").join(OsStr::from_bytes(b"b\xffad.py")), EVIL).unwrap();
        let report = json(&bench.run(&["audit", "--format", "json", "."]));
        assert_eq!(report["findings"][0]["path"], "b\\xffad.py");
        let text = bench.run(&["audit", "."]).stdout;
        assert!(text.contains("b\\xffad.py") && text.contains("hashlib.sha256"), "{text}");
        assert_eq!(bench.run(&["audit", ".", "--format", "sarif"]).code, 1);
    }

    #[test]
    fn a_pipe_with_a_python_name_is_a_problem_and_does_not_hang() {
        let bench = Bench::new().with("app.py", "");
        let made = std::process::Command::new("mkfifo").arg(bench.path("pipe.py")).status().expect("mkfifo runs");
        assert!(made.success());
        assert_eq!(problems(&bench, &["."]), ["pipe.py: is not a regular file and was not audited"]);
    }

    #[test]
    fn a_lock_file_that_is_a_pipe_or_leads_out_is_a_problem() {
        let bench = Bench::new().with("app.py", "");
        let made = std::process::Command::new("mkfifo").arg(bench.path("uv.lock")).status().expect("mkfifo runs");
        assert!(made.success());
        symlink("/etc/hostname", bench.path("requirements.txt")).unwrap();
        symlink("/etc/hostname", bench.path("notes.txt")).unwrap();
        assert_eq!(
            problems(&bench, &["."]),
            [
                "requirements.txt: is a link that leads out of the audited folder and was not followed",
                "uv.lock: is not a regular file and was not audited"
            ]
        );
    }

    #[test]
    fn a_pipe_with_the_name_of_a_settings_file_does_not_hang() {
        let bench = Bench::new().with("app.py", "");
        let made =
            std::process::Command::new("mkfifo").arg(bench.path("pyproject.toml")).status().expect("mkfifo runs");
        assert!(made.success());
        let ended = bench.run(&["audit", "."]);
        assert_eq!(ended.code, 2);
        assert!(ended.stderr.contains("it is not a regular file of at most 1 MiB"), "{}", ended.stderr);
    }

    #[test]
    fn a_file_without_read_permission_is_a_problem() {
        let bench = Bench::new().with("secret.py", "x = 1\n");
        fs::set_permissions(bench.path("secret.py"), fs::Permissions::from_mode(0o000)).unwrap();
        if fs::read(bench.path("secret.py")).is_ok() {
            return; // Root reads everything.
        }
        assert!(problems(&bench, &["."])[0].starts_with("secret.py: could not be read"));
    }

    #[test]
    fn a_report_may_go_to_a_device() {
        let ended = Bench::new().with("app.py", "x = 1\n").run(&["audit", ".", "--output", "/dev/null"]);
        assert_eq!(ended.code, 0);
    }
}
