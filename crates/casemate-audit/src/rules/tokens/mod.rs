//! What callers show to prove who they are.

pub(crate) mod bearer_token_unsigned;

use super::{Check, Entry};

pub(crate) const ENTRIES: &[Entry] = &[(&bearer_token_unsigned::RULE, &[Check::Module(bearer_token_unsigned::check)])];
