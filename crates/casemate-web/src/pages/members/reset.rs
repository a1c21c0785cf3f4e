//! The page behind a link for a new password.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use casemate_service::members::reset_password::{ResetPasswordError, finish_reset, is_reset_link_good};
use casemate_service::{Origin, SecretText};

use crate::csrf::{Guest, GuestToken};
use crate::failure::Failure;
use crate::pages::answer;
use crate::pages::bad_link::bad_link;
use crate::pages::done::{self, Done};
use crate::pages::form::{Fields, Sheet};
use crate::state::AppState;

const ASK_FOR: &str = "Ask your operator for a new link. Links are good for 30 minutes and work once.";

#[derive(Template)]
#[template(path = "members/reset.html")]
struct ResetPage {
    csrf: String,
    sheet: Sheet,
}

/// Shows the page behind a good link.
pub(crate) async fn show_reset(
    State(state): State<AppState>,
    guest: GuestToken,
    Path(token): Path<String>,
) -> Result<Response, Failure> {
    if !is_reset_link_good(&state.service, &SecretText::from(token)).await? {
        return bad_link(ASK_FOR);
    }
    answer::page(&ResetPage { csrf: guest.csrf, sheet: Sheet::default() })
}

/// Sets the new password.
pub(crate) async fn reset(
    State(state): State<AppState>,
    Extension(origin): Extension<Origin>,
    guest: GuestToken,
    Path(token): Path<String>,
    Guest(form): Guest<Fields>,
) -> Result<Response, Failure> {
    match finish_reset(&state.service, SecretText::from(token), form.secret("password"), &origin).await {
        Ok(()) => Ok(answer::go(&done::address("/sign-in", Done::PasswordSet))),
        Err(ResetPasswordError::BadLink) => bad_link(ASK_FOR),
        Err(error) => form.sheet().answer(Some(error.into()), |sheet| ResetPage { csrf: guest.csrf, sheet }),
    }
}
