//! What is accepted, and how much of it.

use super::Entry;

pub(crate) const ENTRIES: &[Entry] = &[];
