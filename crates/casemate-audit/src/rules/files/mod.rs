//! Paths, uploads and what is kept on disk.

use super::Entry;

pub(crate) const ENTRIES: &[Entry] = &[];
