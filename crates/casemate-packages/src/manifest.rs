//! What one file declares or locks.

use std::ops::Range;

use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::MarkerTree;

/// A name as the package index compares it: lower case, `-` for runs of `-`, `_` and `.` (PEP 503).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageName(String);

impl PackageName {
    /// The normalised name; `None` for what no package can be called.
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.trim();
        let is_fine = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        if !name.chars().all(is_fine) || !ends(name.chars().next()) || !ends(name.chars().next_back()) {
            return None;
        }
        let mut normal = String::with_capacity(name.len());
        for part in name.split(['-', '_', '.']).filter(|part| !part.is_empty()) {
            if !normal.is_empty() {
                normal.push('-');
            }
            normal.push_str(&part.to_ascii_lowercase());
        }
        Some(Self(normal))
    }

    /// The normalised name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ManifestKind {
    /// `requirements.txt` and what it includes, constraints too.
    Requirements,
    /// `pyproject.toml`: PEP 621, dependency groups (PEP 735), Poetry, PDM, Hatch, uv.
    Pyproject,
    /// `Pipfile`.
    Pipfile,
    /// `setup.cfg`.
    SetupCfg,
    /// Conda `environment.yml`.
    Conda,
    /// `poetry.lock`.
    PoetryLock,
    /// `uv.lock`.
    UvLock,
    /// `pdm.lock`.
    PdmLock,
    /// `Pipfile.lock`.
    PipfileLock,
    /// `pylock.toml`, `pylock.*.toml` (PEP 751).
    Pylock,
    /// `METADATA` of an installed distribution.
    Installed,
}

/// Where a package comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A package index; the default one unless its address is given.
    Index(Option<String>),
    /// A version control system: address, and the revision asked for if one is.
    Repository {
        /// `https://…/x.git`, without `git+`.
        url: String,
        /// Branch, tag or commit as written.
        revision: Option<String>,
    },
    /// An archive by its address.
    Url(String),
    /// A folder or file of this machine.
    Local(String),
}

/// A dependency as somebody wrote it down, or as a lock file has resolved it.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// What is depended on.
    pub name: PackageName,
    /// The name as written.
    pub written: String,
    /// Bytes of the file that name it.
    pub span: Range<usize>,
    /// Which versions will do; for a lock file exactly one.
    pub specifiers: VersionSpecifiers,
    /// The version, where exactly one is possible.
    pub version: Option<Version>,
    /// Extras asked for.
    pub extras: Vec<String>,
    /// Where it applies at all.
    pub marker: MarkerTree,
    /// Where it comes from.
    pub origin: Origin,
    /// Hashes of its archives, `sha256:…`; empty if none are given.
    pub hashes: Vec<String>,
    /// The group or extra of the project it belongs to (`dev`, `test`), empty for what runs.
    pub groups: Vec<String>,
    /// In lock files: what this one depends on in turn.
    pub requires: Vec<PackageName>,
    /// Whether the project itself asks for it, as far as this file says.
    pub is_direct: Option<bool>,
    /// Whether this line only limits versions (`-c`).
    pub is_constraint: bool,
}

/// An option that changes where packages come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexOption {
    /// `--index-url`, `--extra-index-url`, `--find-links`, `--trusted-host`, or the key of a TOML file.
    pub option: String,
    /// Its value.
    pub value: String,
    /// Bytes of the file.
    pub span: Range<usize>,
}

/// Something that could not be understood; never silent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestProblem {
    /// Bytes of the file.
    pub span: Range<usize>,
    /// What is wrong and what it means for the result.
    pub message: String,
}

/// What one file says.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Relative to the root of the project, with `/` between its parts.
    pub path: String,
    /// Which kind of file.
    pub kind: ManifestKind,
    /// Name of the project itself, if the file says it.
    pub project: Option<PackageName>,
    /// `requires-python`, if the file says it.
    pub requires_python: Option<VersionSpecifiers>,
    /// What it depends on, in the order of the file.
    pub dependencies: Vec<Dependency>,
    /// `[build-system] requires`.
    pub build_requires: Vec<Dependency>,
    /// Other files it includes (`-r`, `-c`): path as written, bytes of the file, whether only as constraints.
    pub includes: Vec<(String, Range<usize>, bool)>,
    /// Where packages come from.
    pub indexes: Vec<IndexOption>,
    /// Whether hashes are demanded (`--require-hashes`).
    pub requires_hashes: bool,
    /// Digest of the manifest that a lock file was made from, where it has one.
    pub content_hash: Option<String>,
    /// What could not be understood.
    pub problems: Vec<ManifestProblem>,
}

/// Which kind of manifest a path is, by its name alone.
pub fn kind_of(_path: &str) -> Option<ManifestKind> {
    None
}

/// Reads a manifest; what cannot be understood is among its problems.
pub fn read(path: &str, kind: ManifestKind, _text: &str) -> Manifest {
    Manifest {
        path: path.to_owned(),
        kind,
        project: None,
        requires_python: None,
        dependencies: Vec::new(),
        build_requires: Vec::new(),
        includes: Vec::new(),
        indexes: Vec::new(),
        requires_hashes: false,
        content_hash: None,
        problems: Vec::new(),
    }
}
