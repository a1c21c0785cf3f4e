//! Python environments for tests and comparisons, kept under `target/` while their requirements stay the same.

use std::path::{Path, PathBuf};

use crate::Result;
use crate::workspace::{Workspace, succeed};

/// The Python of an environment in `target/<name>` that has these requirement files installed.
pub(crate) fn environment(workspace: &Workspace, name: &str, requirements: &[String]) -> Result<PathBuf> {
    let folder = workspace.target().join(name);
    let python = folder.join("bin/python");
    let stamp = folder.join("requirements.stamp");
    let wanted = requirements.iter().map(|path| workspace.read(path)).collect::<Result<String>>()?;
    if python.is_file() && std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        println!("{name}: kept from the last run");
        return Ok(python);
    }
    succeed(workspace.command("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    if !requirements.is_empty() {
        let mut pip = workspace.command(&python.to_string_lossy());
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        for file in requirements {
            pip.arg("--requirement").arg(Path::new(file));
        }
        succeed(&mut pip)?;
    }
    std::fs::write(&stamp, wanted)?;
    Ok(python)
}
