//! Where git looks for hooks.

use std::path::{Path, PathBuf};

use gix::config::file::Metadata;
use gix::config::file::init::Options;
use gix::config::source::Kind;
use gix::config::{File, Source};
use gix::sec::Trust;

use crate::repository::Repository;

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
    pub fn hooks(&self) -> Hooks {
        let repository = self.inner.to_thread_local();
        let common = self.common_dir();
        let configured = repository.config_snapshot().string("core.hooksPath").and_then(|path| named(&path));
        let folder = match &configured {
            // Relative to the folder in which the hook runs: the top of the work tree, or the repository if it is bare.
            Some(path) => self.work_tree().unwrap_or(&common).join(path),
            None => common.join("hooks"),
        };
        Hooks { folder, configured }
    }

    /// The folder that all work trees of this repository share.
    pub fn common_dir(&self) -> PathBuf {
        let repository = self.inner.to_thread_local();
        let common = repository.common_dir();
        common.canonicalize().unwrap_or_else(|_| common.to_path_buf())
    }

    /// The folder of hooks that the settings of the user or of the machine name for all repositories. `variable` tells
    /// what the environment says, which says where those settings are.
    pub fn hooks_of_everybody(variable: &dyn Fn(&str) -> Option<std::ffi::OsString>) -> Option<PathBuf> {
        let sources: Vec<Source> =
            [Kind::System, Kind::Global].iter().flat_map(|kind| kind.sources()).copied().collect();
        let files = sources.into_iter().filter_map(|source| {
            let path = source.storage_location(&mut |name| variable(name)).filter(|path| path.is_file())?;
            Some(Metadata { path: Some(path), source, level: 0, trust: Trust::Full })
        });
        let settings = File::from_paths_metadata(files, Options::default()).ok()??;
        settings.string("core.hooksPath").and_then(|path| named(&path))
    }
}

fn named(path: &[u8]) -> Option<PathBuf> {
    let path = PathBuf::from(String::from_utf8_lossy(path).into_owned());
    (!path.as_os_str().is_empty() && path != Path::new("/dev/null")).then_some(path)
}
