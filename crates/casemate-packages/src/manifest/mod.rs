//! What one file declares or locks.

mod conda;
mod decode;
mod installed;
mod lock;
mod markers;
mod name;
mod pdm_lock;
mod pipfile;
mod pipfile_lock;
mod poetry;
mod poetry_lock;
mod pylock;
mod pyproject;
mod reader;
mod requirement;
mod requirements;
mod setup_cfg;
mod setup_py;
mod table;
mod target;
mod uv_lock;

use std::ops::Range;

use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::MarkerTree;

pub use decode::decode;
pub use name::PackageName;
pub use setup_py::{Literal, SetupCall, read_setup};
pub use target::{Platform, PythonVersion, Target};

use reader::Reader;

/// Which kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ManifestKind {
    /// `requirements.txt` and what it includes, constraints too, and `requirements.in`.
    Requirements,
    /// `pyproject.toml`: PEP 621, dependency groups (PEP 735), Poetry, PDM, Hatch, uv.
    Pyproject,
    /// `Pipfile`.
    Pipfile,
    /// `setup.cfg`.
    SetupCfg,
    /// `setup.py`, as far as what it passes to `setup` stands there literally ([`read_setup`]).
    SetupPy,
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
    /// `METADATA` or `PKG-INFO` of an installed distribution, which stands among its own dependencies, the only one; or
    /// one of the files beside it (`top_level.txt`, `direct_url.json`).
    Installed,
}

impl ManifestKind {
    /// Whether a tool writes it, with one version for each package.
    pub fn is_lock(self) -> bool {
        matches!(self, Self::PoetryLock | Self::UvLock | Self::PdmLock | Self::PipfileLock | Self::Pylock)
    }
}

/// Where a package comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A Python package index; the default one unless its address or name is given.
    Index(Option<String>),
    /// A version control system: address, and the revision asked for if one is.
    Repository {
        /// `https://…/x.git`, without `git+`.
        url: String,
        /// Branch, tag or commit as written.
        revision: Option<String>,
        /// Whether the revision is a whole commit id, which nobody can move.
        is_commit: bool,
    },
    /// An archive by its address.
    Url(String),
    /// A folder or file of this machine, a workspace member, or the project itself.
    Local(String),
    /// A conda channel, the default one unless it is named. Its names are conda's, not those of the Python index.
    Conda(Option<String>),
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
    /// Bytes of the file that say which version, where they can be told apart.
    pub version_span: Option<Range<usize>>,
    /// Which versions will do; for a lock file exactly one.
    pub specifiers: VersionSpecifiers,
    /// The version, where exactly one is possible.
    pub version: Option<Version>,
    /// Extras asked for.
    pub extras: Vec<String>,
    /// Where it applies at all; never `false`, for such dependencies are left out.
    pub marker: MarkerTree,
    /// Where it comes from.
    pub origin: Origin,
    /// Hashes of its archives, `sha256:…`; empty if none are given.
    pub hashes: Vec<String>,
    /// The groups or extras of the project it belongs to (`dev`, `test`), empty for what runs.
    /// In lock files: those that it comes in by, empty if it comes in without any.
    pub groups: Vec<String>,
    /// In lock files and installed packages: what this one depends on in turn.
    pub requires: Vec<PackageName>,
    /// Whether the project itself asks for it, as far as this file says.
    pub is_direct: Option<bool>,
    /// Whether this line only limits versions (`-c`, `constraints.txt`).
    pub is_constraint: bool,
    /// Whether it is installed so that changes of its source take effect (`-e`).
    pub is_editable: bool,
    /// In installed packages: under which licences it says it may be used.
    pub licenses: Vec<License>,
}

/// What a package says about its licence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum License {
    /// An expression of SPDX ids: `MIT OR Apache-2.0`.
    Expression(String),
    /// The name of a licence: `MIT License`.
    Name(String),
}

impl Dependency {
    /// A dependency on this package, any version, from the default index.
    pub fn new(name: PackageName, written: &str, span: Range<usize>) -> Self {
        Self {
            name,
            written: written.to_owned(),
            span,
            version_span: None,
            specifiers: VersionSpecifiers::empty(),
            version: None,
            extras: Vec::new(),
            marker: MarkerTree::TRUE,
            origin: Origin::Index(None),
            hashes: Vec::new(),
            groups: Vec::new(),
            requires: Vec::new(),
            is_direct: None,
            is_constraint: false,
            is_editable: false,
            licenses: Vec::new(),
        }
    }

    /// Whether its name is one of the Python package index, so that what is known there is true of it.
    /// Forks fetched from a repository or an address keep the name and mostly the holes.
    pub fn is_public(&self) -> bool {
        !matches!(self.origin, Origin::Local(_) | Origin::Conda(_))
    }
}

