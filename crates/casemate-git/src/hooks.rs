//! Where git looks for hooks.

use std::path::{Path, PathBuf};

use crate::repository::{GitError, Repository};

/// Where the hooks of a repository are, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hooks {
    /// The folder; linked work trees share it.
    pub folder: PathBuf,
    /// What `core.hooksPath` of the repository says, if it says anything.
    pub configured: Option<PathBuf>,
}

impl Repository {
    /// The folder in which git looks for hooks, as far as the repository itself decides it.
    pub fn hooks(&self) -> Result<Hooks, GitError> {
        let repository = self.inner.to_thread_local();
        let common = repository.common_dir();
        let common = common.canonicalize().unwrap_or_else(|_| common.to_path_buf());
        let configured = repository.config_snapshot().string("core.hooksPath");
        let configured = configured.map(|path| PathBuf::from(String::from_utf8_lossy(&path).into_owned()));
        let configured = configured.filter(|path| !path.as_os_str().is_empty());
        let folder = match &configured {
            // Relative to the folder in which the hook runs: the top of the work tree, or the repository if it is bare.
            Some(path) => self.work_tree().unwrap_or(&common).join(path),
            None => common.join("hooks"),
        };
        Ok(Hooks { folder, configured })
    }

    /// The folder that all work trees of this repository share.
    pub fn common_dir(&self) -> PathBuf {
        let repository = self.inner.to_thread_local();
        let common: &Path = repository.common_dir();
        common.canonicalize().unwrap_or_else(|_| common.to_path_buf())
    }
}
