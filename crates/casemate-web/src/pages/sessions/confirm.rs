//! Giving the password again before a sensitive act.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use casemate_service::sessions::confirm_password::{ConfirmPasswordError, confirm_password};

use super::sign_in::next;
use crate::csrf::Form;
use crate::failure::Failure;
use crate::pages::answer;
use crate::pages::form::{Fields, Sheet};
use crate::session::{Visitor, set_cookie};
use crate::state::AppState;

#[derive(Template)]
#[template(path = "sessions/confirm.html")]
struct ConfirmPage {
    csrf: String,
    name: String,
    email: String,
    sheet: Sheet,
}

impl ConfirmPage {
    fn of(visitor: &Visitor, sheet: Sheet) -> Self {
        Self {
            csrf: visitor.csrf.clone(),
            name: visitor.user.name.to_string(),
            email: visitor.user.email.to_string(),
            sheet,
        }
    }
}

/// Shows the page.
pub(crate) async fn show_confirm(visitor: Visitor, Query(query): Query<Fields>) -> Result<Response, Failure> {
    answer::page(&ConfirmPage::of(&visitor, Sheet::default().with("next", next(&query).as_str())))
}

/// Makes the session fresh and leads back.
pub(crate) async fn confirm(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(form): Form<Fields>,
) -> Result<Response, Failure> {
    let password = form.secret("password");
    let error = match confirm_password(&state.service, &visitor.asking, visitor.session.id, password).await {
        Ok(signed_in) => return Ok(answer::go_with(next(&form).as_str(), set_cookie(&signed_in))),
        Err(error) => error,
    };
    let message = error.to_string();
    let is_refusal = matches!(error, ConfirmPasswordError::Refused);
    let failure = Failure::from(error);
    let sheet = form.sheet();
    let sheet = if is_refusal { sheet.troubled(message) } else { sheet.refused(&failure)? };
    let page = answer::page_as(failure.code().status(), &ConfirmPage::of(&visitor, sheet))?;
    Ok(answer::retry_after(page, &failure))
}