/// What an option about indexes does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IndexKind {
    /// Takes the place of the default index: `--index-url`, `default = true`.
    Default,
    /// Is asked too: `--extra-index-url`, supplemental sources.
    Extra,
    /// Is asked only for packages that name it: `explicit = true`.
    Explicit,
    /// Files beside the index: `--find-links`.
    Links,
    /// Is believed without TLS: `--trusted-host`, `verify_ssl = false`.
    Trusted,
    /// How several indexes are asked: `index-strategy`.
    Strategy,
}

/// An option that changes where packages come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexOption {
    /// What it does.
    pub kind: IndexKind,
    /// As written: `--index-url`, or the key of a TOML file.
    pub option: String,
    /// What the file calls the index, where it has a name.
    pub name: Option<String>,
    /// Its value. SECURITY: may hold a password; `shown` takes it out.
    pub value: String,
    /// Bytes of the file.
    pub span: Range<usize>,
}

impl IndexOption {
    /// The value without user name and password.
    pub fn shown(&self) -> String {
        without_credentials(&self.value)
    }
}

/// An address without user name and password.
pub fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let host = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest.get(..host).and_then(|authority| authority.rfind('@')) {
        Some(at) => format!("{scheme}://{}", rest.get(at + 1..).unwrap_or_default()),
        None => url.to_owned(),
    }
}

/// Another file that belongs to this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// Relative to the root of the project where it lies in it; as written otherwise.
    pub path: String,
    /// Bytes of the file.
    pub span: Range<usize>,
    /// Whether it only limits versions.
    pub is_constraint: bool,
    /// The group or extra it fills, empty for what runs.
    pub group: Option<String>,
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
    /// Bytes that say `requires-python`.
    pub requires_python_span: Option<Range<usize>>,
    /// What it depends on, in the order of the file.
    pub dependencies: Vec<Dependency>,
    /// `[build-system] requires`.
    pub build_requires: Vec<Dependency>,
    /// Other files it includes (`-r`, `-c`, `dynamic = {file = …}`).
    pub includes: Vec<Include>,
    /// Where packages come from.
    pub indexes: Vec<IndexOption>,
    /// Whether hashes are demanded (`--require-hashes`).
    pub requires_hashes: bool,
    /// Digest of the manifest that a lock file was made from, where it has one.
    pub content_hash: Option<String>,
    /// Whether what it depends on is only known when it is built (`dynamic`, `setup.py`).
    pub is_dynamic: bool,
    /// Folders of the members of its workspace, as written.
    pub members: Vec<String>,
    /// Names under which installed code is imported, where it says so (`top_level.txt`).
    pub modules: Vec<String>,
    /// Where an installed package came from, if not from an index (`direct_url.json`), and whether it is editable.
    pub installed_from: Option<(Origin, bool)>,
    /// What could not be understood.
    pub problems: Vec<ManifestProblem>,
}

impl Manifest {
    /// One that says nothing yet.
    pub fn new(path: &str, kind: ManifestKind) -> Self {
        Self {
            path: path.to_owned(),
            kind,
            project: None,
            requires_python: None,
            requires_python_span: None,
            dependencies: Vec::new(),
            build_requires: Vec::new(),
            includes: Vec::new(),
            indexes: Vec::new(),
            requires_hashes: false,
            content_hash: None,
            is_dynamic: false,
            members: Vec::new(),
            modules: Vec::new(),
            installed_from: None,
            problems: Vec::new(),
        }
    }

    /// The folder it lies in, with a closing `/`; empty for the root.
    pub fn folder(&self) -> &str {
        self.path.rfind('/').and_then(|at| self.path.get(..=at)).unwrap_or_default()
    }

    /// The folder of installed packages (`site-packages/`) that it stands in, if it describes one of them.
    pub fn environment(&self) -> Option<&str> {
        let own = self.folder().trim_end_matches('/');
        let last = own.rsplit('/').next().unwrap_or_default();
        let above = match self.kind {
            ManifestKind::Installed if last == EGG_INFO => own.get(..own.len() - last.len())?.trim_end_matches('/'),
            ManifestKind::Installed if self.file_name().ends_with(".egg-info") => return Some(self.folder()),
            ManifestKind::Installed => own,
            _ => return None,
        };
        Some(above.rfind('/').and_then(|at| above.get(..=at)).unwrap_or_default())
    }

    /// Its name without folders.
    pub fn file_name(&self) -> &str {
        self.path.get(self.folder().len()..).unwrap_or_default()
    }
}

/// The folder of what is known about an unpacked egg.
const EGG_INFO: &str = "EGG-INFO";

