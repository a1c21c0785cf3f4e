//! Who is calling, and how that is found out.

pub(crate) mod admin_route_unprotected;
pub(crate) mod credentials_in_query;
pub(crate) mod default_secret_fallback;
pub(crate) mod endpoint_without_authentication;
pub(crate) mod guards;
pub(crate) mod inconsistent_protection;
pub(crate) mod login_no_rate_limit;
pub(crate) mod logout_leaves_token;
pub(crate) mod optional_identity_ignored;
pub(crate) mod password_weak_hash;
pub(crate) mod session_fixation;
pub(crate) mod timing_unsafe_compare;
pub(crate) mod webhook_unsigned;

use super::{Check, Entry};

pub(crate) use guards::{is_login, route_words};

pub(crate) const ENTRIES: &[Entry] = &[
    (&endpoint_without_authentication::RULE, &[Check::Module(endpoint_without_authentication::check)]),
    (&admin_route_unprotected::RULE, &[Check::Module(admin_route_unprotected::check)]),
    (&inconsistent_protection::RULE, &[Check::Module(inconsistent_protection::check)]),
    (&optional_identity_ignored::RULE, &[Check::Module(optional_identity_ignored::check)]),
    (&login_no_rate_limit::RULE, &[Check::Module(login_no_rate_limit::check)]),
    (&password_weak_hash::RULE, &[Check::Module(password_weak_hash::check)]),
    (&timing_unsafe_compare::RULE, &[Check::Module(timing_unsafe_compare::check)]),
    (&session_fixation::RULE, &[Check::Module(session_fixation::check)]),
    (&logout_leaves_token::RULE, &[Check::Module(logout_leaves_token::check)]),
    (&credentials_in_query::RULE, &[Check::Module(credentials_in_query::check)]),
    (&webhook_unsigned::RULE, &[Check::Module(webhook_unsigned::check)]),
    (&default_secret_fallback::RULE, &[Check::Module(default_secret_fallback::check)]),
];
