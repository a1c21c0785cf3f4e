//! Signing out.

use axum::extract::State;
use axum::response::Response;
use casemate_service::sessions::sign_out;

use crate::csrf::Form;
use crate::failure::Failure;
use crate::pages::answer;
use crate::pages::done::{self, Done};
use crate::pages::form::Fields;
use crate::session::{Visitor, clear_cookie};
use crate::state::AppState;

/// Ends the session.
pub(crate) async fn sign_out(
    State(state): State<AppState>,
    visitor: Visitor,
    _: Form<Fields>,
) -> Result<Response, Failure> {
    sign_out::sign_out(&state.service, &visitor.asking, visitor.session.id).await?;
    Ok(answer::go_with(&done::address("/sign-in", Done::SignedOut), clear_cookie()))
}
