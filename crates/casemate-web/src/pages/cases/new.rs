//! Opening a case by hand.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use casemate_model::case::CaseSeverity;
use casemate_model::id::ProjectId;
use casemate_model::text::{BadText, CaseDescription, CaseTitle, Tag};
use casemate_service::cases::create_case::{CreateCase, create_case};
use casemate_service::projects::list_projects::list_projects;

use super::Choice;
use crate::csrf::Form;
use crate::failure::{Code, Failure};
use crate::pages::answer;
use crate::pages::done::{self, Done};
use crate::pages::form::{Fields, Sheet};
use crate::pages::frame::Frame;
use crate::pages::when::parse_day;
use crate::session::Visitor;
use crate::state::AppState;

#[derive(Template)]
#[template(path = "cases/new.html")]
struct NewCasePage {
    frame: Frame,
    sheet: Sheet,
    severities: &'static [CaseSeverity],
    projects: Vec<Choice>,
}

impl NewCasePage {
    async fn of(state: &AppState, visitor: &Visitor, sheet: Sheet) -> Result<Self, Failure> {
        let frame = Frame::of(state, visitor, "cases", "New case");
        if !frame.may.may_create_case {
            return Err(Failure::new(Code::Denied));
        }
        let projects = list_projects(&state.service, &visitor.asking).await?;
        let projects = projects.into_iter().map(|project| Choice {
            value: project.id.to_string(),
            label: project.name.to_string(),
            is_chosen: false,
        });
        Ok(Self { frame, sheet, severities: CaseSeverity::ALL, projects: projects.collect() })
    }
}

/// Shows the form.
pub(crate) async fn show_new_case(State(state): State<AppState>, visitor: Visitor) -> Result<Response, Failure> {
    let sheet = Sheet::default().with("severity", CaseSeverity::Medium.as_str());
    answer::page(&NewCasePage::of(&state, &visitor, sheet).await?)
}

/// Opens the case.
pub(crate) async fn create_case_on_page(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(form): Form<Fields>,
) -> Result<Response, Failure> {
    let mut sheet = form.sheet();
    let title = sheet.take("title", CaseTitle::parse(form.text("title")));
    let description = described(&form, &mut sheet);
    let severity: Option<CaseSeverity> = sheet.take("severity", form.text("severity").parse());
    let project = match form.filled("project").map(str::parse::<ProjectId>) {
        Some(Ok(project)) => Some(project),
        Some(Err(_)) => {
            sheet.refuse("project", "no such project");
            None
        }
        None => None,
    };
    let tags = tags(&form, &mut sheet);
    let due_on = due_on(&form, &mut sheet);
    let failure = match (sheet.is_wrong(), title, severity) {
        (false, Some(title), Some(severity)) => {
            let request = CreateCase { title, description, severity, project, tags, due_on };
            match create_case(&state.service, &visitor.asking, request).await {
                Ok(case) => {
                    let page = format!("/cases/{}", case.reference);
                    return Ok(answer::go(&done::address(&page, Done::CaseOpened)));
                }
                Err(error) => Some(Failure::from(error)),
            }
        }
        _ => None,
    };
    let page = NewCasePage::of(&state, &visitor, Sheet::default()).await?;
    sheet.answer(failure, |sheet| NewCasePage { sheet, ..page })
}

/// The description, if there is one.
pub(super) fn described(form: &Fields, sheet: &mut Sheet) -> Option<CaseDescription> {
    form.filled("description").and_then(|text| sheet.take("description", CaseDescription::parse(text)))
}

/// The tags between the commas.
pub(super) fn tags(form: &Fields, sheet: &mut Sheet) -> Vec<Tag> {
    let words = form.text("tags").split(',').map(str::trim).filter(|word| !word.is_empty());
    let tags: Result<Vec<Tag>, BadText> = words.map(Tag::parse).collect();
    sheet.take("tags", tags.map_err(|why| format!("each tag {why}"))).unwrap_or_default()
}

/// The due date, if there is one.
pub(super) fn due_on(form: &Fields, sheet: &mut Sheet) -> Option<time::Date> {
    let text = form.filled("due_on")?;
    sheet.take("due_on", parse_day(text).ok_or("must be a date, like `2027-01-31`"))
}
