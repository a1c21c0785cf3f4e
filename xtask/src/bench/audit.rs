//! The time of one audit: casemate, `ruff check --select S` and bandit on the same tree, each a fresh process; and of
//! casemate's next one after one file was edited.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use super::{Ground, median};
use crate::Result;
use crate::workspace::{line, succeed};

pub(super) const DJANGO: &str = "5.2.8";

struct Auditor {
    name: &'static str,
    program: PathBuf,
    arguments: Vec<String>,
    report: PathBuf,
    /// Where its report lists the findings; empty when the report is the list.
    findings: &'static str,
    seconds: Vec<f64>,
    /// The file that is edited before each run, and what it held.
    edited: Option<(PathBuf, String)>,
}

/// One that the whole of Django imports, and that imports much of it.
const EDITED: &str = "django/db/models/query.py";

/// Prints the table.
pub(super) fn run(ground: &Ground) -> Result<()> {
    let tree = django(ground)?;
    let (files, lines) = size(&tree)?;
    let rounds = if ground.is_short { 1 } else { 3 };
    let mut auditors = auditors(ground, &tree)?;
    for round in 0..=rounds {
        for auditor in &mut auditors {
            let seconds = auditor.measure(round)?;
            // The first round brings the tree into the file cache and does not count.
            if round > 0 {
                auditor.seconds.push(seconds);
            }
        }
    }

    for auditor in &auditors {
        if let Some((file, text)) = &auditor.edited {
            std::fs::write(file, text)?;
        }
    }

    println!(
        "\naudit of Django {DJANGO}: {files} Python files, {lines} lines; median of {rounds}, a fresh process each\n"
    );
    println!("| auditor | seconds | times as long as casemate | findings |\n|---|---|---|---|");
    let ours = median(&auditors[0].seconds);
    for auditor in &auditors {
        let seconds = median(&auditor.seconds);
        println!("| {} | {seconds:.2} | {:.2} | {} |", auditor.name, seconds / ours, auditor.found()?);
    }
    Ok(())
}

fn auditors(ground: &Ground, folder: &Path) -> Result<Vec<Auditor>> {
    let tree = folder.to_string_lossy();
    let auditor = |name, program: PathBuf, arguments: &[&str], findings| {
        let report = ground.folder.join(format!("{name}.json"));
        let arguments = arguments
            .iter()
            .map(|argument| argument.replace("REPORT", &report.to_string_lossy()).replace("TREE", &tree))
            .collect();
        Auditor { name, program, arguments, report, findings, seconds: Vec::new(), edited: None }
    };
    let edited = folder.join(EDITED);
    let text = std::fs::read_to_string(&edited)?;
    Ok(vec![
        auditor(
            "casemate",
            ground.our_program("casemate"),
            &["audit", "--no-cache", "--format", "json", "--output", "REPORT", "TREE"],
            "findings",
        ),
        Auditor {
            edited: Some((edited, text)),
            ..auditor(
                "casemate after an edit",
                ground.our_program("casemate"),
                &["audit", "--format", "json", "--output", "REPORT", "TREE"],
                "findings",
            )
        },
        auditor(
            "ruff",
            ground.python_program("ruff"),
            &[
                "check",
                "--select",
                "S",
                "--isolated",
                "--no-cache",
                "--output-format",
                "json",
                "--output-file",
                "REPORT",
                "TREE",
            ],
            "",
        ),
        auditor(
            "bandit",
            ground.python_program("bandit"),
            &["-r", "-q", "--format", "json", "--output", "REPORT", "TREE"],
            "results",
        ),
    ])
}

impl Auditor {
    fn measure(&self, round: usize) -> Result<f64> {
        super::clear(&self.report)?;
        if let Some((file, text)) = &self.edited {
            let more = format!("\n\ndef edited_{round}(value, other):\n    return str(value) + other\n");
            std::fs::write(file, format!("{text}{more}"))?;
        }
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env("CASEMATE_CACHE", self.report.with_extension("cache"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let begun = Instant::now();
        let status = command.status().map_err(|error| format!("could not start {}: {error}", line(&command)))?;
        let seconds = begun.elapsed().as_secs_f64();
        // 1 says that there are findings; all three agree on that.
        match status.code() {
            Some(0 | 1) => Ok(seconds),
            _ => Err(format!("{} failed ({status})", line(&command)).into()),
        }
    }

    fn found(&self) -> Result<usize> {
        let report: Value = serde_json::from_slice(&std::fs::read(&self.report)?)?;
        let findings = if self.findings.is_empty() { &report } else { &report[self.findings] };
        Ok(findings.as_array().ok_or_else(|| format!("the report of {} lists no findings", self.name))?.len())
    }
}

/// Django's source distribution, tests included, fetched once.
pub(super) fn django(ground: &Ground) -> Result<PathBuf> {
    let tree = ground.folder.join(format!("django-{DJANGO}"));
    if !tree.is_dir() {
        let python = ground.python.to_string_lossy();
        let package = format!("Django=={DJANGO}");
        let command = || ground.workspace.command(&python);
        succeed(
            command()
                .args([
                    "-m",
                    "pip",
                    "download",
                    "--quiet",
                    "--disable-pip-version-check",
                    "--no-deps",
                    "--no-binary",
                    ":all:",
                ])
                .arg(&package)
                .arg("--dest")
                .arg(&ground.folder),
        )?;
        let archive = ground.folder.join(format!("django-{DJANGO}.tar.gz"));
        succeed(command().args(["-m", "tarfile", "--extract"]).arg(&archive).arg(&ground.folder))?;
    }
    Ok(tree)
}

/// Python files and their lines.
fn size(folder: &Path) -> Result<(usize, usize)> {
    let (mut files, mut lines) = (0, 0);
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            let (more_files, more_lines) = size(&path)?;
            files += more_files;
            lines += more_lines;
        } else if path.extension().is_some_and(|ending| ending == "py") {
            files += 1;
            lines += std::fs::read(&path)?.iter().filter(|byte| **byte == b'\n').count();
        }
    }
    Ok((files, lines))
}
