//! The history of a repository, searched for secrets that are not in its files any more.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use casemate_audit::past::{self, PastSecret};
use casemate_audit::reading::on_threads;
use casemate_audit::{Commit, Place, Position, Problem};
use casemate_git::{EntryIs, GitError, History, Limits, Progress, Range, Repository, Whereabouts};
use ignore::gitignore::Gitignore;

use crate::commands::Failure;
use crate::console;
use crate::discovery;
use crate::project::Project;

/// Larger versions are data.
const LARGEST: u64 = 16 << 20;

/// What the history holds.
#[derive(Default)]
pub(crate) struct Past {
    /// Each secret once, with the commit that brought it.
    pub(crate) secrets: Vec<PastSecret>,
    /// What could not be read.
    pub(crate) problems: Vec<Problem>,
}

/// Searches all that is reachable, or what a range such as `main..` names.
pub(crate) fn search(project: &Project, excluded: &Gitignore, range: &str) -> Result<Past, Failure> {
    let repository = open(&project.folder().unwrap_or_else(|| project.root.clone()))?;
    let range = if range.is_empty() { Range::Everything } else { Range::Named(range.to_owned()) };
    let names = Names::new(&repository, &project.root);
    let wants = |path: &str, is: EntryIs| {
        let is_folder = is == EntryIs::Folder;
        let path = names.top.join(path);
        discovery::is_of_interest(&path, is_folder) && !excluded.matched(&path, is_folder).is_ignore()
    };
    // The same value in a thousand versions is one secret: the oldest tells where it came from.
    let oldest: Mutex<HashMap<String, (usize, PastSecret)>> = Mutex::new(HashMap::new());
    let look = |version: &casemate_git::Version<'_>| {
        for mut secret in past::secrets_of(&names.below_root(version.path), version.bytes) {
            let Ok(mut oldest) = oldest.lock() else { return };
            let rank = |commit: usize, secret: &PastSecret| {
                let (path, line) = secret.place();
                (commit, path.to_owned(), line)
            };
            match oldest.get_mut(secret.value().expose()) {
                Some((commit, known)) => {
                    secret.hear(known);
                    known.hear(&secret);
                    if rank(version.commit, &secret) < rank(*commit, known) {
                        (*commit, *known) = (version.commit, secret);
                    }
                }
                None => {
                    oldest.insert(secret.value().expose().to_owned(), (version.commit, secret));
                }
            }
        }
    };
    let walked = console::with_status(|status| {
        let progress = |progress| match progress {
            Progress::Commits { done, total } => status("reading the history", done, total, "commits"),
            Progress::Versions { done, total } => status("reading the history", done, total, "versions of files"),
        };
        on_threads(0, "looked at", || {
            repository.history(&range, &Limits { largest: LARGEST, wants: &wants }, &progress, &look)
        })
    });
    let History { commits, problems, .. } = walked.map_err(Failure)?.map_err(|error| told(&error))?;
    let mut secrets: Vec<(usize, PastSecret)> = oldest.into_inner().unwrap_or_default().into_values().collect();
    secrets.sort_by(|(a, one), (b, other)| (a, one.place()).cmp(&(b, other.place())));
    for (number, secret) in &mut secrets {
        if let Some(id) = commits.get(*number) {
            let author = repository.author(*id);
            secret.came_with(Commit { id: author.id, author: author.name, date: author.date });
        }
    }
    let start = Position { line: 1, column: 1 };
    let place = Place { path: names.below_root(".git"), start, end: start };
    let problems = problems.into_iter().map(|message| Problem { place: place.clone(), message }).collect();
    Ok(Past { secrets: secrets.into_iter().map(|(_, secret)| secret).collect(), problems })
}

/// The repository of a folder, without regard to what the environment says: that is about the commit being made.
fn open(folder: &Path) -> Result<Repository, Failure> {
    let whereabouts = Whereabouts { start: folder.to_path_buf(), ..Whereabouts::default() };
    Repository::open(&whereabouts).map_err(|error| told(&error))
}

fn told(error: &GitError) -> Failure {
    Failure(match error {
        GitError::NoRepository(folder) => {
            format!(
                "there is no git repository in `{}` or above it, so --history has nothing to read",
                folder.display()
            )
        }
        other => other.to_string(),
    })
}

/// Paths of the repository as reports tell them: relative to the root of the audit.
struct Names {
    top: PathBuf,
    /// Folders between the audit's root and the top of the repository, whichever is above.
    before: String,
    below: String,
}

impl Names {
    fn new(repository: &Repository, root: &Path) -> Self {
        let top = repository.work_tree().unwrap_or(repository.git_dir());
        let top = top.canonicalize().unwrap_or_else(|_| top.to_path_buf());
        let folder = |path: &Path| match discovery::name_below(Path::new(""), path).as_str() {
            "." => String::new(),
            name => format!("{name}/"),
        };
        let before = top.strip_prefix(root).map(folder).unwrap_or_default();
        let below = root.strip_prefix(&top).map(folder).unwrap_or_default();
        Self { top, before, below }
    }

    fn below_root(&self, path: &str) -> String {
        if let Some(rest) = path.strip_prefix(&self.below) {
            return format!("{}{rest}", self.before);
        }
        // Beside the folder that is audited.
        format!("{}{path}", "../".repeat(self.below.matches('/').count()))
    }
}