/// Which kind of manifest a path is, by its name alone.
pub fn kind_of(path: &str) -> Option<ManifestKind> {
    let mut parts = path.rsplit('/');
    let name = parts.next()?;
    let folder = parts.next().unwrap_or_default();
    let lower = name.to_ascii_lowercase();
    Some(match lower.as_str() {
        "pyproject.toml" => ManifestKind::Pyproject,
        "pipfile" => ManifestKind::Pipfile,
        "setup.cfg" => ManifestKind::SetupCfg,
        "poetry.lock" => ManifestKind::PoetryLock,
        "uv.lock" => ManifestKind::UvLock,
        "pdm.lock" => ManifestKind::PdmLock,
        "pipfile.lock" => ManifestKind::PipfileLock,
        "environment.yml" | "environment.yaml" => ManifestKind::Conda,
        "metadata" | "top_level.txt" | "direct_url.json" if folder.ends_with(".dist-info") => ManifestKind::Installed,
        "pkg-info" | "top_level.txt" if folder.ends_with(".egg-info") || folder == EGG_INFO => ManifestKind::Installed,
        _ if lower.ends_with(".egg-info") => ManifestKind::Installed,
        _ if folder.ends_with(".egg-info") || folder.ends_with(".dist-info") => return None,
        "pylock.toml" => ManifestKind::Pylock,
        _ if lower.starts_with("pylock.") && lower.ends_with(".toml") => ManifestKind::Pylock,
        _ => {
            let (stem, extension) = lower.rsplit_once('.')?;
            match extension {
                "yml" | "yaml" if is_environment(stem) => ManifestKind::Conda,
                "txt" | "in" | "pip" if is_requirements(stem) || is_requirements_folder(stem, folder) => {
                    ManifestKind::Requirements
                }
                _ => return None,
            }
        }
    })
}

/// `requirements-dev`, `dev_requirements`, `reqs`, `constraints`.
fn is_requirements(stem: &str) -> bool {
    let mut words = stem.split(['-', '_', '.']);
    words
        .any(|word| matches!(word, "requirements" | "requirement" | "reqs" | "requires" | "constraints" | "constraint"))
}

/// Anything in a folder `requirements`, unless its name says that it is something else.
fn is_requirements_folder(stem: &str, folder: &str) -> bool {
    matches!(folder.to_ascii_lowercase().as_str(), "requirements" | "reqs")
        && !matches!(stem, "readme" | "license" | "notes")
}

/// `environment-dev`, `conda_env`, `env.conda`.
fn is_environment(stem: &str) -> bool {
    let words: Vec<&str> = stem.split(['-', '_', '.']).collect();
    words.contains(&"environment") || words.contains(&"conda") && words.contains(&"env")
}

/// Files larger than this are not manifests, or are meant to stop us.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Reads a manifest; what cannot be understood is among its problems. What may apply on any platform and on any Python
/// that the project allows is read.
pub fn read(path: &str, kind: ManifestKind, text: &str) -> Manifest {
    read_for(path, kind, text, &Target::default())
}

/// The same, but only what applies on this target.
pub fn read_for(path: &str, kind: ManifestKind, text: &str, target: &Target) -> Manifest {
    let mut reader = Reader::new(text, Manifest::new(path, kind), target);
    if text.len() > MAX_BYTES {
        reader.problem(0..0, "larger than 64 MiB, so it was not read");
        return reader.finish();
    }
    match kind {
        ManifestKind::Requirements => requirements::read(&mut reader),
        ManifestKind::Pyproject => pyproject::read(&mut reader),
        ManifestKind::Pipfile => pipfile::read(&mut reader),
        ManifestKind::SetupCfg => setup_cfg::read(&mut reader),
        // What a program passes on is for who can read programs.
        ManifestKind::SetupPy => {}
        ManifestKind::Conda => conda::read(&mut reader),
        ManifestKind::PoetryLock => poetry_lock::read(&mut reader),
        ManifestKind::UvLock => uv_lock::read(&mut reader),
        ManifestKind::PdmLock => pdm_lock::read(&mut reader),
        ManifestKind::PipfileLock => pipfile_lock::read(&mut reader),
        ManifestKind::Pylock => pylock::read(&mut reader),
        ManifestKind::Installed => installed::read(&mut reader),
    }
    reader.finish()
}

/// A path as written in a file of this folder, relative to the root; as written if it leaves the project.
fn resolve(folder: &str, written: &str) -> String {
    let written = written.trim().replace('\\', "/");
    if written.contains("://") || written.starts_with(['/', '~', '$']) || written.as_bytes().get(1) == Some(&b':') {
        return written;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return written;
                }
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
