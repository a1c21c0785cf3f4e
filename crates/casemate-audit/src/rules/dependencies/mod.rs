//! What the project depends on.

pub(crate) mod abandoned_or_yanked;
pub(crate) mod known;
pub(crate) mod malicious_package;
pub(crate) mod vex_stale;
pub(crate) mod vulnerable_and_reachable;
pub(crate) mod vulnerable_dependency;

use super::{Check, Entry};

pub(crate) const ENTRIES: &[Entry] = &[
    (&vulnerable_dependency::RULE, &[Check::Project(vulnerable_dependency::check)]),
    (&vulnerable_and_reachable::RULE, &[Check::Module(vulnerable_and_reachable::check)]),
    (&malicious_package::RULE, &[Check::Project(malicious_package::check)]),
    (&abandoned_or_yanked::RULE, &[Check::Project(abandoned_or_yanked::check)]),
    // Asked by the audit itself, which alone knows what was settled.
    (&vex_stale::RULE, &[]),
];
