//! The workspace as the chores see it: its files, its packages, and a way to run commands in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::Result;

/// The checkout this xtask was built from.
pub(crate) struct Workspace {
    root: PathBuf,
}

/// A text file of the repository.
#[derive(Clone, Debug)]
pub(crate) struct TextFile {
    /// From the root, with `/` between its parts.
    pub(crate) path: String,
    /// What it says.
    pub(crate) text: String,
}

/// What `cargo metadata` says, as far as it is read here.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Metadata {
    /// Every package of the graph.
    pub(crate) packages: Vec<Package>,
    /// Which ids are ours.
    pub(crate) workspace_members: Vec<String>,
    /// Who really uses whom, features considered.
    pub(crate) resolve: Resolve,
}

/// One package.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Package {
    /// Unique in the graph.
    pub(crate) id: String,
    /// As in its manifest.
    pub(crate) name: String,
    /// As in its manifest.
    pub(crate) version: String,
    /// SPDX expression.
    pub(crate) license: Option<String>,
    /// `None` for our own.
    pub(crate) source: Option<String>,
    /// What its manifest asks for.
    pub(crate) dependencies: Vec<Dependency>,
}

/// One line of a manifest's dependencies.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Dependency {
    /// The package asked for.
    pub(crate) name: String,
    /// `None` for a normal one, else `dev` or `build`.
    pub(crate) kind: Option<String>,
    /// The versions accepted.
    pub(crate) req: String,
}

/// The resolved graph.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Resolve {
    /// One for each package in use.
    pub(crate) nodes: Vec<Node>,
}

/// One package and what it uses.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Node {
    /// The package.
    pub(crate) id: String,
    /// What it uses.
    pub(crate) deps: Vec<Edge>,
}

/// One use.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Edge {
    /// The package used.
    pub(crate) pkg: String,
    /// Why.
    pub(crate) dep_kinds: Vec<EdgeKind>,
}

/// Why a package is used.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct EdgeKind {
    /// `None` for a normal use, else `dev` or `build`.
    pub(crate) kind: Option<String>,
}

impl Metadata {
    /// Our own packages.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| self.workspace_members.contains(&package.id))
    }

    /// Names of everything that ends up in a build of `name` (tests aside).
    pub(crate) fn closure(&self, name: &str) -> Vec<&str> {
        let names: BTreeMap<&str, &str> =
            self.packages.iter().map(|package| (package.id.as_str(), package.name.as_str())).collect();
        let nodes: BTreeMap<&str, &Node> = self.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
        let mut reached = Vec::new();
        let mut open: Vec<&str> =
            self.members().filter(|package| package.name == name).map(|package| package.id.as_str()).collect();
        while let Some(id) = open.pop() {
            if reached.contains(&id) {
                continue;
            }
            reached.push(id);
            let edges = nodes.get(id).into_iter().flat_map(|node| &node.deps);
            open.extend(
                edges
                    .filter(|edge| edge.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev")))
                    .map(|edge| edge.pkg.as_str()),
            );
        }
        reached.into_iter().filter_map(|id| names.get(id).copied()).collect()
    }
}

impl Workspace {
    /// Finds the root beside this crate.
    pub(crate) fn open() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").ok_or("start this through `cargo xtask`")?;
        let root = Path::new(&manifest).parent().ok_or("xtask has no folder above it")?.to_path_buf();
        Ok(Self { root })
    }

    /// The absolute path of something in the repository.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Where builds go.
    pub(crate) fn target(&self) -> PathBuf {
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| self.root.join("target"), |folder| self.root.join(folder))
    }

    /// The text of a file that must be there.
    pub(crate) fn read(&self, relative: &str) -> Result<String> {
        std::fs::read_to_string(self.path(relative))
            .map_err(|error| format!("could not read `{relative}`: {error}").into())
    }

    /// A command that will run at the root.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// The cargo that started this.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = self.command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
        // Cargo tells its children about the package being run; the next cargo must not inherit that.
        for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
            command.env_remove(name);
        }
        if std::env::var_os("CI").is_some() {
            // Nobody edits between the steps of a machine's run. One value for all steps, or they would not share builds.
            command.env("CARGO_INCREMENTAL", "0");
        }
        command
    }

    /// Every text file that is tracked or about to be.
    pub(crate) fn files(&self) -> Result<Vec<TextFile>> {
        let listing =
            output(self.command("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
        let mut files = Vec::new();
        for path in listing.split('\0').filter(|path| !path.is_empty()) {
            // Deleted but not yet committed, or not text: nothing to read.
            let Ok(text) = std::fs::read_to_string(self.path(path)) else { continue };
            files.push(TextFile { path: path.to_owned(), text });
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|a, b| a.path == b.path);
        Ok(files)
    }

    /// What cargo knows of the packages on this platform.
    pub(crate) fn metadata(&self) -> Result<Metadata> {
        let version = output(self.command("rustc").arg("-vV"))?;
        let host = version.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("`rustc -vV` names no host")?;
        let json =
            output(self.cargo().args(["metadata", "--format-version", "1", "--locked", "--filter-platform", host]))?;
        Ok(serde_json::from_str(&json)?)
    }
}

/// Runs a command, shows what it says, and fails when it fails.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| format!("could not start {}: {error}", line(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed ({status})", line(command)).into()) }
}

/// Runs a command and returns what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let result = command.output().map_err(|error| format!("could not start {}: {error}", line(command)))?;
    if !result.status.success() {
        let said = String::from_utf8_lossy(&result.stderr);
        return Err(format!("{} failed ({}): {}", line(command), result.status, said.trim()).into());
    }
    Ok(String::from_utf8(result.stdout)?)
}

/// A command as one would type it.
pub(crate) fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program()).to_string_lossy();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy());
    format!("`{}`", std::iter::once(program).chain(arguments).collect::<Vec<_>>().join(" "))
}
