//! What callers show to prove who they are.

pub(crate) mod bearer_token_unsigned;
mod calls;
pub(crate) mod jwt_alg_none;
pub(crate) mod jwt_algorithm_confusion;
pub(crate) mod jwt_claims_unchecked;
pub(crate) mod jwt_hardcoded_secret;
pub(crate) mod jwt_header_key_source;
pub(crate) mod jwt_no_expiry;
pub(crate) mod jwt_sensitive_payload;
pub(crate) mod jwt_signature_unchecked;
pub(crate) mod jwt_weak_secret;
pub(crate) mod signed_value_no_age;
pub(crate) mod token_lifetime_excessive;
pub(crate) mod token_type_unchecked;

use super::{Check, Entry};

pub(crate) const ENTRIES: &[Entry] = &[
    (&jwt_alg_none::RULE, &[Check::Module(jwt_alg_none::check)]),
    (&jwt_signature_unchecked::RULE, &[Check::Module(jwt_signature_unchecked::check)]),
    (&jwt_algorithm_confusion::RULE, &[Check::Module(jwt_algorithm_confusion::check)]),
    (&jwt_hardcoded_secret::RULE, &[Check::Module(jwt_hardcoded_secret::check)]),
    (&jwt_weak_secret::RULE, &[Check::Module(jwt_weak_secret::check)]),
    (&jwt_no_expiry::RULE, &[Check::Module(jwt_no_expiry::check)]),
    (&jwt_claims_unchecked::RULE, &[Check::Module(jwt_claims_unchecked::check)]),
    (&token_lifetime_excessive::RULE, &[Check::Module(token_lifetime_excessive::check)]),
    (&jwt_sensitive_payload::RULE, &[Check::Module(jwt_sensitive_payload::check)]),
    (&jwt_header_key_source::RULE, &[Check::Taint(&jwt_header_key_source::TAINT)]),
    (&token_type_unchecked::RULE, &[Check::Module(token_type_unchecked::check)]),
    (&signed_value_no_age::RULE, &[Check::Module(signed_value_no_age::check)]),
    (&bearer_token_unsigned::RULE, &[Check::Module(bearer_token_unsigned::check)]),
];
