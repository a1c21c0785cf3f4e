//! Django's settings as a whole.

use super::Entry;

pub(crate) const ENTRIES: &[Entry] = &[];
