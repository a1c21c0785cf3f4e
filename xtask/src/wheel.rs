//! The wheel of the auditor: built, installed in a clean environment, and run there.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace::{Workspace, output, succeed};
use crate::{Result, python};

/// Builds the wheel and returns where it is.
pub(crate) fn build(workspace: &Workspace) -> Result<PathBuf> {
    let python = python::environment(workspace, "ci/maturin", &["bench/maturin.txt".to_owned()])?;
    let folder = workspace.target().join("wheels");
    // What an earlier version left there would be taken for the new one.
    if folder.is_dir() {
        std::fs::remove_dir_all(&folder)?;
    }
    let mut maturin = workspace.command(&python.with_file_name("maturin").to_string_lossy());
    succeed(maturin.args(["build", "--release", "--locked", "--out"]).arg(&folder))?;
    let wheels = std::fs::read_dir(&folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let wheel = wheels.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "whl"));
    wheel.ok_or_else(|| format!("maturin left no wheel in {}", folder.display()).into())
}

/// Builds the wheel, installs it where nothing else is, and uses it as a Python developer would.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let wheel = build(workspace)?;
    let folder = environment(workspace);
    succeed(workspace.command("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let python = folder.join("bin/python");
    // Nothing but the wheel: it has no dependencies, so no index is needed.
    let mut pip = workspace.command(&python.to_string_lossy());
    succeed(pip.args(["-m", "pip", "install", "--quiet", "--no-index", "--disable-pip-version-check"]).arg(&wheel))?;

    let casemate = folder.join("bin/casemate");
    let version = output(Command::new(&casemate).arg("--version"))?;
    let wanted = format!("casemate {}", env!("CARGO_PKG_VERSION"));
    if version.trim() != wanted {
        return Err(format!("the wheel's program says `{}`, not `{wanted}`", version.trim()).into());
    }
    finds(&casemate, &workspace.path("examples/vulnerable"), 1)?;
    finds(&casemate, &workspace.path("examples/mended"), 0)?;
    let help = output(Command::new(&casemate).arg("--help"))?;
    if help.contains("\n  serve") || !help.contains("\n  audit") {
        return Err("the wheel is to hold the auditor and not the server; `casemate --help` says otherwise".into());
    }
    let bytes = std::fs::metadata(&wheel)?.len();
    println!("{} ({:.1} MB) installs and audits", wheel.display(), bytes as f64 / 1e6);
    Ok(())
}

/// Where a check leaves the program of the wheel.
pub(crate) fn programs(workspace: &Workspace) -> PathBuf {
    environment(workspace).join("bin")
}

fn environment(workspace: &Workspace) -> PathBuf {
    workspace.target().join("ci/wheel")
}

/// Audits a folder and compares the exit code.
fn finds(casemate: &Path, folder: &Path, wanted: i32) -> Result<()> {
    let ended = Command::new(casemate).args(["audit", "--isolated"]).arg(folder).output()?;
    if ended.status.code() == Some(wanted) {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&ended.stdout);
    let complained = String::from_utf8_lossy(&ended.stderr);
    let ended = ended.status;
    Err(format!("the wheel's audit of {} ended with {ended}, not {wanted}\n{told}{complained}", folder.display())
        .into())
}
