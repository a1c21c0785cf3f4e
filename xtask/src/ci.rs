//! Everything a change must pass, step by step, with the time each step took.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::workspace::{Workspace, output, succeed};
use crate::{Result, generate, hooks, python, tidy, wheel};

/// What the tests need beside Rust: a program, and the Debian packages that bring it.
const NEEDED: &[(&str, &[&str])] = &[
    ("chromedriver", &["chromium", "chromium-driver"]),
    ("initdb", &["postgresql"]),
    ("python3", &["python3", "python3-venv"]),
    ("strace", &["strace"]),
];

/// Runs all steps and stops at the first that fails.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let begun = Instant::now();
    let mut timings = Vec::new();
    let mut step = |name: &'static str, what: &mut dyn FnMut() -> Result<()>| -> Result<()> {
        println!("\n== {name}");
        let begun = Instant::now();
        what().map_err(|error| format!("step `{name}`: {error}"))?;
        timings.push((name, begun.elapsed()));
        Ok(())
    };

    step("programs the tests need", &mut install)?;
    let mut python = PathBuf::new();
    step("python of the example programs", &mut || {
        let requirements = ["vulnerable", "mended"].map(|example| format!("examples/{example}/requirements.txt"));
        python = python::environment(workspace, "ci/python", &requirements)?;
        Ok(())
    })?;
    step("format", &mut || succeed(workspace.cargo().args(["fmt", "--all", "--check"])))?;
    step("lints", &mut || {
        succeed(workspace.cargo().args(["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    })?;
    step("lints of the small auditor", &mut || {
        succeed(workspace.cargo().args([
            "clippy",
            "--locked",
            "--package",
            "casemate",
            "--no-default-features",
            "--",
            "-D",
            "warnings",
        ]))
    })?;
    step("build of the small auditor", &mut || {
        succeed(workspace.cargo().args(["build", "--locked", "--package", "casemate", "--no-default-features"]))
    })?;
    step("tidy", &mut || tidy::run(workspace))?;
    step("generated pages", &mut || generate::run(workspace, true))?;
    step("wheel of the auditor", &mut || wheel::check(workspace))?;
    step("hooks for pre-commit", &mut || hooks::check(workspace, &wheel::programs(workspace)))?;
    step("build of the tests", &mut || {
        succeed(workspace.cargo().args(["test", "--locked", "--workspace", "--no-run", "--quiet"]))
    })?;
    println!();
    for (name, took) in &timings {
        println!("{:>7} s  {name}", seconds(*took));
    }

    println!("\n== tests");
    let begun_tests = Instant::now();
    let tests = succeed(
        workspace
            .cargo()
            .args(["test", "--locked", "--workspace", "--no-fail-fast"])
            // A test that lacks a program fails here; elsewhere it says that it was skipped.
            .env("CASEMATE_REQUIRE_ALL", "1")
            .env("CASEMATE_TEST_PYTHON", &python),
    );
    println!("\ntests took {} s, everything {} s", seconds(begun_tests.elapsed()), seconds(begun.elapsed()));
    tests
}

fn seconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f32())
}

/// Installs what is missing, when it may; otherwise says what to install.
fn install() -> Result<()> {
    let missing: Vec<&str> =
        NEEDED.iter().filter(|(program, _)| !is_there(program)).flat_map(|(_, packages)| *packages).copied().collect();
    if missing.is_empty() {
        println!("all there");
        return Ok(());
    }
    let advice = format!("the tests need the Debian packages {}; install them and try again", missing.join(" "));
    let is_root = output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    let has_sudo = || Command::new("sudo").args(["-n", "true"]).output().is_ok_and(|result| result.status.success());
    if find("apt-get").is_none() || !(is_root || has_sudo()) {
        return Err(advice.into());
    }
    let apt_get = |arguments: &[&str]| {
        let mut command = Command::new(if is_root { "env" } else { "sudo" });
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]).args(arguments);
        succeed(&mut command)
    };
    apt_get(&["update"]).map_err(|error| format!("{error}; {advice}"))?;
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(&missing);
    apt_get(&install).map_err(|error| format!("{error}; {advice}"))?;
    match NEEDED.iter().find(|(program, _)| !is_there(program)) {
        Some((program, _)) => Err(format!("`{program}` is still missing; {advice}").into()),
        None => Ok(()),
    }
}

fn is_there(program: &str) -> bool {
    match program {
        // Debian keeps the server's programs of each version in a folder of their own.
        "initdb" => find(program).is_some() || !versions_of_postgresql().is_empty(),
        // Debian's python3 comes without the module that makes environments.
        "python3" => Command::new(program)
            .args(["-c", "import ensurepip, venv"])
            .output()
            .is_ok_and(|result| result.status.success()),
        _ => find(program).is_some(),
    }
}

fn find(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}

fn versions_of_postgresql() -> Vec<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    folders.map(|folder| folder.path().join("bin/initdb")).filter(|path| path.is_file()).collect()
}
