//! Who may do what with which object.

use super::Entry;

pub(crate) const ENTRIES: &[Entry] = &[];
