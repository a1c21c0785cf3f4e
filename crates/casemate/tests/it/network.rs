//! Nobody is asked anything over the network without an explicit word: in a namespace without routes every command says
//! what it says elsewhere, and the system calls show that none of them even tries.

#![cfg(target_os = "linux")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::json;

use crate::bench::Ended;
use crate::repository::{Repo, secret};

/// Everything that is to work where there is no network.
const OFFLINE: &[&[&str]] = &[
    &["--version"],
    &["audit", ".", "--format", "json"],
    &["audit", ".", "--format", "sarif"],
    &["audit", ".", "--format", "html"],
    &["audit", ".", "--format", "json", "--history"],
    &["audit", ".", "--format", "json", "--no-advisories", "--persona", "pedantic"],
    &["audit", ".", "--format", "json", "--sbom", "sbom.out", "--vex-out", "vex.out"],
    &["hook", "run"],
    &["hook", "status"],
    &["rule"],
    &["rule", "SEC1001"],
    &["config"],
    &["advisories", "status"],
    &["advisories", "import", "list.json"],
];

/// A token that nobody has, put together here.
fn token() -> String {
    ["glp", "at-", "x7Qz", "9LmR", "2vTb", "K4wN", "e6Yc"].concat()
}

/// A project with a known hole in a package, secrets of today, of yesterday and staged ones; and advisories.
fn project() -> Repo {
    let repo = Repo::new();
    repo.write("settings.py", format!("DATABASE_URL = \"{}\"\n", secret(1))).commit();
    repo.write("settings.py", format!("TOKEN = \"{}\"\n", token()));
    repo.write("requirements.txt", "--index-url https://pypi.corp.example/simple\npackage-1==1.0\n");
    repo.write("Dockerfile", "FROM python:latest\nADD https://files.corp.example/x.tar.gz /x\n").commit();
    repo.write("more.py", format!("DATABASE_URL = \"{}\"\n", secret(2))).git(&["add", "--all"]);
    let record = json!({
        "id": "GHSA-1", "summary": "It leaks.", "aliases": ["CVE-2026-1"],
        "references": [{"type": "WEB", "url": "https://advisories.corp.example/1"}],
        "affected": [{
            "package": {"ecosystem": "PyPI", "name": "package-1"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}],
        }],
    });
    repo.write(".git/info/exclude", "*.out\nlist.json\n").write("list.json", record.to_string());
    let ended = run(&repo, &[], &["advisories", "import", "list.json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    repo
}

/// The binary, started by another program if one is named.
fn run(repo: &Repo, starter: &[&str], arguments: &[&str]) -> Ended {
    let binary = env!("CARGO_BIN_EXE_casemate");
    let line = [starter, &[binary], arguments].concat();
    let mut command = Command::new(line[0]);
    command.args(&line[1..]).current_dir(repo.path()).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", repo.file(".git/home")).env("XDG_DATA_HOME", repo.file(".git/data"));
    let Output { status, stdout, stderr } = command.output().unwrap_or_else(|error| panic!("{line:?}: {error}"));
    let text = |bytes| String::from_utf8(bytes).expect("is UTF-8");
    Ended { code: status.code().expect("ends by itself"), stdout: text(stdout), stderr: text(stderr) }
}

/// A program that is there, and does what is asked of it; `None` after saying loudly that the kernel forbids it.
fn starter(line: &'static [&'static str], package: &str) -> Option<&'static [&'static str]> {
    let is_required = std::env::var_os("CASEMATE_REQUIRE_ALL").is_some_and(|value| value == "1");
    let told = match Command::new(line[0]).args(&line[1..]).arg("true").output() {
        Ok(output) if output.status.success() => return Some(line),
        // Containers often forbid it; nothing that could be installed would help.
        Ok(output) => format!("`{}` is forbidden here: {}", line[0], String::from_utf8_lossy(&output.stderr).trim()),
        Err(error) => {
            assert!(!is_required, "`{}` does not run ({error}); Debian has it in `{package}`", line[0]);
            format!("`{}` does not run: {error}", line[0])
        }
    };
    println!("\n*** SKIPPED: {told}; that nobody is asked over the network was not tried this way ***\n");
    None
}

/// A namespace of its own, in which there is no network but a loopback that is down.
fn nowhere() -> Option<&'static [&'static str]> {
    starter(&["unshare", "--map-root-user", "--net", "--"], "util-linux")
}

#[test]
fn without_a_network_everything_says_what_it_says_with_one() {
    let Some(nowhere) = nowhere() else { return };
    let repo = project();
    for arguments in OFFLINE {
        let (with, without) = (run(&repo, &[], arguments), run(&repo, nowhere, arguments));
        let all = |ended: &Ended| (ended.code, ended.stdout.clone(), ended.stderr.clone());
        assert_eq!(all(&with), all(&without), "{arguments:?}");
        assert!(with.code < 2, "{arguments:?}: {}", with.stderr);
    }
    let found = run(&repo, nowhere, &["audit", ".", "--format", "json", "--history"]).stdout;
    for rule in ["SEC1001", "SEC1006", "DEP1501", "CFG"] {
        assert!(found.contains(rule), "{rule} is found without a network: {found}");
    }
}

#[test]
fn no_command_opens_a_socket_unasked() {
    let Some(_) = starter(&["strace", "-f", "-qq", "-o", "/dev/null"], "strace") else { return };
    let repo = project();
    let trace = repo.file(".git/trace");
    let calls = |arguments: &[&str]| {
        let into = trace.to_string_lossy();
        run(&repo, &["strace", "-f", "-qq", "-e", "trace=%network", "-o", &into], arguments);
        fs::read_to_string(&trace).expect("was written")
    };
    for arguments in OFFLINE {
        assert_eq!(calls(arguments), "", "{arguments:?}");
    }
    // The proof sees something where there is something to see. Nothing answers on the discard port.
    let asked: [&[&str]; 2] = [
        &["advisories", "update", "--url", "http://127.0.0.1:9/all.zip"],
        &["audit", ".", "--verify", "--verify-endpoint", "gitlab-personal-token=http://127.0.0.1:9/user"],
    ];
    for arguments in asked {
        let calls = calls(arguments);
        assert!(calls.contains("connect(") && calls.contains("htons(9)"), "{arguments:?}: {calls}");
    }
}

#[test]
fn what_needs_the_network_says_that_there_is_none() {
    let Some(nowhere) = nowhere() else { return };
    let repo = project();
    let index: PathBuf = repo.file(".git/data/casemate/advisories.index");
    let before = fs::read(&index).expect("is there");
    for arguments in [&["advisories", "update"][..], &["advisories", "update", "--url", "https://192.0.2.1/all.zip"]] {
        let ended = run(&repo, nowhere, arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{}", ended.stderr);
        assert!(ended.stderr.contains("could not be fetched"), "{}", ended.stderr);
        assert!(ended.stderr.trim_end().ends_with("stay in use"), "{}", ended.stderr);
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    }
    assert!(fs::read(&index).expect("is there") == before, "the old index stays as it was");

    let ended = run(&repo, nowhere, &["audit", ".", "--verify"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{}", ended.stderr);
    assert!(ended.stderr.contains("--verify reached no provider"), "{}", ended.stderr);
    assert!(!ended.stderr.contains(&token()), "{}", ended.stderr);
}
