//! Keys, ciphers and hashes.

pub(crate) mod hardcoded_crypto_key;

use super::{Check, Entry};

pub(crate) const ENTRIES: &[Entry] = &[(&hardcoded_crypto_key::RULE, &[Check::Module(hardcoded_crypto_key::check)])];
