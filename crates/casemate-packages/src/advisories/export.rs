//! The public bulk export: one zip with one record a file.

use std::io::{self, Read, Seek};

use zip::ZipArchive;
use zip::result::ZipError;

use super::collection::Collection;

/// How much an export may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Files.
    pub entries: usize,
    /// Bytes of one file.
    pub entry_bytes: u64,
    /// Bytes of all files.
    pub total_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        // Twenty times what the export of PyPI held in 2026.
        Self { entries: 1_000_000, entry_bytes: 16 << 20, total_bytes: 4 << 30 }
    }
}

/// Why an export cannot be used. None of it is.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Not a zip at all: a page of a proxy, an empty file.
    #[error("it is not a zip file{0}")]
    NotZip(&'static str),
    /// A zip that is cut short or changed.
    #[error("the zip file is damaged: {0}")]
    Damaged(String),
    /// More than anybody would publish.
    #[error("{0}; an export of advisories is never that large")]
    TooLarge(String),
    /// The bytes could not be had.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// Adds every record of an export; each file is unpacked whole and its checksum compared.
pub fn read_export<R: Read + Seek>(
    mut reader: R,
    limits: &Limits,
    collection: &mut Collection,
) -> Result<(), ExportError> {
    if let Some(reason) = no_zip(&mut reader)? {
        return Err(ExportError::NotZip(reason));
    }
    let mut archive = ZipArchive::new(reader).map_err(damaged)?;
    if archive.len() > limits.entries {
        return Err(ExportError::TooLarge(format!("it holds {} files", archive.len())));
    }
    let mut left = limits.total_bytes;
    let mut json = Vec::new();
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(damaged)?;
        let name = entry.name().map_err(damaged)?.into_owned();
        if entry.is_dir() || !name.ends_with(".json") {
            continue;
        }
        // SECURITY: what is unpacked is counted, not what the zip says of itself.
        let most = limits.entry_bytes.min(left);
        json.clear();
        let size = entry
            .take(most + 1)
            .read_to_end(&mut json)
            .map_err(|error| ExportError::Damaged(format!("`{}`: {error}", name.escape_debug())))?
            as u64;
        if size > most {
            let what = if most == left { "all files together" } else { "one file" };
            return Err(ExportError::TooLarge(format!("{what} would be more than {most} bytes")));
        }
        left -= size;
        collection.add(&name, &json);
    }
    Ok(())
}

/// Why the first bytes are not those of a zip.
fn no_zip<R: Read + Seek>(reader: &mut R) -> io::Result<Option<&'static str>> {
    let mut head = Vec::new();
    reader.by_ref().take(64).read_to_end(&mut head)?;
    reader.rewind()?;
    let text = String::from_utf8_lossy(&head).trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    Ok(if head.starts_with(b"PK") {
        None
    } else if head.is_empty() {
        Some(", it is empty")
    } else if text.starts_with('<') {
        Some(", it is a web page; does a proxy stand in between?")
    } else {
        Some("")
    })
}

fn damaged(error: ZipError) -> ExportError {
    match error {
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => ExportError::Io(error),
        other => ExportError::Damaged(other.to_string()),
    }
}
