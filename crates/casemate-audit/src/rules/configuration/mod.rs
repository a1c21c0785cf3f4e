//! Containers, workflows, servers and what else configures a project.

use super::Entry;

pub(crate) const ENTRIES: &[Entry] = &[];
