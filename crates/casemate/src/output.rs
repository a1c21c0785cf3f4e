//! A report file that appears whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::commands::Failure;

/// Where a report goes: made before the audit, so that a wrong path is told at once.
pub(crate) struct OutputFile {
    shown: PathBuf,
    writer: BufWriter<File>,
    /// The file being written and what it will be called; none for a pipe or a device, which is written to directly.
    unfinished: Option<Unfinished>,
}

impl OutputFile {
    /// Makes sure that the file can be written.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        Self::open(path).map_err(|error| unwritable(path, &error))
    }

    fn open(path: &Path) -> io::Result<Self> {
        // A link keeps being a link: what it leads to is replaced.
        let target = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let old = fs::metadata(&target).ok();
        if old.as_ref().is_some_and(fs::Metadata::is_dir) {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
        }
        if old.as_ref().is_some_and(|old| !old.is_file()) {
            let writer = BufWriter::new(OpenOptions::new().write(true).open(&target)?);
            return Ok(Self { shown: path.to_path_buf(), writer, unfinished: None });
        }
        let Some(name) = target.file_name() else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not the name of a file"));
        };
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.unfinished", std::process::id()));
        let hidden = target.with_file_name(hidden);
        let file = OpenOptions::new().write(true).create_new(true).open(&hidden)?;
        let unfinished = Unfinished { path: hidden, target };
        if let Some(old) = old {
            fs::set_permissions(&unfinished.path, old.permissions())?;
        }
        Ok(Self { shown: path.to_path_buf(), writer: BufWriter::new(file), unfinished: Some(unfinished) })
    }

    /// Writes the whole report, gives the file its name, and tells it.
    pub(crate) fn write(self, report: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<PathBuf, Failure> {
        let Self { shown, mut writer, unfinished } = self;
        let written = report(&mut writer).and_then(|()| writer.flush());
        drop(writer);
        let named = written.and_then(|()| unfinished.map_or(Ok(()), Unfinished::finish));
        named.map(|()| shown.clone()).map_err(|error| unwritable(&shown, &error))
    }
}

/// Removed when it is dropped before it was finished.
struct Unfinished {
    path: PathBuf,
    target: PathBuf,
}

impl Unfinished {
    fn finish(self) -> io::Result<()> {
        fs::rename(&self.path, &self.target)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After `finish` there is nothing to remove; otherwise the name tells a person what was left behind.
        let _ = fs::remove_file(&self.path);
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure(format!("`{}` cannot be written: {error}", path.display()))
}
