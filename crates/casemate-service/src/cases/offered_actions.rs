//! What the caller could do with a case now: what the state table has and the policies allow. For showing buttons.

use casemate_model::access::{
    self, AddNote, AssignCase, CaseFacts, ChangeSettings, CreateCase, EditCase, ManageClients, ManageMembers,
    NameReaders, ReadAudit, SetSeverity, SubmitScan, TenantFacts,
};
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
pub fn offered_actions(service: &Service, asking: &Asking, case: &Case, four_eyes: bool) -> Offered {
    let facts = CaseFacts::of(case, four_eyes);
    let (access, caller) = (service.access(), &asking.caller);
    let is_open = !case.status.is_closed();
    let actions = CaseAction::OFFERED.into_iter().filter(|action| {
        case.status.after(*action).is_some() && access.may(caller, &access::ApplyAction(*action), &facts)
    });
    Offered {
        actions: actions.collect(),
        may_edit: is_open && access.may(caller, &EditCase, &facts),
        may_set_severity: is_open && access.may(caller, &SetSeverity, &facts),
        may_assign: is_open && access.may(caller, &AssignCase, &facts),
        may_add_note: access.may(caller, &AddNote, &facts),
        may_name_readers: access.may(caller, &NameReaders, &facts),
    }
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
pub fn offered_in_tenant(service: &Service, asking: &Asking) -> OfferedInTenant {
    let facts = TenantFacts { id: asking.caller.tenant() };
    let (access, caller) = (service.access(), &asking.caller);
    OfferedInTenant {
        may_create_case: access.may(caller, &CreateCase, &facts),
        may_submit_scan: access.may(caller, &SubmitScan, &facts),
        may_manage_members: access.may(caller, &ManageMembers, &facts),
        may_manage_clients: access.may(caller, &ManageClients, &facts),
        may_change_settings: access.may(caller, &ChangeSettings, &facts),
        may_read_audit: access.may(caller, &ReadAudit, &facts),
    }
}
