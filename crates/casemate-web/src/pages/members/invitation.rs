//! The page behind an invitation link.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use casemate_model::text::PersonName;
use casemate_service::members::accept_invitation::{
    AcceptInvitation, AcceptInvitationError, InvitationView, accept_invitation, read_invitation,
};
use casemate_service::{Origin, SecretText};

use crate::csrf::{Guest, GuestToken};
use crate::failure::Failure;
use crate::pages::answer;
use crate::pages::bad_link::bad_link;
use crate::pages::done::{self, Done};
use crate::pages::form::{Fields, Sheet};
use crate::session::set_cookie;
use crate::state::AppState;

const ASK_FOR: &str = "Ask whoever invited you for a new invitation. Links are good for 30 minutes and work once.";

#[derive(Template)]
#[template(path = "members/invitation.html")]
struct InvitationPage {
    csrf: String,
    tenant: String,
    email: String,
    role: &'static str,
    has_account: bool,
    sheet: Sheet,
}

impl InvitationPage {
    fn of(invitation: &InvitationView, csrf: String, sheet: Sheet) -> Self {
        Self {
            csrf,
            tenant: invitation.tenant.to_string(),
            email: invitation.email.to_string(),
            role: invitation.role.label(),
            has_account: invitation.has_account,
            sheet,
        }
    }
}

/// Shows what the link invites to.
pub(crate) async fn show_invitation(
    State(state): State<AppState>,
    guest: GuestToken,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    match read_invitation(&state.service, &SecretText::from(token)).await? {
        Some(invitation) => answer::page(&InvitationPage::of(&invitation, guest.csrf, Sheet::default())),
        None => bad_link(ASK_FOR),
    }
}

/// Joins.
pub(crate) async fn accept(
    State(state): State<AppState>,
    Extension(origin): Extension<Origin>,
    guest: GuestToken,
    Path(token): Path<String>,
    Guest(form): Guest<Fields>,
) -> Result<Response, Failure> {
    let token = SecretText::from(token);
    let Some(invitation) = read_invitation(&state.service, &token).await? else { return bad_link(ASK_FOR) };
    let mut sheet = form.sheet();
    let name = if invitation.has_account { None } else { sheet.take("name", PersonName::parse(form.text("name"))) };
    let failure = if sheet.is_wrong() {
        None
    } else {
        let request = AcceptInvitation { token, name, password: form.secret("password") };
        match accept_invitation(&state.service, request, &origin).await {
            Ok(signed_in) => {
                return Ok(answer::go_with(&done::address("/cases", Done::Joined), set_cookie(&signed_in)));
            }
            Err(AcceptInvitationError::BadLink) => return bad_link(ASK_FOR),
            Err(error) => Some(Failure::from(error)),
        }
    };
    sheet.answer(failure, |sheet| InvitationPage::of(&invitation, guest.csrf, sheet))
}
