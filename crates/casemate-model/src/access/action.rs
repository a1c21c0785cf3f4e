//! What can be done, to what, and what the policies need to know about it.

use crate::case::{Case, CaseAction};
use crate::id::{CaseId, FindingId, TenantId, UserId};

/// One thing somebody may want to do.
pub trait Action: std::fmt::Debug {
    /// What it is done to, with the facts the policies ask for.
    type Object: Object;

    /// Its name in the policies and in the audit trail.
    fn name(&self) -> &'static str;
}

/// Something the policies know.
pub trait Object: std::fmt::Debug {
    /// Whose it is.
    fn tenant(&self) -> TenantId;
    /// As the policies see it.
    fn resource(&self) -> Resource<'_>;
}

/// The kinds of things the policies know.
#[derive(Debug)]
pub enum Resource<'a> {
    /// A tenant as a whole.
    Tenant(&'a TenantFacts),
    /// A case.
    Case(&'a CaseFacts),
    /// A finding.
    Finding(&'a FindingFacts),
}

/// A tenant as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TenantFacts {
    /// Which.
    pub id: TenantId,
}

/// What the policies ask about a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFacts {
    /// Which.
    pub id: CaseId,
    /// Whose.
    pub tenant: TenantId,
    /// The person who opened it, if it was one.
    pub opener: Option<UserId>,
    /// Who works on it.
    pub assignee: Option<UserId>,
    /// Who approved its closure.
    pub approver: Option<UserId>,
    /// Whether the tenant wants two pairs of eyes.
    pub four_eyes: bool,
}

impl CaseFacts {
    /// Of this case, in a tenant with this setting.
    pub fn of(case: &Case, four_eyes: bool) -> Self {
        let opener = match case.opened_by {
            super::Actor::Member(user) => Some(user),
            _ => None,
        };
        Self {
            id: case.id,
            tenant: case.tenant,
            opener,
            assignee: case.assignee,
            approver: case.approved_by,
            four_eyes,
        }
    }
}

/// What the policies ask about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FindingFacts {
    /// Which.
    pub id: FindingId,
    /// Whose.
    pub tenant: TenantId,
    /// Who works on the case opened from it.
    pub assignee: Option<UserId>,
}

impl Object for TenantFacts {
    fn tenant(&self) -> TenantId {
        self.id
    }
    fn resource(&self) -> Resource<'_> {
        Resource::Tenant(self)
    }
}

impl Object for CaseFacts {
    fn tenant(&self) -> TenantId {
        self.tenant
    }
    fn resource(&self) -> Resource<'_> {
        Resource::Case(self)
    }
}

impl Object for FindingFacts {
    fn tenant(&self) -> TenantId {
        self.tenant
    }
    fn resource(&self) -> Resource<'_> {
        Resource::Finding(self)
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident on $object:ty = $word:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name;

        impl Action for $name {
            type Object = $object;

            fn name(&self) -> &'static str {
                $word
            }
        }
    )*};
}

actions! {
    /// Open a case.
    CreateCase on TenantFacts = "case_create";
    /// Change title, description, tags, due date or proposed resolution.
    EditCase on CaseFacts = "case_edit";
    /// Change the severity.
    SetSeverity on CaseFacts = "case_set_severity";
    /// Give it to somebody, or to nobody.
    AssignCase on CaseFacts = "case_assign";
    /// Restrict it to named members.
    NameReaders on CaseFacts = "case_name_readers";
    /// Write a note.
    AddNote on CaseFacts = "case_add_note";
    /// Decide about a finding.
    DecideFinding on FindingFacts = "finding_decide";
    /// Hand in a scan report; make the project it is about.
    SubmitScan on TenantFacts = "scan_submit";
    /// Export cases.
    Export on TenantFacts = "export";
    /// Invite, change and remove members.
    ManageMembers on TenantFacts = "members_manage";
    /// Make and revoke API clients.
    ManageClients on TenantFacts = "clients_manage";
    /// Change the tenant's settings.
    ChangeSettings on TenantFacts = "settings_change";
    /// Read the audit trail.
    ReadAudit on TenantFacts = "audit_read";
    /// Verify the audit trail.
    VerifyAudit on TenantFacts = "audit_verify";
}

/// Change the status of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApplyAction(pub CaseAction);

impl Action for ApplyAction {
    type Object = CaseFacts;

    fn name(&self) -> &'static str {
        match self.0 {
            CaseAction::StartReview => "case_start_review",
            CaseAction::RequestEvidence => "case_request_evidence",
            CaseAction::ProvideEvidence => "case_provide_evidence",
            CaseAction::Escalate => "case_escalate",
            CaseAction::ApproveClosure => "case_approve_closure",
            CaseAction::RejectClosure => "case_reject_closure",
            CaseAction::Close => "case_close",
            CaseAction::Reopen => "case_reopen",
            CaseAction::CloseGone => "case_close_gone",
            CaseAction::VoidApproval => "case_void_approval",
        }
    }
}
