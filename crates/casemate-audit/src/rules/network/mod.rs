//! Connections to others, and what is believed about them.

use super::Entry;

pub(crate) const ENTRIES: &[Entry] = &[];
