//! Secrets in the text.

use casemate_secrets::Leak;

use super::{Context, Entry};

pub(crate) const ENTRIES: &[Entry] = &[];

/// Every secret of a Python module: those of its text, and those that the syntax gives away.
pub(crate) fn leaks_of(context: &Context<'_>) -> Vec<Leak> {
    casemate_secrets::scan(&context.module.path, &context.module.text)
}
