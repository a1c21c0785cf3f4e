//! Settings of a tenant.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use casemate_service::tenants::change_settings::{ChangeTenantSettings, change_settings};

use super::answer;
use super::done::{self, Done};
use super::form::Fields;
use super::frame::Frame;
use crate::csrf::Form;
use crate::failure::{Code, Failure};
use crate::session::Visitor;
use crate::state::AppState;

#[derive(Template)]
#[template(path = "settings/settings.html")]
struct SettingsPage {
    frame: Frame,
    four_eyes: bool,
}

/// Shows the settings.
pub(crate) async fn show_settings(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(query): Query<Fields>,
) -> Result<Response, Failure> {
    let frame = Frame::of(&state, &visitor, "settings", "Settings").saying(&query);
    if !frame.may.may_change_settings {
        return Err(Failure::new(Code::Denied));
    }
    answer::page(&SettingsPage { frame, four_eyes: visitor.tenant.four_eyes })
}

/// Keeps the settings.
pub(crate) async fn change_settings_on_page(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(form): Form<Fields>,
) -> Result<Response, Failure> {
    let settings = ChangeTenantSettings { four_eyes: form.is_ticked("four_eyes") };
    change_settings(&state.service, &visitor.asking, settings).await?;
    Ok(answer::go(&done::address("/settings", Done::SettingsKept)))
}
