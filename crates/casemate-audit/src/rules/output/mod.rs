//! What reaches a browser, and where it is sent.

use super::Entry;

pub(crate) const ENTRIES: &[Entry] = &[];
