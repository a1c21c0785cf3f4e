//! Who may do what with which object.

pub(crate) mod acts;
pub(crate) mod background_job_unchecked;
pub(crate) mod check_after_effect;
pub(crate) mod excess_data_returned;
pub(crate) mod field_level_authorization;
pub(crate) mod graphql_resolver_unprotected;
pub(crate) mod identity_from_client;
pub(crate) mod mass_assignment;
pub(crate) mod object_owner_unchecked;
pub(crate) mod path_based_authorization;
pub(crate) mod permission_allow_any;
pub(crate) mod queryset_unscoped;
pub(crate) mod standing;
pub(crate) mod state_change_on_get;
pub(crate) mod tenant_filter_missing;
pub(crate) mod websocket_unauthenticated;

use super::{Check, Entry};

pub(crate) const ENTRIES: &[Entry] = &[
    (&object_owner_unchecked::RULE, &[Check::Module(object_owner_unchecked::check)]),
    (&tenant_filter_missing::RULE, &[Check::Module(tenant_filter_missing::check)]),
    (&mass_assignment::RULE, &[Check::Module(mass_assignment::check)]),
    (&excess_data_returned::RULE, &[Check::Module(excess_data_returned::check)]),
    (&identity_from_client::RULE, &[Check::Module(identity_from_client::check)]),
    (&permission_allow_any::RULE, &[Check::Module(permission_allow_any::check)]),
    (&queryset_unscoped::RULE, &[Check::Module(queryset_unscoped::check)]),
    (&background_job_unchecked::RULE, &[Check::Module(background_job_unchecked::check)]),
    (&state_change_on_get::RULE, &[Check::Module(state_change_on_get::check)]),
    (&path_based_authorization::RULE, &[Check::Module(path_based_authorization::check)]),
    (&check_after_effect::RULE, &[Check::Module(check_after_effect::check)]),
    (&graphql_resolver_unprotected::RULE, &[Check::Module(graphql_resolver_unprotected::check)]),
    (&websocket_unauthenticated::RULE, &[Check::Module(websocket_unauthenticated::check)]),
    (&field_level_authorization::RULE, &[Check::Module(field_level_authorization::check)]),
];
