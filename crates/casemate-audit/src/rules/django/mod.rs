//! Django's settings as a whole.

pub(crate) mod django_middleware_missing;
pub(crate) mod django_password_hashers;
pub(crate) mod django_production_settings_unreachable;
pub(crate) mod django_session_serializer;
pub(crate) mod django_transport_settings;
pub(crate) mod django_trusted_origins;
pub(crate) mod django_upload_limits;
pub(crate) mod settings;

use super::{Check, Entry};

pub(crate) const ENTRIES: &[Entry] = &[
    (&django_transport_settings::RULE, &[Check::Module(django_transport_settings::check)]),
    (&django_middleware_missing::RULE, &[Check::Module(django_middleware_missing::check)]),
    (&django_password_hashers::RULE, &[Check::Module(django_password_hashers::check)]),
    (&django_session_serializer::RULE, &[Check::Module(django_session_serializer::check)]),
    (&django_trusted_origins::RULE, &[Check::Module(django_trusted_origins::check)]),
    (&django_upload_limits::RULE, &[Check::Module(django_upload_limits::check)]),
    (&django_production_settings_unreachable::RULE, &[Check::Module(django_production_settings_unreachable::check)]),
];
