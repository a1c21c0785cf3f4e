//! What each way a use case fails means in HTTP.

use casemate_model::access::Denied;
use casemate_service::Fault;
use casemate_service::cases::add_note::AddNoteError;
use casemate_service::cases::apply_action::ApplyActionError;
use casemate_service::cases::assign_case::AssignCaseError;
use casemate_service::cases::create_case::CreateCaseError;
use casemate_service::cases::edit_case::EditCaseError;
use casemate_service::cases::list_cases::ListCasesError;
use casemate_service::cases::name_readers::NameReadersError;
use casemate_service::cases::read_case::ReadCaseError;
use casemate_service::clients::create_client::CreateClientError;
use casemate_service::clients::list_clients::ListClientsError;
use casemate_service::clients::revoke_client::RevokeClientError;
use casemate_service::findings::decide_finding::DecideFindingError;
use casemate_service::findings::list_findings::ListFindingsError;
use casemate_service::findings::read_finding::ReadFindingError;
use casemate_service::findings::submit_scan::SubmitScanError;
use casemate_service::members::accept_invitation::AcceptInvitationError;
use casemate_service::members::change_role::ChangeRoleError;
use casemate_service::members::directory::DirectoryError;
use casemate_service::members::invite_member::InviteMemberError;
use casemate_service::members::list_members::ListMembersError;
use casemate_service::members::remove_member::RemoveMemberError;
use casemate_service::members::reset_password::ResetPasswordError;
use casemate_service::projects::list_projects::ListProjectsError;
use casemate_service::sessions::confirm_password::ConfirmPasswordError;
use casemate_service::sessions::sign_in::SignInError;
use casemate_service::sessions::switch_tenant::SwitchTenantError;
use casemate_service::setup::finish_setup::FinishSetupError;
use casemate_service::tenants::change_settings::ChangeSettingsError;
use casemate_service::trail::read_trail::ReadTrailError;
use casemate_service::trail::verify_trail::VerifyTrailError;

use super::{Code, Failure};

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let cause = std::error::Error::source(&fault).map(ToString::to_string).unwrap_or_default();
        tracing::error!(event = "sys_fault", cause, "unexpected error");
        if fault.is_passing() { Self::busy() } else { Self::new(Code::Internal) }
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotAllowed => Self::new(Code::Denied),
            Denied::NotFresh => Self::new(Code::ConfirmationNeeded),
        }
    }
}

/// `Denied` and `Fault` mean the same everywhere; what else can happen is listed with its code.
macro_rules! failures {
    ($($error:ident { $($pattern:pat => $make:expr;)* })*) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                let message = error.to_string();
                let _ = &message;
                match error {
                    $error::Denied(denied) => denied.into(),
                    $error::Fault(fault) => fault.into(),
                    $($pattern => $make(message),)*
                }
            }
        }
    )*};
}

/// The same for what nobody is denied.
macro_rules! open_failures {
    ($($error:ident { $($pattern:pat => $make:expr;)* })*) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                let message = error.to_string();
                match error {
                    $error::Fault(fault) => fault.into(),
                    $($pattern => $make(message),)*
                }
            }
        }
    )*};
}

fn missing(message: String) -> Failure {
    Failure::saying(Code::NotFound, message)
}

fn conflict(message: String) -> Failure {
    Failure::saying(Code::Conflict, message)
}

fn stale(message: String) -> Failure {
    Failure::saying(Code::Stale, message)
}

fn forbidden(message: String) -> Failure {
    Failure::saying(Code::Denied, message)
}

/// A field does not hold what it must.
fn bad(field: &'static str) -> impl Fn(String) -> Failure {
    move |message| Failure::field(field, message)
}

/// Too many attempts.
fn slow(retry_after_secs: u64) -> impl Fn(String) -> Failure {
    move |_| Failure::slow_down(retry_after_secs)
}

failures! {
    AddNoteError { AddNoteError::NotFound => missing; }
    ApplyActionError {
        ApplyActionError::NotFound => missing;
        ApplyActionError::NotPossible { .. } => conflict;
        ApplyActionError::Stale { .. } => stale;
        ApplyActionError::ResolutionNeeded => bad("resolution");
        ApplyActionError::BadResolution(_) => bad("resolution");
    }
    AssignCaseError {
        AssignCaseError::NotFound => missing;
        AssignCaseError::NotAssignable => bad("assignee");
        AssignCaseError::Closed => conflict;
        AssignCaseError::Stale { .. } => stale;
    }
    CreateCaseError {
        CreateCaseError::UnknownProject => bad("project");
        CreateCaseError::TooManyTags => bad("tags");
    }
    EditCaseError {
        EditCaseError::NotFound => missing;
        EditCaseError::Stale { .. } => stale;
        EditCaseError::Closed => conflict;
        EditCaseError::TooManyTags => bad("tags");
        EditCaseError::BadResolution(_) => bad("resolution");
    }
    ListCasesError {}
    NameReadersError {
        NameReadersError::NotFound => missing;
        NameReadersError::NotAMember => bad("readers");
        NameReadersError::Stale { .. } => stale;
    }
    ReadCaseError { ReadCaseError::NotFound => missing; }
    CreateClientError { CreateClientError::NoScopes => bad("scopes"); }
    ListClientsError {}
    RevokeClientError { RevokeClientError::NotFound => missing; }
    DecideFindingError {
        DecideFindingError::NotFound => missing;
        DecideFindingError::Stale { .. } => stale;
    }
    ListFindingsError {}
    ReadFindingError { ReadFindingError::NotFound => missing; }
    SubmitScanError {
        SubmitScanError::NotSarif(_) => bad("report");
        SubmitScanError::TooManyResults { .. } => bad("report");
        SubmitScanError::BadText(_) => bad("branch");
    }
    ChangeRoleError {
        ChangeRoleError::NotFound => missing;
        ChangeRoleError::LastAdmin => conflict;
    }
    DirectoryError {}
    InviteMemberError { InviteMemberError::AlreadyMember(_) => conflict; }
    ListMembersError {}
    RemoveMemberError {
        RemoveMemberError::NotFound => missing;
        RemoveMemberError::LastAdmin => conflict;
    }
    ListProjectsError {}
    ChangeSettingsError {}
    ReadTrailError {}
    VerifyTrailError {}
}

open_failures! {
    AcceptInvitationError {
        AcceptInvitationError::BadLink => missing;
        AcceptInvitationError::NameNeeded => bad("name");
        AcceptInvitationError::Password(_) => bad("password");
        AcceptInvitationError::Refused => bad("password");
        AcceptInvitationError::SlowDown { retry_after_secs } => slow(retry_after_secs);
    }
    ResetPasswordError {
        ResetPasswordError::BadLink => missing;
        ResetPasswordError::Password(_) => bad("password");
    }
    ConfirmPasswordError {
        ConfirmPasswordError::Refused => bad("password");
        ConfirmPasswordError::SlowDown { retry_after_secs } => slow(retry_after_secs);
    }
    SignInError {
        SignInError::Refused => bad("password");
        SignInError::SlowDown { retry_after_secs } => slow(retry_after_secs);
        SignInError::NoTenant => forbidden;
    }
    SwitchTenantError { SwitchTenantError::NotFound => missing; }
    FinishSetupError {
        FinishSetupError::BadLink => missing;
        FinishSetupError::Password(_) => bad("password");
    }
}
