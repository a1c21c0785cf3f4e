//! What callers show to prove who they are.

pub(crate) mod bearer_token_unsigned;
pub(crate) mod jwt_hardcoded_secret;

use super::{Check, Entry};

pub(crate) const ENTRIES: &[Entry] = &[
    (&jwt_hardcoded_secret::RULE, &[Check::Module(jwt_hardcoded_secret::check)]),
    (&bearer_token_unsigned::RULE, &[Check::Module(bearer_token_unsigned::check)]),
];
