//! The data directory: keys, the SQLite file, checkpoints. Only its owner may look into it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use casemate_service::Secrets;
use casemate_service::trail::checkpoint::Checkpoint;
use secrecy::{ExposeSecret as _, SecretString};

use crate::commands::{Failure, failure};

/// A data directory that has been checked.
#[derive(Clone, Debug)]
pub(crate) struct DataDir(PathBuf);

/// Held while a server works on the directory.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

const SECRETS: &str = "secrets";
const DATABASE: &str = "casemate.db";
const CHECKPOINTS: &str = "checkpoints.jsonl";
const DEMO: &str = "demo";

impl DataDir {
    /// The directory of a server that has run here before.
    pub(crate) fn find(path: &Path) -> Result<Self, Failure> {
        if !path.join(SECRETS).exists() {
            let shown = path.display();
            return failure(format!("`{shown}` is no data directory of casemate; name it with --data-dir"));
        }
        Self::checked(path)
    }

    /// The directory, made if it is not there.
    pub(crate) fn find_or_make(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let broken = |error: io::Error| Failure(format!("`{shown}` cannot be used as data directory: {error}"));
        match fs::metadata(path) {
            Ok(found) if !found.is_dir() => return failure(format!("`{shown}` is not a directory")),
            Ok(_) => {
                // An empty directory holds nothing that others could have read or put there.
                if fs::read_dir(path).map_err(broken)?.next().is_none() {
                    private(path).map_err(broken)?;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => make_private_dir(path).map_err(broken)?,
            Err(error) => return Err(broken(error)),
        }
        Self::checked(path)
    }

    fn checked(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let found = fs::metadata(path).map_err(|error| Failure(format!("`{shown}` cannot be read: {error}")))?;
        if is_open_to_others(&found) {
            return failure(format!("others can look into `{shown}`; run `chmod 700 {shown}`"));
        }
        Ok(Self(path.to_owned()))
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Keeps a second server out of the directory.
    pub(crate) fn lock(&self) -> Result<Lock, Failure> {
        let path = self.0.join("lock");
        let shown = self.0.display();
        let file = private_options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| Failure(format!("`{}` cannot be written: {error}", path.display())))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(fs::TryLockError::WouldBlock) => {
                failure(format!("another casemate serves `{shown}`; stop it, or name another --data-dir"))
            }
            Err(fs::TryLockError::Error(error)) => failure(format!("`{shown}` cannot be locked: {error}")),
        }
    }

    /// The keys; made when there is nothing yet that they would have to fit.
    pub(crate) fn secrets(&self) -> Result<Secrets, Failure> {
        let path = self.0.join(SECRETS);
        match fs::symlink_metadata(&path) {
            Ok(_) => self.read_secrets(&path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if self.0.join(DATABASE).exists() {
                    return failure(format!(
                        "`{}` is missing, but there is a database made with it; put it back from a backup",
                        path.display()
                    ));
                }
                let secrets = Secrets::generate().map_err(|error| Failure(error.to_string()))?;
                write_once(&path, &secrets.to_text())?;
                // Somebody may have been faster: what is on disk counts.
                self.read_secrets(&path)
            }
            Err(error) => failure(format!("`{}` cannot be read: {error}", path.display())),
        }
    }

    fn read_secrets(&self, path: &Path) -> Result<Secrets, Failure> {
        let text = read_private(path)?;
        let shown = path.display();
        if text.expose_secret().trim().is_empty() {
            return failure(format!("`{shown}` is empty; put it back from a backup"));
        }
        if has_weak_key(text.expose_secret()) {
            return failure(format!("`{shown}` holds a key that is not random; put the real one back"));
        }
        Secrets::parse(text.expose_secret()).map_err(|error| Failure(format!("`{shown}` cannot be used: {error}")))
    }

    /// Makes the SQLite file before SQLite does, so that it and the files beside it are for the owner only.
    pub(crate) fn prepare_database(&self) -> Result<(), Failure> {
        let path = self.0.join(DATABASE);
        match private_options().create_new(true).write(true).open(&path) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                private(&path).map_err(|error| Failure(format!("`{}` cannot be made private: {error}", path.display())))
            }
            Err(error) => failure(format!("`{}` cannot be written: {error}", path.display())),
        }
    }

    /// Marks the directory as one for trying things in; refuses one that holds somebody's real cases.
    pub(crate) fn mark_demo(&self) -> Result<(), Failure> {
        let mark = self.0.join(DEMO);
        if mark.exists() {
            return Ok(());
        }
        if self.0.join(DATABASE).exists() || self.0.join(SECRETS).exists() {
            let shown = self.0.display();
            return failure(format!("`{shown}` holds real data; --demo wants an empty directory, or none named"));
        }
        File::create(&mark).map(drop).map_err(|error| Failure(format!("`{}`: {error}", mark.display())))
    }

    /// Where checkpoints are kept.
    pub(crate) fn checkpoints_file(&self) -> PathBuf {
        self.0.join(CHECKPOINTS)
    }

    /// Adds checkpoints, and sees to it that they are on the disk.
    pub(crate) fn append_checkpoints(&self, checkpoints: &[Checkpoint]) -> io::Result<()> {
        let mut lines = Vec::new();
        for checkpoint in checkpoints {
            serde_json::to_writer(&mut lines, checkpoint)?;
            lines.push(b'\n');
        }
        let mut file = private_options().create(true).append(true).open(self.checkpoints_file())?;
        file.write_all(&lines)?;
        file.sync_data()
    }
}

