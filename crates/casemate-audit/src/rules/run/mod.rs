//! About the run itself.

pub(crate) mod analysis_incomplete;
pub(crate) mod suppression_without_reason;

use super::Entry;

/// Both are asked by the audit itself, once it knows what the run came to.
pub(crate) const ENTRIES: &[Entry] = &[(&suppression_without_reason::RULE, &[]), (&analysis_incomplete::RULE, &[])];
