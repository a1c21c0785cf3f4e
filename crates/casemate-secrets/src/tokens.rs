//! Secrets that their own form gives away: provider tokens, private keys, connection strings.

use crate::leak::Leak;

/// Finds them in any text.
pub(crate) fn find(_text: &str, _leaks: &mut Vec<Leak>) {}
