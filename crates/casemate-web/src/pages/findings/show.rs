//! One finding: where it is, how the data got there, how to mend it, and what a person decided about it.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use casemate_model::case::CaseRef;
use casemate_model::finding::DecisionKind;
use casemate_model::id::FindingId;
use casemate_model::text::Reason;
use casemate_service::findings::decide_finding::decide_finding;
use casemate_service::findings::read_finding::read_finding;
use casemate_service::members::directory::directory;
use casemate_service::projects::list_projects::list_projects;

use super::FindingView;
use crate::csrf::Form;
use crate::failure::{Code, Failure};
use crate::pages::answer;
use crate::pages::done::{self, Done};
use crate::pages::form::{Fields, Sheet};
use crate::pages::frame::Frame;
use crate::pages::people::Person;
use crate::pages::when::When;
use crate::session::Visitor;
use crate::state::AppState;

#[derive(Template)]
#[template(path = "findings/show.html")]
struct FindingPage {
    frame: Frame,
    finding: FindingView,
    project: Option<String>,
    case: Option<CaseRef>,
    first_seen: When,
    last_seen: When,
    decision: Option<DecisionView>,
    may_decide: bool,
    version: i64,
    kinds: &'static [DecisionKind],
    sheet: Sheet,
}

struct DecisionView {
    label: &'static str,
    reason: String,
    by: Person,
    when: When,
}

impl FindingPage {
    async fn of(state: &AppState, visitor: &Visitor, id: FindingId) -> Result<Self, Failure> {
        let now = state.service.now();
        let (finding, may_decide) = read_finding(&state.service, &visitor.asking, id).await?;
        let people = directory(&state.service, &visitor.asking).await?;
        let projects = list_projects(&state.service, &visitor.asking).await?;
        Ok(Self {
            frame: Frame::of(state, visitor, "findings", format!("Finding: {}", finding.rule_name)),
            project: projects.iter().find(|one| one.id == finding.project).map(|project| project.name.to_string()),
            case: finding.case,
            first_seen: When::of(finding.first_seen_at, now),
            last_seen: When::of(finding.last_seen_at, now),
            decision: finding.decision.as_ref().map(|decision| DecisionView {
                label: decision.kind.label(),
                reason: decision.reason.to_string(),
                by: Person::of(decision.by, &people),
                when: When::of(decision.at, now),
            }),
            may_decide,
            version: finding.version,
            kinds: DecisionKind::ALL,
            sheet: Sheet::default(),
            finding: FindingView::of(&finding),
        })
    }
}

/// Shows the finding.
pub(crate) async fn show_finding(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(query): Query<Fields>,
) -> Result<Response, Failure> {
    let mut page = FindingPage::of(&state, &visitor, parse(&id)?).await?;
    page.frame = page.frame.saying(&query);
    answer::page(&page)
}

/// Keeps a decision about it.
pub(crate) async fn decide(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, Failure> {
    let finding = parse(&id)?;
    let mut sheet = form.sheet();
    let kind: Option<DecisionKind> = sheet.take("kind", form.text("kind").parse());
    let reason = sheet.take("reason", Reason::parse(form.text("reason")));
    let version = form.text("version").parse().ok();
    let mut failure = None;
    if let (Some(kind), Some(reason)) = (kind, reason) {
        match decide_finding(&state.service, &visitor.asking, finding, version, kind, reason).await {
            Ok(_) => return Ok(answer::go(&done::address(&format!("/findings/{finding}"), Done::Decided))),
            Err(error) => failure = Some(Failure::from(error)),
        }
    }
    let page = FindingPage::of(&state, &visitor, finding).await?;
    sheet.answer(failure, |sheet| FindingPage { sheet, ..page })
}

fn parse(id: &str) -> Result<FindingId, Failure> {
    id.parse().map_err(|_| Failure::new(Code::NotFound))
}
