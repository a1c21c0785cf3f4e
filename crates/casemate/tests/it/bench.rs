//! A workbench for the tests: a folder of its own, and the binary run in it.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use tempfile::TempDir;

/// How a run ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A folder with files in it.
pub(crate) struct Bench {
    folder: TempDir,
    /// What runs in it remember.
    cache: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("a folder for the test");
        let cache = TempDir::new().expect("a folder for what is remembered");
        // The top of a repository, so that nothing above this folder is looked at.
        fs::create_dir(folder.path().join(".git")).expect("is made");
        Self { folder, cache }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn with(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("has a folder")).expect("is made");
        fs::write(path, text).expect("is written");
        self
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = casemate();
        command.current_dir(self.folder.path()).env("CASEMATE_CACHE", self.cache.path()).args(arguments);
        command
    }

    /// The files in which runs in it remember.
    pub(crate) fn remembered(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.cache.path()).expect("is a folder");
        entries.map(|entry| entry.expect("is an entry").path()).collect()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        ended(self.command(arguments))
    }
}

/// The binary, untouched by the settings of whoever runs the tests.
pub(crate) fn casemate() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_casemate"));
    for name in ["NO_COLOR", "CASEMATE_CLIENT_ID", "CASEMATE_CLIENT_SECRET"] {
        command.env_remove(name);
    }
    for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(name);
    }
    // Nor by what is known on this machine about packages.
    command.env("CASEMATE_ADVISORIES", Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-advisories.index"));
    command.env("CASEMATE_CACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"));
    command
}

pub(crate) fn ended(mut command: Command) -> Ended {
    let output = command.output().expect("runs");
    Ended {
        code: output.status.code().expect("ends by itself"),
        stdout: String::from_utf8(output.stdout).expect("is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("is UTF-8"),
    }
}

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
