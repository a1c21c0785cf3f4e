//! Finding and opening a repository.

use std::path::{Path, PathBuf};

use gix::discover::upwards;
use gix::sec::Trust;

/// Objects larger than this are not decoded, whatever they claim to be.
const LARGEST_OBJECT: &str = "gitoxide.objects.allocLimit=1g";

/// SECURITY: a replacement (`git replace`) would hide the object it replaces, which is still there for whoever asks.
const NO_REPLACEMENTS: &str = "core.useReplaceRefs=false";

/// Where a repository is looked for, and what the environment says of it.
#[derive(Clone, Debug, Default)]
pub struct Whereabouts {
    /// The folder from which it is looked for, upwards.
    pub start: PathBuf,
    /// `GIT_DIR`: the repository itself; nothing is looked for then.
    pub git_dir: Option<PathBuf>,
    /// `GIT_WORK_TREE`.
    pub work_tree: Option<PathBuf>,
    /// `GIT_INDEX_FILE`: the index of the commit being made, which is not always that of the repository.
    pub index_file: Option<PathBuf>,
}

/// Why a repository cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is none.
    #[error("there is no git repository in `{}` or above it", .0.display())]
    NoRepository(PathBuf),
    /// There is one that cannot be opened.
    #[error("the git repository of `{}` cannot be opened: {message}", .path.display())]
    Unreadable {
        /// Where it was looked for.
        path: PathBuf,
        /// What stands in the way.
        message: String,
    },
    /// A name that stands for no commit.
    #[error("`{0}` names no commit of this repository")]
    NoSuchRevision(String),
    /// Something that everything else depends on is broken.
    #[error("{0}")]
    Broken(String),
}

/// A repository, open for reading.
pub struct Repository {
    pub(crate) inner: gix::ThreadSafeRepository,
    work_tree: Option<PathBuf>,
    index_file: PathBuf,
}

impl Repository {
    /// Finds and opens the repository of a folder.
    pub fn open(whereabouts: &Whereabouts) -> Result<Self, GitError> {
        let start = &whereabouts.start;
        let git_dir = match &whereabouts.git_dir {
            Some(named) => named.clone(),
            None => {
                // Whose files these are is not asked: nothing they say is run.
                let options = upwards::Options {
                    trust: upwards::TrustPolicy::Assume(Trust::Full),
                    ..upwards::Options::default()
                };
                let (found, _) =
                    gix::discover::upwards_opts(start, options).map_err(|_| GitError::NoRepository(start.clone()))?;
                found.into_repository_and_work_tree_directories().0
            }
        };
        // SECURITY: isolated from everybody's settings, which are not needed, and from the environment, which is named.
        let options = gix::open::Options::isolated()
            .with(Trust::Full)
            .open_path_as_is(true)
            .config_overrides([NO_REPLACEMENTS, LARGEST_OBJECT]);
        let inner = options
            .open(&git_dir)
            .map_err(|error| GitError::Unreadable { path: git_dir.clone(), message: first_line(&error.to_string()) })?;
        let local = inner.to_thread_local();
        let of_environment = whereabouts.git_dir.as_ref().map(|_| start.clone());
        let is_bare = local.workdir().is_none() && whereabouts.git_dir.is_none();
        let work_tree = match (&whereabouts.work_tree, local.workdir()) {
            (Some(named), _) => Some(named.clone()),
            (None, Some(found)) => Some(found.to_path_buf()),
            (None, None) if is_bare => None,
            // As git has it: whoever names the repository stands at the top of the work tree.
            (None, None) => of_environment,
        };
        let work_tree = work_tree.map(|path| path.canonicalize().unwrap_or(path));
        let index_file = whereabouts.index_file.clone().unwrap_or_else(|| local.index_path());
        Ok(Self { inner, work_tree, index_file })
    }

    /// The top of the work tree; none in a bare repository.
    pub fn work_tree(&self) -> Option<&Path> {
        self.work_tree.as_deref()
    }

    /// The folder of the repository itself; of a linked work tree, its own part.
    pub fn git_dir(&self) -> &Path {
        self.inner.git_dir()
    }

    /// Whether the history ends before its beginning, because only a part of it was fetched.
    pub fn is_shallow(&self) -> bool {
        self.inner.to_thread_local().is_shallow().unwrap_or(false)
    }

    pub(crate) fn index_file(&self) -> &Path {
        &self.index_file
    }
}

/// A path as reports tell it: bytes that are not Unicode as `\xff`, so that no two files share a name.
pub(crate) fn legible(path: &[u8]) -> String {
    let mut legible = String::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        legible.push_str(chunk.valid());
        for byte in chunk.invalid() {
            legible.push_str(&format!("\\x{byte:02x}"));
        }
    }
    legible
}

/// Foreign errors tell their causes on further lines.
pub(crate) fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_owned()
}
