//! What the project depends on.

pub(crate) mod abandoned_or_yanked;
mod build_backend_risk;
mod dependency_confusion;
mod deployment;
mod index_options;
mod insecure_index;
pub(crate) mod known;
mod lock_drift;
pub(crate) mod malicious_package;
mod mutable_source;
mod phantom_dependency;
mod python_end_of_life;
pub(crate) mod setup_py;
mod typosquat;
mod unhashed_dependency;
mod unpinned_dependency;
pub(crate) mod vex_stale;
pub(crate) mod vulnerable_and_reachable;
pub(crate) mod vulnerable_dependency;

use super::{Check, Entry};

pub(crate) const ENTRIES: &[Entry] = &[
    (&vulnerable_dependency::RULE, &[Check::Project(vulnerable_dependency::check)]),
    (&vulnerable_and_reachable::RULE, &[Check::Module(vulnerable_and_reachable::check)]),
    (&malicious_package::RULE, &[Check::Project(malicious_package::check)]),
    (&unpinned_dependency::RULE, &[Check::Project(unpinned_dependency::check)]),
    (&unhashed_dependency::RULE, &[Check::Project(unhashed_dependency::check)]),
    (&typosquat::RULE, &[Check::Project(typosquat::check)]),
    (
        &dependency_confusion::RULE,
        &[Check::Project(dependency_confusion::check), Check::Text(dependency_confusion::check_text)],
    ),
    (&phantom_dependency::RULE, &[Check::Project(phantom_dependency::check)]),
    (&abandoned_or_yanked::RULE, &[Check::Project(abandoned_or_yanked::check)]),
    (&lock_drift::RULE, &[Check::Project(lock_drift::check)]),
    (&mutable_source::RULE, &[Check::Project(mutable_source::check)]),
    (&insecure_index::RULE, &[Check::Project(insecure_index::check), Check::Text(insecure_index::check_text)]),
    (
        &build_backend_risk::RULE,
        &[Check::Module(build_backend_risk::check_module), Check::Project(build_backend_risk::check)],
    ),
    (
        &python_end_of_life::RULE,
        &[Check::Project(python_end_of_life::check), Check::Text(python_end_of_life::check_text)],
    ),
    // Asked by the audit itself, which alone knows what was settled.
    (&vex_stale::RULE, &[]),
];
