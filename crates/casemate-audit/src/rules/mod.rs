//! The catalogue: one rule one file, each with the page that explains and tests it.

use crate::rule::Rule;

/// Every rule, by id.
pub static ALL: &[&Rule] = &[];

/// The rule with this id or name.
pub fn find(id_or_name: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.id.eq_ignore_ascii_case(id_or_name) || rule.name == id_or_name)
}
