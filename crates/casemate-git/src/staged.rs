//! What the index holds for the next commit, beside what the last one held.

use std::collections::BTreeMap;

use gix::ObjectId;
use gix::index::entry::{Flags, Mode, Stage};
use gix::objs::tree::EntryKind;
use gix::prelude::FindExt;

use crate::repository::{GitError, Repository, first_line, legible};

/// The name of a content, by which [`Repository::content`] finds it.
pub type ContentId = ObjectId;

/// A file that the next commit would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Path relative to the top of the repository, with `/` between its parts.
    pub path: String,
    /// What the index holds; none if the commit takes the file away.
    pub after: Option<ObjectId>,
    /// What the commits before it hold under this path: the last one, and in a merge those merged into it.
    pub before: Vec<ObjectId>,
}

/// What would be committed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Staged {
    /// Files that differ from the last commit, by path. Links and submodules are left out.
    pub changes: Vec<Change>,
    /// Paths with conflicts that nobody has settled yet; git does not commit them.
    pub unmerged: Vec<String>,
}

/// A file's content and whether it is one at all: a link or a submodule has no text of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Held {
    id: ObjectId,
    is_file: bool,
}

impl Repository {
    /// Compares the index with the last commit.
    pub fn staged(&self) -> Result<Staged, GitError> {
        let repository = self.inner.to_thread_local();
        let index = self.read_index(&repository)?;
        let broken = |what: &str, error: &dyn std::fmt::Display| {
            GitError::Broken(format!("{what} cannot be read: {}", first_line(&error.to_string())))
        };
        let head = repository.head().map_err(|error| broken("HEAD", &error))?;
        let tree = if head.is_unborn() {
            None
        } else {
            let tree = repository.head_tree_id().map_err(|error| broken("the last commit", &error))?;
            Some(tree.detach())
        };

        let mut comparison = Comparison { repository: &repository, index: &index, differing: BTreeMap::new() };
        let all = index.entries().len();
        comparison.folder(tree, index.tree(), b"", 0..all)?;
        let mut staged = Staged { changes: Vec::new(), unmerged: comparison.unmerged() };
        let differing = comparison.differing;
        let merged: Vec<ObjectId> = self.heads_being_merged();
        for (path, (before, after)) in differing {
            let is_file = |held: &Held| held.is_file;
            let (before, after) = (before.filter(is_file), after.filter(is_file));
            if before.is_none() && after.is_none() {
                continue;
            }
            let mut earlier: Vec<ObjectId> = before.iter().map(|held| held.id).collect();
            for commit in &merged {
                earlier.extend(file_in(&repository, *commit, &path));
            }
            let after = after.map(|held| held.id);
            if after.is_some_and(|after| earlier.contains(&after)) {
                continue;
            }
            staged.changes.push(Change { path: legible(&path), after, before: earlier });
        }
        Ok(staged)
    }

    /// The bytes of a file as some commit or the index holds it; `None` when it is larger than the limit.
    pub fn content(&self, id: ObjectId, largest: u64) -> Result<Option<Vec<u8>>, GitError> {
        let repository = self.inner.to_thread_local();
        let broken = |error: &gix::Error| {
            GitError::Broken(format!("the object {id} cannot be read: {}", first_line(&error.to_string())))
        };
        if repository.find_header(id).map_err(|error| broken(&error))?.size() > largest {
            return Ok(None);
        }
        let mut blob = repository.find_blob(id).map_err(|error| broken(&error))?;
        Ok(Some(blob.take_data()))
    }

    fn read_index(&self, repository: &gix::Repository) -> Result<gix::index::File, GitError> {
        let options = gix::index::decode::Options { thread_limit: Some(1), ..Default::default() };
        // Checking the digest of the whole file takes longer than everything else, and git wrote it a moment ago.
        let index = gix::index::File::at_or_default(self.index_file(), repository.object_hash(), true, options);
        index.map_err(|error| {
            let shown = self.index_file().display();
            GitError::Broken(format!("the index `{shown}` cannot be read: {}", first_line(&error.to_string())))
        })
    }

    /// The other parents of a merge that is not committed yet.
    fn heads_being_merged(&self) -> Vec<ObjectId> {
        let text = std::fs::read_to_string(self.git_dir().join("MERGE_HEAD")).unwrap_or_default();
        text.lines().filter_map(|line| ObjectId::from_hex(line.trim().as_bytes()).ok()).collect()
    }
}

/// A file of a commit by its path.
pub(crate) fn file_in(repository: &gix::Repository, commit: ObjectId, path: &[u8]) -> Option<ObjectId> {
    let mut tree = repository.find_commit(commit).ok()?.tree_id().ok()?.detach();
    let mut buffer = Vec::new();
    let mut parts = path.split(|byte| *byte == b'/').peekable();
    while let Some(part) = parts.next() {
        let entries = repository.objects.find_tree_iter(&tree, &mut buffer).ok()?;
        let entry = entries.flatten().find(|entry| entry.filename == part)?;
        let (kind, id) = (entry.mode.kind(), entry.oid.to_owned());
        if parts.peek().is_none() {
            return matches!(kind, EntryKind::Blob | EntryKind::BlobExecutable).then_some(id);
        }
        if kind != EntryKind::Tree {
            return None;
        }
        tree = id;
    }
    None
}

