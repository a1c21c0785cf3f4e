//! Secrets that the role they play gives away: the value of a key that speaks of a password.

mod judge;
mod name;

use crate::format::Format;
use crate::leak::Leak;
use crate::path::Surroundings;

pub use judge::{Binding, Bound, Verdict, judge};
pub use name::{NameKind, secret_name};

/// Finds them in a configuration file of this format.
pub(crate) fn find(_format: Format, _surroundings: Surroundings, _text: &str, _leaks: &mut Vec<Leak>) {}
