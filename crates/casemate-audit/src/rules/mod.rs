//! The catalogue: one rule one file, each with the page that explains and tests it.

pub(crate) mod authentication;
mod context;
pub(crate) mod injection;
pub(crate) mod run;
pub(crate) mod tokens;

pub(crate) use context::{Context, Reported, WebIndex, fold};

use crate::rule::Rule;
use crate::settings::Settings;

/// What a rule asks of one module.
type Check = fn(&mut Context<'_>);

/// A rule with its question; rules about the run itself are asked elsewhere.
type Entry = (&'static Rule, Option<Check>);

/// Every rule, by id.
pub static ALL: &[&Rule] = &[
    &authentication::admin_route_unprotected::RULE,
    &authentication::login_no_rate_limit::RULE,
    &authentication::password_weak_hash::RULE,
    &authentication::timing_unsafe_compare::RULE,
    &authentication::credentials_in_query::RULE,
    &run::suppression_without_reason::RULE,
    &run::analysis_incomplete::RULE,
    &injection::sql_injection::RULE,
    &injection::sql_string_built::RULE,
    &injection::sqlalchemy_text_injection::RULE,
    &tokens::bearer_token_unsigned::RULE,
];

/// The rule with this id or name.
pub fn find(id_or_name: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.id.eq_ignore_ascii_case(id_or_name) || rule.name == id_or_name)
}

/// Asks every wanted rule about the module of the context.
pub(crate) fn check(context: &mut Context<'_>, settings: &Settings) {
    for group in [authentication::ENTRIES, injection::ENTRIES, tokens::ENTRIES] {
        for (rule, check) in group {
            if let Some(check) = check
                && settings.wants(rule)
            {
                check(context);
            }
        }
    }
}
