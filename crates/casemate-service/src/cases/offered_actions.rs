//! What the caller could do with a case now: what the state table has and the policies allow. For showing buttons.

use casemate_model::case::{Case, CaseAction};

use crate::{Asking, Service};

/// What to offer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offered {
    /// Status changes, in the order of [`CaseAction::OFFERED`].
    pub actions: Vec<CaseAction>,
    /// Title, description, tags, due date, resolution.
    pub may_edit: bool,
    /// Severity.
    pub may_set_severity: bool,
    /// Assignee.
    pub may_assign: bool,
    /// Notes.
    pub may_add_note: bool,
    /// Readers.
    pub may_name_readers: bool,
}

/// What to offer to this caller on this case, in a tenant with this four-eyes setting.
pub fn offered_actions(_service: &Service, _asking: &Asking, _case: &Case, _four_eyes: bool) -> Offered {
    todo!()
}

/// What to offer to this caller in their tenant: menu entries and buttons outside a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfferedInTenant {
    /// Open cases.
    pub may_create_case: bool,
    /// Hand in scans.
    pub may_submit_scan: bool,
    /// Members.
    pub may_manage_members: bool,
    /// Clients.
    pub may_manage_clients: bool,
    /// Settings.
    pub may_change_settings: bool,
    /// Audit trail.
    pub may_read_audit: bool,
}

/// What to offer outside a case.
pub fn offered_in_tenant(_service: &Service, _asking: &Asking) -> OfferedInTenant {
    todo!()
}
