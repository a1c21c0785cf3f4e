//! What is accepted, and how much of it.

mod automaton;
mod models;
pub(crate) mod nan_injection;
mod numbers;
pub(crate) mod numeric_range_missing;
pub(crate) mod overly_permissive_model;
mod patterns;
pub(crate) mod race_on_balance;
pub(crate) mod redos;
pub(crate) mod redos_reachable;
mod sizes;
pub(crate) mod unbounded_allocation;
pub(crate) mod unbounded_pagination;
pub(crate) mod unbounded_string;
pub(crate) mod unicode_bypass;
pub(crate) mod untyped_body;
pub(crate) mod weak_validation_regex;

use super::{Check, Entry};

pub(crate) const ENTRIES: &[Entry] = &[
    (&untyped_body::RULE, &[Check::Module(untyped_body::check)]),
    (&unbounded_string::RULE, &[Check::Module(unbounded_string::check)]),
    (&unbounded_pagination::RULE, &[Check::Module(unbounded_pagination::check)]),
    (&unbounded_allocation::RULE, &[Check::Module(unbounded_allocation::check)]),
    (&redos::RULE, &[Check::Module(redos::check)]),
    (&redos_reachable::RULE, &[Check::Module(redos_reachable::check)]),
    (&weak_validation_regex::RULE, &[Check::Module(weak_validation_regex::check)]),
    (&nan_injection::RULE, &[Check::Module(nan_injection::check)]),
    (&unicode_bypass::RULE, &[Check::Module(unicode_bypass::check)]),
    (&numeric_range_missing::RULE, &[Check::Module(numeric_range_missing::check)]),
    (&race_on_balance::RULE, &[Check::Module(race_on_balance::check)]),
    (&overly_permissive_model::RULE, &[Check::Module(overly_permissive_model::check)]),
];

/// Code in a message, cut where it gets long.
fn shown(code: &str) -> String {
    let folded = super::fold(code);
    if folded.chars().count() <= 60 {
        return folded;
    }
    let mut cut: String = folded.chars().take(57).collect();
    cut.push('…');
    cut
}
