//! What callers show to prove who they are.

pub(crate) mod bearer_token_unsigned;

use super::Entry;

pub(crate) const ENTRIES: &[Entry] = &[(&bearer_token_unsigned::RULE, Some(bearer_token_unsigned::check))];
