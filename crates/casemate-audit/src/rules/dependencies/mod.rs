//! What the project depends on.

use super::Entry;

pub(crate) const ENTRIES: &[Entry] = &[];
