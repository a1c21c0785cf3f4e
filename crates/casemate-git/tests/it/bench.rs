//! A workbench for the tests: a repository of its own, and git run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use casemate_git::{GitError, History, Limits, Range, Repository, Whereabouts};
use tempfile::TempDir;

/// A repository.
pub(crate) struct Bench {
    folder: TempDir,
    clock: AtomicU32,
}

/// Path, content, and number of the commit of each version, in order.
pub(crate) type Seen = Vec<(String, String, usize)>;

impl Bench {
    pub(crate) fn new() -> Self {
        Self::of(&["init", "--quiet", "--initial-branch=main"])
    }

    pub(crate) fn of(arguments: &[&str]) -> Self {
        let bench = Self { folder: TempDir::new().expect("a folder for the test"), clock: AtomicU32::new(0) };
        bench.git(arguments);
        bench
    }

    /// The same files in a folder of their own.
    pub(crate) fn copy_of(folder: &Path) -> Self {
        let bench = Self { folder: TempDir::new().expect("a folder for the test"), clock: AtomicU32::new(0) };
        copy(folder, bench.path());
        bench
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.file(name);
        fs::create_dir_all(path.parent().expect("has a folder")).expect("is made");
        fs::write(path, text).expect("is written");
        self
    }

    /// Runs git here and tells what it printed.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git_in(self.path(), arguments, self.clock.load(Ordering::Relaxed))
    }

    /// Commits everything; each commit is a day younger than the one before.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.clock.fetch_add(1, Ordering::Relaxed);
        self.git(&["rev-parse", "HEAD"])
    }

    pub(crate) fn open(&self) -> Repository {
        open(self.path()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Every version that is seen.
    pub(crate) fn seen(&self, range: &Range) -> (Seen, History) {
        seen(&self.open(), range)
    }

    /// The same for the whole history, without what else is told.
    pub(crate) fn everything(&self) -> Seen {
        self.seen(&Range::Everything).0
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("is made");
    for entry in fs::read_dir(from).expect("is read").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("is copied");
        }
    }
}

pub(crate) fn open(folder: &Path) -> Result<Repository, GitError> {
    Repository::open(&Whereabouts { start: folder.to_path_buf(), ..Whereabouts::default() })
}

pub(crate) fn seen(repository: &Repository, range: &Range) -> (Seen, History) {
    let limits = Limits { largest: 1 << 20, wants: &|_, _| true };
    seen_within(repository, range, &limits)
}

pub(crate) fn seen_within(repository: &Repository, range: &Range, limits: &Limits<'_>) -> (Seen, History) {
    let seen = Mutex::new(Vec::new());
    let history = repository.history(range, limits, &|_| {}, &|version| {
        let text = String::from_utf8_lossy(version.bytes).into_owned();
        seen.lock().unwrap().push((version.path.to_owned(), text, version.commit));
    });
    let history = history.unwrap_or_else(|error| panic!("{error}"));
    let mut seen = seen.into_inner().unwrap();
    seen.sort_by(|a, b| (a.2, &a.0, &a.1).cmp(&(b.2, &b.0, &b.1)));
    (seen, history)
}

/// git, untouched by the settings of whoever runs the tests.
pub(crate) fn git_in(folder: &Path, arguments: &[&str], day: u32) -> String {
    let date = format!("{} +0000", 1_700_000_000 + u64::from(day) * 86_400);
    let mut command = Command::new("git");
    command.current_dir(folder).args(arguments).env_clear().stdin(Stdio::null());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    for (name, value) in [
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_AUTHOR_NAME", "Ada"),
        ("GIT_AUTHOR_EMAIL", "ada@example.org"),
        ("GIT_COMMITTER_NAME", "Ada"),
        ("GIT_COMMITTER_EMAIL", "ada@example.org"),
        ("GIT_AUTHOR_DATE", &date),
        ("GIT_COMMITTER_DATE", &date),
        ("GIT_EDITOR", "true"),
    ] {
        command.env(name, value);
    }
    let output = command.output().expect("git runs; the tests need it");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "git {arguments:?}: {told}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
