//! Secrets that the role they play gives away: the value of a key that speaks of a password.

use crate::format::Format;
use crate::leak::Leak;

/// Finds them in a configuration file of this format.
pub(crate) fn find(_format: Format, _text: &str, _leaks: &mut Vec<Leak>) {}
