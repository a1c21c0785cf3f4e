//! Signing in.

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::Response;
use casemate_service::Origin;
use casemate_service::sessions::sign_in::{SignIn, SignInError, sign_in};

use crate::csrf::{Guest, GuestToken};
use crate::failure::Failure;
use crate::local_path::LocalPath;
use crate::pages::answer;
use crate::pages::done::{Done, done};
use crate::pages::form::{Fields, Sheet};
use crate::session::{MaybeVisitor, set_cookie};
use crate::state::AppState;

#[derive(Template)]
#[template(path = "sessions/sign_in.html")]
struct SignInPage {
    csrf: String,
    sheet: Sheet,
    done: Option<Done>,
}

/// Shows the page.
pub(crate) async fn show_sign_in(
    MaybeVisitor(visitor): MaybeVisitor,
    guest: GuestToken,
    Query(query): Query<Fields>,
) -> Result<Response, Failure> {
    if visitor.is_some() {
        return Ok(answer::go(next(&query).as_str()));
    }
    let sheet = Sheet::default().with("next", next(&query).as_str());
    answer::page(&SignInPage { csrf: guest.csrf, sheet, done: done(&query) })
}

/// Signs in.
pub(crate) async fn sign_in_with_password(
    State(state): State<AppState>,
    Extension(origin): Extension<Origin>,
    guest: GuestToken,
    Guest(form): Guest<Fields>,
) -> Result<Response, Failure> {
    let request = SignIn { email: form.text("email").to_owned(), password: form.secret("password") };
    let error = match sign_in(&state.service, request, &origin).await {
        Ok(signed_in) => return Ok(answer::go_with(next(&form).as_str(), set_cookie(&signed_in))),
        Err(error) => error,
    };
    let message = error.to_string();
    let is_refusal = matches!(error, SignInError::Refused | SignInError::NoTenant);
    let failure = Failure::from(error);
    let status = failure.code().status();
    let sheet = form.sheet();
    let sheet = if is_refusal { sheet.troubled(message) } else { sheet.refused(&failure)? };
    let page = answer::page_as(status, &SignInPage { csrf: guest.csrf, sheet, done: None })?;
    Ok(answer::retry_after(page, &failure))
}

/// Where to go afterwards: a place of ours (CWE-601), else the cases.
pub(super) fn next(fields: &Fields) -> LocalPath {
    LocalPath::parse(fields.text("next")).unwrap_or_else(LocalPath::home)
}