/// The index beside a tree, folder by folder; a folder that the index knows to be unchanged is not opened.
struct Comparison<'a> {
    repository: &'a gix::Repository,
    index: &'a gix::index::State,
    differing: BTreeMap<Vec<u8>, (Option<Held>, Option<Held>)>,
}

impl Comparison<'_> {
    /// Compares what the tree holds with the entries of the index in a range, all of which begin with the prefix.
    fn folder(
        &mut self,
        tree: Option<ObjectId>,
        cached: Option<&gix::index::extension::Tree>,
        prefix: &[u8],
        range: std::ops::Range<usize>,
    ) -> Result<(), GitError> {
        if let (Some(tree), Some(cached)) = (tree, cached)
            && cached.num_entries.is_some_and(|count| usize::try_from(count).is_ok_and(|count| count == range.len()))
            && cached.id == tree
        {
            return Ok(());
        }
        let mut in_tree: Vec<(Vec<u8>, EntryKind, ObjectId)> = Vec::new();
        if let Some(tree) = tree {
            let mut buffer = Vec::new();
            let broken = |error: &gix::Error| {
                let shown = String::from_utf8_lossy(prefix).into_owned();
                GitError::Broken(format!(
                    "the folder `{shown}` of the last commit cannot be read: {}",
                    first_line(&error.to_string())
                ))
            };
            let entries = self.repository.objects.find_tree_iter(&tree, &mut buffer).map_err(|error| broken(&error))?;
            for entry in entries {
                let entry = entry.map_err(|error| broken(&error))?;
                in_tree.push((entry.filename.to_vec(), entry.mode.kind(), entry.oid.to_owned()));
            }
        }
        let mut of_tree: BTreeMap<Vec<u8>, (EntryKind, ObjectId)> =
            in_tree.into_iter().map(|(name, kind, id)| (name, (kind, id))).collect();
        let mut at = range.start;
        while at < range.end {
            let Some(entry) = self.index.entries().get(at) else { break };
            let path: &[u8] = entry.path(self.index);
            let rest = path.get(prefix.len()..).unwrap_or_default();
            let Some(slash) = rest.iter().position(|byte| *byte == b'/') else {
                at += 1;
                self.file(path.to_vec(), entry, of_tree.get(rest).copied());
                if !matches!(of_tree.get(rest), Some((EntryKind::Tree, _))) {
                    of_tree.remove(rest);
                }
                continue;
            };
            if entry.mode == Mode::DIR {
                // A folder that a sparse checkout leaves out stands in the index as one entry, ending in `/`.
                at += 1;
                let name = rest.get(..slash).unwrap_or_default();
                if of_tree.get(name).is_some_and(|(kind, id)| *kind == EntryKind::Tree && *id == entry.id) {
                    of_tree.remove(name);
                }
                continue;
            }
            let name = rest.get(..slash).unwrap_or_default().to_vec();
            let folder: Vec<u8> = path.get(..=prefix.len() + slash).unwrap_or_default().to_vec();
            let length = self.index.entries().get(at..range.end).unwrap_or_default();
            let length = length.partition_point(|entry| {
                let path: &[u8] = entry.path(self.index);
                path.starts_with(&folder)
            });
            let end = at + length.max(1);
            let below = match of_tree.get(&name) {
                Some((EntryKind::Tree, id)) => Some(*id),
                _ => None,
            };
            if below.is_some() {
                of_tree.remove(&name);
            }
            let cached = cached.and_then(|cached| cached.children.iter().find(|child| child.name[..] == name[..]));
            self.folder(below, cached, &folder, at..end)?;
            at = end;
        }
        for (name, (kind, id)) in of_tree {
            let path = [prefix, &name].concat();
            match kind {
                EntryKind::Tree => self.folder(Some(id), None, &[&path[..], b"/"].concat(), 0..0)?,
                EntryKind::Commit => {}
                _ => self.note(path, Some(held(kind, id)), None),
            }
        }
        Ok(())
    }

    fn file(&mut self, path: Vec<u8>, entry: &gix::index::Entry, in_tree: Option<(EntryKind, ObjectId)>) {
        if entry.stage() != Stage::Unconflicted || entry.flags.contains(Flags::INTENT_TO_ADD) {
            return;
        }
        let before = in_tree.filter(|(kind, _)| !matches!(kind, EntryKind::Tree | EntryKind::Commit));
        let before = before.map(|(kind, id)| held(kind, id));
        let is_file = entry.mode == Mode::FILE || entry.mode == Mode::FILE_EXECUTABLE;
        let after = Held { id: entry.id, is_file };
        if before != Some(after) {
            self.note(path, before, Some(after));
        }
    }

    fn note(&mut self, path: Vec<u8>, before: Option<Held>, after: Option<Held>) {
        self.differing.insert(path, (before, after));
    }

    fn unmerged(&self) -> Vec<String> {
        let conflicted = self.index.entries().iter().filter(|entry| entry.stage() != Stage::Unconflicted);
        let mut paths: Vec<String> = conflicted.map(|entry| legible(entry.path(self.index))).collect();
        paths.dedup();
        paths
    }
}

fn held(kind: EntryKind, id: ObjectId) -> Held {
    Held { id, is_file: matches!(kind, EntryKind::Blob | EntryKind::BlobExecutable) }
}
