//! The files of one commit, by path.

use gix::ObjectId;
use gix::objs::tree::EntryKind;
use gix::prelude::FindExt;

use crate::repository::{GitError, Repository, first_line, legible};
use crate::staged::file_in;

/// Folders nested deeper than this are no work of people.
const DEEPEST: usize = 1024;

/// One commit, open for reading.
pub struct Snapshot {
    repository: gix::Repository,
    commit: ObjectId,
}

impl Repository {
    /// The commit that a name stands for. `main...` is where the current branch left `main`.
    pub fn snapshot(&self, revision: &str) -> Result<Snapshot, GitError> {
        let repository = self.inner.to_thread_local();
        let unknown = || GitError::NoSuchRevision(revision.to_owned());
        let resolve = |name: &str| {
            let parsed = repository.rev_parse_single(name).ok();
            let commit = parsed.and_then(|id| id.object().ok()).and_then(|object| object.peel_to_commit().ok());
            commit.map(|commit| commit.id).ok_or_else(unknown)
        };
        let commit = match revision.strip_suffix("...") {
            None => resolve(revision)?,
            Some(name) => {
                let (theirs, ours) = (resolve(name)?, resolve("HEAD")?);
                let base = repository.merge_base(theirs, ours).ok().flatten().map(gix::Id::detach);
                base.ok_or_else(|| {
                    GitError::Broken(format!(
                        "`{name}` and the current branch have no commit in common here; fetch more of the history"
                    ))
                })?
            }
        };
        Ok(Snapshot { repository, commit })
    }
}

impl Snapshot {
    /// The full id of the commit in hex.
    pub fn id(&self) -> String {
        self.commit.to_string()
    }

    /// What a file holds; `None` when there is none, when it is larger than the limit, or when it cannot be read.
    pub fn content(&self, path: &str, largest: u64) -> Option<Vec<u8>> {
        let id = file_in(&self.repository, self.commit, path.as_bytes())?;
        if self.repository.find_header(id).ok()?.size() > largest {
            return None;
        }
        Some(self.repository.find_blob(id).ok()?.take_data())
    }

    /// The paths of all files, in order. Links and submodules are left out.
    pub fn paths(&self) -> Result<Vec<String>, GitError> {
        let broken = |error: &dyn std::fmt::Display| {
            GitError::Broken(format!("the commit {} cannot be read: {}", self.commit, first_line(&error.to_string())))
        };
        let commit = self.repository.find_commit(self.commit).map_err(|error| broken(&error))?;
        let root = commit.tree_id().map_err(|error| broken(&error))?.detach();
        let mut paths = Vec::new();
        let mut todo = vec![(root, Vec::new(), 0)];
        while let Some((tree, prefix, depth)) = todo.pop() {
            let mut buffer = Vec::new();
            let entries = self.repository.objects.find_tree_iter(&tree, &mut buffer).map_err(|error| broken(&error))?;
            for entry in entries {
                let entry = entry.map_err(|error| broken(&error))?;
                let path: Vec<u8> = [prefix.as_slice(), entry.filename].concat();
                match entry.mode.kind() {
                    EntryKind::Tree if depth < DEEPEST => {
                        todo.push((entry.oid.to_owned(), [path.as_slice(), b"/"].concat(), depth + 1));
                    }
                    EntryKind::Blob | EntryKind::BlobExecutable => paths.push(legible(&path)),
                    _ => {}
                }
            }
        }
        paths.sort();
        Ok(paths)
    }
}
