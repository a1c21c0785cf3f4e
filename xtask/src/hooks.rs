//! The hooks of `.pre-commit-hooks.yaml`, run by the real pre-commit with the program of the wheel.

use std::path::Path;
use std::process::{Command, Output};

use crate::workspace::{Workspace, output, succeed};
use crate::{Result, python};

/// What the user of the hooks writes. The program is there already, so pre-commit need not build it from its source.
const CONFIG: &str = "\
repos:
  - repo: HOOKS
    rev: v0.1.0
    hooks:
      - id: casemate
        language: system
      - id: casemate-audit
        language: system
";

/// Commits and pushes with both hooks in place; `bin` is where the program is.
pub(crate) fn check(workspace: &Workspace, bin: &Path) -> Result<()> {
    let python = python::environment(workspace, "ci/pre-commit", &["bench/pre-commit.txt".to_owned()])?;
    let tools = python.parent().ok_or("an environment has no folder")?.to_path_buf();
    let folder = workspace.target().join("ci/hooks");
    if folder.is_dir() {
        std::fs::remove_dir_all(&folder)?;
    }
    let bench = Bench { path: path(&[bin, &tools])?, cache: folder.join("cache"), project: folder.join("project") };
    let hooks = folder.join("casemate");
    std::fs::create_dir_all(&hooks)?;
    std::fs::create_dir_all(&bench.project)?;
    // Git takes from a repository only what is committed, so the hooks get one of their own: as they are now.
    std::fs::copy(workspace.path(".pre-commit-hooks.yaml"), hooks.join(".pre-commit-hooks.yaml"))?;
    bench.git(&hooks, &["init", "--quiet"])?;
    bench.git(&hooks, &["add", "--all"])?;
    bench.git(&hooks, &["commit", "--quiet", "--message", "hooks"])?;
    bench.git(&hooks, &["tag", "v0.1.0"])?;
    succeed(bench.pre_commit(&["validate-manifest"]).arg(hooks.join(".pre-commit-hooks.yaml")))?;

    let project = bench.project.clone();
    bench.git(&folder, &["init", "--quiet", "--bare", "elsewhere.git"])?;
    bench.git(&project, &["init", "--quiet", "--initial-branch=main"])?;
    bench.git(&project, &["remote", "add", "origin", "../elsewhere.git"])?;
    bench.write(".pre-commit-config.yaml", &CONFIG.replace("HOOKS", &hooks.to_string_lossy()))?;
    bench.write("app.py", "x = 1\n")?;
    succeed(&mut bench.pre_commit(&["install", "--hook-type", "pre-commit", "--hook-type", "pre-push"]))?;
    bench.git(&project, &["add", "--all"])?;
    bench.passes("commit without a finding", &["commit", "--message", "clean"])?;
    bench.passes("push without a finding", &["push", "origin", "main"])?;

    // Put together here, so that it stands nowhere as such.
    let leak = format!("URL = \"postgresql://shop:{}@db.internal/shop\"\n", ["Kp3vYt", "8nQd5s"].concat());
    bench.write("settings.py", &leak)?;
    bench.passes("commit of another file", &["commit", "--allow-empty", "--message", "not staged"])?;
    bench.git(&project, &["add", "--all"])?;
    bench.stops("commit of a secret", &["commit", "--message", "leak"], "casemate stopped the commit")?;
    bench.git(&project, &["commit", "--quiet", "--no-verify", "--message", "leak"])?;
    bench.stops("push of a secret", &["push", "origin", "main"], "settings.py:1:")
}

/// A project, and the programs that work on it.
struct Bench {
    path: std::ffi::OsString,
    cache: std::path::PathBuf,
    project: std::path::PathBuf,
}

impl Bench {
    fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).env("PATH", &self.path).env("PRE_COMMIT_HOME", &self.cache);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Ada").env(format!("GIT_{who}_EMAIL"), "ada@example.org");
        }
        for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "SKIP", "CASEMATE_ADVISORIES"] {
            command.env_remove(name);
        }
        command
    }

    fn git(&self, folder: &Path, arguments: &[&str]) -> Result<String> {
        output(self.command("git", folder).args(arguments))
    }

    fn pre_commit(&self, arguments: &[&str]) -> Command {
        let mut command = self.command("pre-commit", &self.project);
        command.args(arguments);
        command
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        Ok(std::fs::write(self.project.join(name), text)?)
    }

    fn told(&self, arguments: &[&str]) -> Result<(bool, String)> {
        let Output { status, stdout, stderr } = self.command("git", &self.project).args(arguments).output()?;
        Ok((status.success(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr))))
    }

    fn passes(&self, what: &str, arguments: &[&str]) -> Result<()> {
        let (is_done, told) = self.told(arguments)?;
        // A hook that pre-commit skips stops nothing either.
        if is_done && told.contains("Passed") && !told.contains("Skipped") {
            return Ok(());
        }
        Err(format!("pre-commit: {what} is to pass its hook\n{told}").into())
    }

    fn stops(&self, what: &str, arguments: &[&str], words: &str) -> Result<()> {
        let (is_done, told) = self.told(arguments)?;
        if !is_done && told.contains("Failed") && told.contains(words) {
            return Ok(());
        }
        Err(format!("pre-commit: {what} is to be stopped, and to say `{words}`\n{told}").into())
    }
}

/// The search path with these folders first.
fn path(first: &[&Path]) -> Result<std::ffi::OsString> {
    let have = std::env::var_os("PATH").unwrap_or_default();
    let all = first.iter().map(|folder| folder.to_path_buf()).chain(std::env::split_paths(&have));
    Ok(std::env::join_paths(all)?)
}
