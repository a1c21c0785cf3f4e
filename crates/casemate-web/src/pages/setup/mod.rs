//! The first administrator.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use casemate_model::text::{Email, PersonName, TenantName};
use casemate_service::setup::finish_setup::{FinishSetup, FinishSetupError, finish_setup, is_setup_link_good};
use casemate_service::{Origin, SecretText};

use super::answer;
use super::bad_link::bad_link;
use super::done::{self, Done};
use super::form::{Fields, Sheet};
use crate::csrf::{Guest, GuestToken};
use crate::failure::Failure;
use crate::session::set_cookie;
use crate::state::AppState;

const ASK_FOR: &str = "Start Casemate again, it prints a new set-up link. If it is set up already, sign in.";

#[derive(Template)]
#[template(path = "setup/setup.html")]
struct SetupPage {
    csrf: String,
    sheet: Sheet,
}

/// Shows the page behind a good link.
pub(crate) async fn show_setup(
    State(state): State<AppState>,
    guest: GuestToken,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    if !is_setup_link_good(&state.service, &SecretText::from(token)).await? {
        return bad_link(ASK_FOR);
    }
    answer::page(&SetupPage { csrf: guest.csrf, sheet: Sheet::default() })
}

/// Makes the first tenant and its administrator, and signs them in.
pub(crate) async fn set_up(
    State(state): State<AppState>,
    Extension(origin): Extension<Origin>,
    guest: GuestToken,
    Path(token): Path<String>,
    Guest(form): Guest<Fields>,
) -> Result<Response, Failure> {
    let mut sheet = form.sheet();
    let tenant = sheet.take("tenant", TenantName::parse(form.text("tenant")));
    let email = sheet.take("email", Email::parse(form.text("email")));
    let name = sheet.take("name", PersonName::parse(form.text("name")));
    let failure = if let (Some(tenant), Some(email), Some(name)) = (tenant, email, name) {
        let request =
            FinishSetup { token: SecretText::from(token), tenant, email, name, password: form.secret("password") };
        match finish_setup(&state.service, request, &origin).await {
            Ok(signed_in) => {
                return Ok(answer::go_with(&done::address("/cases", Done::SetUp), set_cookie(&signed_in)));
            }
            Err(FinishSetupError::BadLink) => return bad_link(ASK_FOR),
            Err(error) => Some(Failure::from(error)),
        }
    } else {
        None
    };
    sheet.answer(failure, |sheet| SetupPage { csrf: guest.csrf, sheet })
}
