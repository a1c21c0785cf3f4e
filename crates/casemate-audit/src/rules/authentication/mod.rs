//! Who is calling, and how that is found out.

pub(crate) mod admin_route_unprotected;
pub(crate) mod credentials_in_query;
pub(crate) mod default_secret_fallback;
mod guards;
pub(crate) mod login_no_rate_limit;
pub(crate) mod password_weak_hash;
pub(crate) mod timing_unsafe_compare;

use super::{Check, Entry};

pub(crate) use guards::{is_login, route_words};

pub(crate) const ENTRIES: &[Entry] = &[
    (&admin_route_unprotected::RULE, &[Check::Module(admin_route_unprotected::check)]),
    (&login_no_rate_limit::RULE, &[Check::Module(login_no_rate_limit::check)]),
    (&password_weak_hash::RULE, &[Check::Module(password_weak_hash::check)]),
    (&timing_unsafe_compare::RULE, &[Check::Module(timing_unsafe_compare::check)]),
    (&credentials_in_query::RULE, &[Check::Module(credentials_in_query::check)]),
    (&default_secret_fallback::RULE, &[Check::Module(default_secret_fallback::check)]),
];
