//! Language models, and the tools they may use.

use super::Entry;

pub(crate) const ENTRIES: &[Entry] = &[];
