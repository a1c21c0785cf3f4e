//! Tenants and their settings.

pub mod change_settings;
pub mod create_tenant;
