//! Where the index is, and how a new one takes its place.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use casemate_packages::advisories::{Index, IndexError, Provenance, Storage};

use crate::commands::{Failure, failure};

/// The variable that names the index, for where no options can be given.
const VARIABLE: &str = "CASEMATE_ADVISORIES";

/// A file that is read by position. What asks for a few packages reads a few kilobytes.
#[derive(Debug)]
pub(crate) struct IndexFile(File);

impl Storage for IndexFile {
    fn size(&self) -> io::Result<u64> {
        let metadata = self.0.metadata()?;
        // SECURITY: a pipe or a device has no size and would keep us waiting.
        if metadata.is_file() { Ok(metadata.len()) } else { Err(io::Error::other("it is not a regular file")) }
    }

    #[cfg(unix)]
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.0, buffer, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
        while !buffer.is_empty() {
            match std::os::windows::fs::FileExt::seek_read(&self.0, buffer, offset)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => {
                    buffer = buffer.split_at_mut(count).1;
                    offset += count as u64;
                }
            }
        }
        Ok(())
    }
}

/// The file of the index, whether it exists or not.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    file: PathBuf,
}

/// The right to change the index, until it is dropped.
pub(super) struct Lock {
    _file: File,
}

impl Place {
    /// The file named by an option, else by the environment, else the user's own.
    pub(crate) fn find(named: Option<&Path>) -> Result<Self, Failure> {
        if let Some(file) = named {
            return Ok(Self { file: file.to_path_buf() });
        }
        let variable = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        if let Some(file) = variable(VARIABLE) {
            return Ok(Self { file });
        }
        let home = || variable("HOME").filter(|home| home.is_absolute());
        // The specification of XDG: a path that is not absolute is to be ignored.
        let data = if cfg!(windows) {
            variable("LOCALAPPDATA")
        } else {
            variable("XDG_DATA_HOME").filter(|path| path.is_absolute()).or_else(|| {
                let below = if cfg!(target_os = "macos") { "Library/Application Support" } else { ".local/share" };
                Some(home()?.join(below))
            })
        };
        match data {
            Some(data) => Ok(Self { file: data.join("casemate").join("advisories.index") }),
            None => failure(format!("there is no home folder for the index of advisories; set {VARIABLE} to a file")),
        }
    }

    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// The index; `None` if there is no such file.
    pub(crate) fn open(&self) -> Result<Option<Index<IndexFile>>, IndexError> {
        match File::open(&self.file) {
            Ok(file) => Index::open(IndexFile(file)).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(IndexError::Io(error)),
        }
    }

    /// Where the index in use comes from, if there is one and it is whole.
    pub(super) fn provenance(&self) -> Option<Provenance> {
        self.open().ok().flatten().map(|index| index.provenance().clone())
    }

    /// Makes the folder and keeps a second update out.
    pub(super) fn lock(&self) -> Result<Lock, Failure> {
        let shown = self.file.display().to_string();
        let cannot = |error: &io::Error| Failure(format!("`{shown}` cannot be written: {error}"));
        if self.file.is_dir() {
            return failure(format!("`{shown}` is a folder; name the file of the index"));
        }
        if let Some(folder) = self.folder() {
            make_private(folder).map_err(|error| cannot(&error))?;
        }
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(self.beside("lock"));
        let file = file.map_err(|error| cannot(&error))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => failure("another update of the advisories is running"),
            // Some file systems know no locks; the replacement is whole in any case.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(Lock { _file: file }),
            Err(TryLockError::Error(error)) => Err(cannot(&error)),
        }
    }

    /// A file in the same folder for what is being fetched; it is gone when it is dropped.
    pub(super) fn scratch(&self) -> Result<Scratch, Failure> {
        let path = self.beside(&format!("{}.unfinished", std::process::id()));
        let made = OpenOptions::new().read(true).write(true).create_new(true).open(&path);
        let made = match made {
            // Only a process that is gone can have left it: its number is ours now, and the lock is held.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => fs::remove_file(&path)
                .and_then(|()| OpenOptions::new().read(true).write(true).create_new(true).open(&path)),
            other => other,
        };
        match made {
            Ok(file) => Ok(Scratch { path, file }),
            Err(error) => failure(format!("`{}` cannot be written: {error}", path.display())),
        }
    }

    /// Puts these bytes in the place of the old index, whole or not at all, also if the power fails.
    pub(super) fn replace(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut scratch = self.scratch()?;
        let replaced = (|| {
            scratch.file.write_all(bytes)?;
            scratch.file.sync_all()?;
            let written = Index::open(IndexFile(scratch.file.try_clone()?)).and_then(|index| index.verify());
            written.map_err(io::Error::other)?;
            fs::rename(&scratch.path, &self.file)?;
            if let Some(folder) = self.folder()
                && cfg!(unix)
            {
                // The new name survives as well.
                File::open(folder)?.sync_all()?;
            }
            Ok(())
        })();
        replaced.map_err(|error: io::Error| Failure(format!("`{}` cannot be written: {error}", self.file.display())))
    }

    fn folder(&self) -> Option<&Path> {
        let parent = self.file.parent()?;
        Some(if parent.as_os_str().is_empty() { Path::new(".") } else { parent })
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = OsString::from(".");
        name.push(self.file.file_name().unwrap_or_default());
        name.push(".");
        name.push(ending);
        self.file.with_file_name(name)
    }
}

/// SECURITY: who can write here decides what audits find; a folder we make is ours alone.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A file that is removed unless it was renamed.
pub(super) struct Scratch {
    path: PathBuf,
    pub(super) file: File,
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // After a rename there is nothing to remove.
        let _ = fs::remove_file(&self.path);
    }
}
