//! Bytes that become objects, XML and archives.

use super::Entry;

pub(crate) const ENTRIES: &[Entry] = &[];
