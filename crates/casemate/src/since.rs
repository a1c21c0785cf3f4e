//! `--diff`: which lines have changed since a commit.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use casemate_audit::changes::{ChangedLines, likeness};
use casemate_audit::{Outcome, SourceSet, text};
use casemate_git::{GitError, Repository, Snapshot, Whereabouts};

use crate::commands::Failure;
use crate::discovery::{LARGEST_TEXT, Tree, name_below};
use crate::project::Project;

/// Files that are gone, and may live on under another name, are compared up to this number.
const MOST_GONE: usize = 1000;

/// Together they may be so large.
const MOST_BYTES: usize = 64 << 20;

/// A moved file is the same file when so much of it, in percent, is the same.
const ALIKE: usize = 50;

/// What the lines are compared with.
pub(crate) struct Since {
    name: String,
    snapshot: Snapshot,
    top: PathBuf,
    root: PathBuf,
}

impl Since {
    /// Opens the commit, before the audit, so that a wrong name is told at once.
    pub(crate) fn open(project: &Project, revision: &str) -> Result<Self, Failure> {
        let start = project.folder().unwrap_or_else(|| project.root.clone());
        let whereabouts = Whereabouts { start, ..Whereabouts::default() };
        let repository = Repository::open(&whereabouts).map_err(|error| told(&error))?;
        let Some(top) = repository.work_tree().map(Path::to_path_buf) else {
            return Err(Failure("this repository is bare, so --diff has no files to compare".to_owned()));
        };
        let snapshot = repository.snapshot(revision).map_err(|error| told(&error))?;
        Ok(Self { name: revision.to_owned(), snapshot, top, root: project.root.clone() })
    }

    /// Leaves out of the outcome what touches no changed line.
    pub(crate) fn narrow(&self, tree: &Tree, outcome: &mut Outcome) -> Result<(), Failure> {
        let mut changed: HashMap<String, ChangedLines> = HashMap::new();
        let mut gone: Option<Vec<Option<String>>> = None;
        for path in outcome.paths_named() {
            let lines = self.lines(path, tree, &mut gone)?;
            changed.insert(path.to_owned(), lines);
        }
        outcome.keep_changed(&self.name, &changed);
        Ok(())
    }

    /// What has changed in one file. Whatever cannot be compared counts as new.
    fn lines(&self, path: &str, tree: &Tree, gone: &mut Option<Vec<Option<String>>>) -> Result<ChangedLines, Failure> {
        let source = tree.sources().iter().find(|source| source.path == path);
        let Some(Ok(now)) = source.map(|source| tree.read(source)) else { return Ok(ChangedLines::ALL) };
        let now = text(&now);
        let file = self.root.join(path);
        let Ok(below) = file.strip_prefix(&self.top) else { return Ok(ChangedLines::ALL) };
        if let Some(before) = self.snapshot.content(&name_below(Path::new(""), below), LARGEST_TEXT) {
            return Ok(ChangedLines::between(&text(&before), &now));
        }
        if gone.is_none() {
            *gone = Some(self.gone()?);
        }
        let candidates = gone.as_deref_mut().unwrap_or_default();
        let alike = candidates.iter_mut().filter_map(|candidate| {
            let likeness = likeness(candidate.as_deref()?, &now);
            (likeness >= ALIKE).then_some((likeness, candidate))
        });
        // The first of those that are most alike; each file lives on under one name only.
        let best = alike.reduce(|best, next| if next.0 > best.0 { next } else { best });
        let before = best.and_then(|(_, candidate)| candidate.take());
        Ok(before.map_or(ChangedLines::ALL, |before| ChangedLines::between(&before, &now)))
    }

    /// The texts of files that the commit has and the folder has not.
    fn gone(&self) -> Result<Vec<Option<String>>, Failure> {
        let mut paths = self.snapshot.paths().map_err(|error| told(&error))?;
        paths.retain(|path| self.top.join(path).symlink_metadata().is_err());
        // So many are no move of some files.
        if paths.len() > MOST_GONE {
            return Ok(Vec::new());
        }
        let mut bytes = 0;
        let mut texts = Vec::new();
        for path in &paths {
            let Some(content) = self.snapshot.content(path, LARGEST_TEXT) else { continue };
            bytes += content.len();
            if bytes > MOST_BYTES {
                break;
            }
            if !content.contains(&0) {
                texts.push(Some(text(&content)));
            }
        }
        Ok(texts)
    }
}

fn told(error: &GitError) -> Failure {
    Failure(match error {
        GitError::NoRepository(folder) => format!(
            "there is no git repository in `{}` or above it, so --diff has nothing to compare with",
            folder.display()
        ),
        GitError::NoSuchRevision(name) => format!(
            "`{name}` names no commit of this repository, so --diff has nothing to compare with; \
             in CI fetch it first (`git fetch origin {name}`, or a checkout of the whole history)"
        ),
        other => other.to_string(),
    })
}
