//! Who is calling, and how that is found out.

pub(crate) mod admin_route_unprotected;
pub(crate) mod assert_for_security;
pub(crate) mod authentication_fails_open;
pub(crate) mod authentication_stub;
pub(crate) mod basic_auth_over_http;
pub(crate) mod credentials_in_query;
pub(crate) mod default_credentials;
pub(crate) mod default_secret_fallback;
pub(crate) mod endpoint_without_authentication;
pub(crate) mod guards;
pub(crate) mod inconsistent_protection;
pub(crate) mod kdf_weak_parameters;
pub(crate) mod ldap_anonymous_bind;
pub(crate) mod login_no_rate_limit;
pub(crate) mod logout_leaves_token;
pub(crate) mod oauth_state_missing;
pub(crate) mod optional_identity_ignored;
pub(crate) mod pam_account_unchecked;
pub(crate) mod password_policy_missing;
pub(crate) mod password_stored_or_compared_plain;
pub(crate) mod password_weak_hash;
pub(crate) mod recovery_token_weak;
pub(crate) mod saml_signature_weak;
pub(crate) mod session_fixation;
pub(crate) mod session_lifetime;
pub(crate) mod timing_unsafe_compare;
pub(crate) mod user_enumeration;
pub(crate) mod webhook_unsigned;

use super::{Check, Entry};

pub(crate) use guards::{is_login, route_words};

pub(crate) const ENTRIES: &[Entry] = &[
    (&endpoint_without_authentication::RULE, &[Check::Module(endpoint_without_authentication::check)]),
    (&admin_route_unprotected::RULE, &[Check::Module(admin_route_unprotected::check)]),
    (&authentication_stub::RULE, &[Check::Module(authentication_stub::check)]),
    (&authentication_fails_open::RULE, &[Check::Module(authentication_fails_open::check)]),
    (&inconsistent_protection::RULE, &[Check::Module(inconsistent_protection::check)]),
    (&optional_identity_ignored::RULE, &[Check::Module(optional_identity_ignored::check)]),
    (&assert_for_security::RULE, &[Check::Module(assert_for_security::check)]),
    (&login_no_rate_limit::RULE, &[Check::Module(login_no_rate_limit::check)]),
    (&password_stored_or_compared_plain::RULE, &[Check::Module(password_stored_or_compared_plain::check)]),
    (&password_weak_hash::RULE, &[Check::Module(password_weak_hash::check)]),
    (&kdf_weak_parameters::RULE, &[Check::Module(kdf_weak_parameters::check)]),
    (&timing_unsafe_compare::RULE, &[Check::Module(timing_unsafe_compare::check)]),
    (&password_policy_missing::RULE, &[Check::Module(password_policy_missing::check)]),
    (&default_credentials::RULE, &[Check::Module(default_credentials::check)]),
    (&user_enumeration::RULE, &[Check::Module(user_enumeration::check)]),
    (&recovery_token_weak::RULE, &[Check::Module(recovery_token_weak::check)]),
    (&session_fixation::RULE, &[Check::Module(session_fixation::check)]),
    (&session_lifetime::RULE, &[Check::Module(session_lifetime::check)]),
    (&logout_leaves_token::RULE, &[Check::Module(logout_leaves_token::check)]),
    (&credentials_in_query::RULE, &[Check::Module(credentials_in_query::check)]),
    (&basic_auth_over_http::RULE, &[Check::Module(basic_auth_over_http::check)]),
    (
        &ldap_anonymous_bind::RULE,
        &[Check::Module(ldap_anonymous_bind::check), Check::Taint(&ldap_anonymous_bind::EMPTY)],
    ),
    (&pam_account_unchecked::RULE, &[Check::Module(pam_account_unchecked::check)]),
    (&oauth_state_missing::RULE, &[Check::Module(oauth_state_missing::check)]),
    (&webhook_unsigned::RULE, &[Check::Module(webhook_unsigned::check)]),
    (&saml_signature_weak::RULE, &[Check::Module(saml_signature_weak::check)]),
    (&default_secret_fallback::RULE, &[Check::Module(default_secret_fallback::check)]),
];