/// A file that holds a secret: no link, not readable by others, of a reasonable size.
pub(crate) fn read_private(path: &Path) -> Result<SecretString, Failure> {
    const LARGEST: u64 = 64 * 1024;
    let shown = path.display();
    let unread = |error: io::Error| Failure(format!("`{shown}` cannot be read: {error}"));
    let named = fs::symlink_metadata(path).map_err(unread)?;
    if !named.is_file() {
        return failure(format!("`{shown}` is not a plain file; links and devices are not followed to secrets"));
    }
    let file = File::open(path).map_err(unread)?;
    let opened = file.metadata().map_err(unread)?;
    // SECURITY: between looking and opening the file could have become another (CWE-367).
    if !is_same_file(&named, &opened) {
        return failure(format!("`{shown}` changed while it was opened"));
    }
    if is_open_to_others(&opened) {
        return failure(format!("others can read `{shown}`; run `chmod 600 {shown}`, and make new keys if they did"));
    }
    if opened.len() > LARGEST {
        return failure(format!("`{shown}` is too large to be a file of keys"));
    }
    let mut text = String::new();
    file.take(LARGEST).read_to_string(&mut text).map_err(unread)?;
    Ok(SecretString::from(text))
}

/// Writes a file that appears whole or not at all, and never replaces another.
fn write_once(path: &Path, text: &SecretString) -> Result<(), Failure> {
    let half = path.with_extension(format!("new-{}", uuid::Uuid::now_v7()));
    let write = || {
        let mut file = private_options().create_new(true).write(true).open(&half)?;
        file.write_all(text.expose_secret().as_bytes())?;
        file.sync_all()?;
        match fs::hard_link(&half, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    };
    let written = write();
    let _ = fs::remove_file(&half);
    written.map_err(|error| Failure(format!("`{}` cannot be written: {error}", path.display())))
}

/// A key that somebody typed, or that is nothing but zeros, has few different bytes; 32 random ones have about 30.
fn has_weak_key(text: &str) -> bool {
    const DIFFERENT_LEAST: usize = 12;
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_whitespace().last()).any(|word| {
        URL_SAFE_NO_PAD.decode(word).is_ok_and(|mut bytes| {
            bytes.sort_unstable();
            bytes.dedup();
            bytes.len() < DIFFERENT_LEAST
        })
    })
}

#[cfg(unix)]
fn private_options() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(unix)]
fn make_private_dir(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    private(path)
}

#[cfg(unix)]
fn private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = if path.is_dir() { 0o700 } else { 0o600 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(unix)]
fn is_open_to_others(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    found.permissions().mode() & 0o077 != 0
}

#[cfg(unix)]
fn is_same_file(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

// On other systems a new file belongs to the user whose profile it is in.
#[cfg(not(unix))]
fn private_options() -> OpenOptions {
    OpenOptions::new()
}

#[cfg(not(unix))]
fn make_private_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).create(path)
}

#[cfg(not(unix))]
fn private(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn is_open_to_others(_: &fs::Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn is_same_file(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    true
}
