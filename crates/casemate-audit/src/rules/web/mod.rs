//! How a web application is set up.

pub(crate) mod cookie_from_input;
pub(crate) mod framework_secret_hardcoded;

use super::{Check, Entry};

pub(crate) const ENTRIES: &[Entry] = &[
    (&cookie_from_input::RULE, &[Check::Taint(&cookie_from_input::TAINT)]),
    (&framework_secret_hardcoded::RULE, &[Check::Module(framework_secret_hardcoded::check)]),
];
