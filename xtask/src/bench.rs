//! Compares Casemate with others on the same work, in one run, and prints ratios.

mod audit;
mod history;
mod read;
mod secrets;

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::workspace::{Workspace, succeed};
use crate::{Result, python};

/// What there is to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Comparison {
    /// The time of an audit, against ruff and bandit
    Audit,
    /// The search for secrets, against detect-secrets
    Secrets,
    /// The history of a repository of 10,000 commits, against git that prints it
    History,
    /// Reads of one case a second, against a bare handler and FastAPI
    Read,
}

/// Where programs and servers of a run live.
struct Ground<'a> {
    workspace: &'a Workspace,
    /// Scratch folder, under `target/`.
    folder: PathBuf,
    /// A Python that has the others installed.
    python: PathBuf,
    /// Fewer and shorter rounds.
    is_short: bool,
}

impl Ground<'_> {
    /// A program that pip installed.
    fn python_program(&self, name: &str) -> PathBuf {
        self.python.with_file_name(name)
    }

    /// A program of ours, as released.
    fn our_program(&self, name: &str) -> PathBuf {
        self.workspace.target().join("release").join(name)
    }
}

/// Runs the comparisons and prints one table for each.
pub(crate) fn run(workspace: &Workspace, is_short: bool, only: Option<Comparison>) -> Result<()> {
    let wants = |comparison| only.is_none_or(|only| only == comparison);
    let requirements = ["bench/requirements.txt", "bench/fastapi/requirements.txt"].map(str::to_owned);
    let python = python::environment(workspace, "bench/python", &requirements)?;
    let folder = workspace.target().join("bench");
    let ground = Ground { workspace, folder, python, is_short };
    let mut build = workspace.cargo();
    build.args(["build", "--locked", "--release", "--package", "casemate"]);
    if wants(Comparison::Read) {
        succeed(build.args(["--package", "bare-axum"]))?;
    } else {
        // The server takes longer to build than all the rest.
        succeed(build.arg("--no-default-features"))?;
    }
    if wants(Comparison::Audit) {
        audit::run(&ground)?;
    }
    if wants(Comparison::Secrets) {
        secrets::run(&ground)?;
    }
    if wants(Comparison::History) {
        history::run(&ground)?;
    }
    if wants(Comparison::Read) {
        read::run(&ground)?;
    }
    Ok(())
}

/// The middle of several measurements, the mean of the two middle ones when their number is even.
fn median(measured: &[f64]) -> f64 {
    let mut sorted = measured.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        count if count % 2 == 0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
        _ => sorted[middle],
    }
}

/// Removes what an earlier run left behind.
fn clear(path: &Path) -> Result<()> {
    let result = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match result {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
    }
}
