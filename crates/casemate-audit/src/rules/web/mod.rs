//! How a web application is set up.

pub(crate) mod allowed_hosts_wildcard;
pub(crate) mod api_docs_exposed;
mod configured;
pub(crate) mod cookie_auth_without_csrf;
pub(crate) mod cookie_from_input;
pub(crate) mod cookie_not_httponly;
pub(crate) mod cookie_not_secure;
pub(crate) mod cookie_samesite;
pub(crate) mod cookies;
pub(crate) mod cors_credentials_wildcard;
pub(crate) mod csrf_disabled;
pub(crate) mod csrf_token_missing;
pub(crate) mod debug_server_in_production;
pub(crate) mod directory_listing;
pub(crate) mod framework_secret_hardcoded;
pub(crate) mod graphql_introspection;
pub(crate) mod graphql_unlimited;
pub(crate) mod insecure_default;
mod middleware;
pub(crate) mod sensitive_file_served;
pub(crate) mod sensitive_response_cached;

use super::{Check, Entry};

pub(crate) const ENTRIES: &[Entry] = &[
    (&cookie_not_secure::RULE, &[Check::Module(cookie_not_secure::check)]),
    (&cookie_not_httponly::RULE, &[Check::Module(cookie_not_httponly::check)]),
    (&cookie_samesite::RULE, &[Check::Module(cookie_samesite::check)]),
    (&cookie_from_input::RULE, &[Check::Taint(&cookie_from_input::TAINT), Check::Module(cookie_from_input::check)]),
    (&cors_credentials_wildcard::RULE, &[Check::Module(cors_credentials_wildcard::check)]),
    (&csrf_disabled::RULE, &[Check::Module(csrf_disabled::check)]),
    (&csrf_token_missing::RULE, &[Check::Text(csrf_token_missing::check_text)]),
    (&cookie_auth_without_csrf::RULE, &[Check::Module(cookie_auth_without_csrf::check)]),
    (
        &debug_server_in_production::RULE,
        &[Check::Module(debug_server_in_production::check), Check::Text(debug_server_in_production::check_text)],
    ),
    (&insecure_default::RULE, &[Check::Module(insecure_default::check)]),
    (&api_docs_exposed::RULE, &[Check::Module(api_docs_exposed::check)]),
    (&graphql_introspection::RULE, &[Check::Module(graphql_introspection::check)]),
    (&graphql_unlimited::RULE, &[Check::Module(graphql_unlimited::check)]),
    (&directory_listing::RULE, &[Check::Module(directory_listing::check)]),
    (&framework_secret_hardcoded::RULE, &[Check::Module(framework_secret_hardcoded::check)]),
    (&allowed_hosts_wildcard::RULE, &[Check::Module(allowed_hosts_wildcard::check)]),
    (&sensitive_response_cached::RULE, &[Check::Module(sensitive_response_cached::check)]),
    (&sensitive_file_served::RULE, &[Check::Text(sensitive_file_served::check_text)]),
];
