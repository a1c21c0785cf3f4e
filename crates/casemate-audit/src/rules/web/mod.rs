//! How a web application is set up.

pub(crate) mod framework_secret_hardcoded;

use super::{Check, Entry};

pub(crate) const ENTRIES: &[Entry] =
    &[(&framework_secret_hardcoded::RULE, &[Check::Module(framework_secret_hardcoded::check)])];
