//! The list of findings, with filters and search.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use casemate_model::case::{CaseRef, CaseSeverity};
use casemate_model::finding::{Finding, FindingState};
use casemate_model::text::SearchText;
use casemate_service::findings::list_findings::{ListFindings, list_findings};
use casemate_service::projects::list_projects::list_projects;

use crate::failure::Failure;
use crate::pages::answer;
use crate::pages::cases::Choice;
use crate::pages::form::{Fields, Sheet, sentence};
use crate::pages::frame::Frame;
use crate::pages::when::When;
use crate::session::Visitor;
use crate::state::AppState;

#[derive(Template)]
#[template(path = "findings/list.html")]
struct FindingsPage {
    frame: Frame,
    sheet: Sheet,
    is_filtered: bool,
    has_more_filters: bool,
    states: &'static [FindingState],
    severities: &'static [CaseSeverity],
    projects: Vec<Choice>,
    rows: Vec<Row>,
    is_later_page: bool,
    first_href: String,
    next_href: Option<String>,
}

struct Row {
    id: String,
    message: String,
    rule: String,
    place: String,
    severity: CaseSeverity,
    project: Option<String>,
    seen: When,
    is_gone: bool,
    case: Option<CaseRef>,
    decision: Option<&'static str>,
}

/// Shows the findings that fit.
pub(crate) async fn show_findings(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(query): Query<Fields>,
) -> Result<Response, Failure> {
    let now = state.service.now();
    let mut sheet = query.sheet();
    let mut search = |name: &'static str| query.filled(name).and_then(|text| sheet.take(name, SearchText::parse(text)));
    let request = ListFindings {
        rule: search("rule"),
        text: search("text"),
        project: query.filled("project").and_then(|id| id.parse().ok()),
        severities: query.all("severity").filter_map(|word| word.parse().ok()).collect(),
        state: query.filled("state").and_then(|word| word.parse().ok()),
        before: query.filled("before").and_then(|key| key.parse().ok()),
        ..ListFindings::default()
    };
    let is_later_page = request.before.is_some();
    let page = list_findings(&state.service, &visitor.asking, request).await?;
    let projects = list_projects(&state.service, &visitor.asking).await?;
    let name_of = |finding: &Finding| {
        projects.iter().find(|project| project.id == finding.project).map(|project| project.name.to_string())
    };
    let has = |names: &[&str]| names.iter().any(|name| query.filled(name).is_some());
    let has_more_filters = has(&["state", "project", "rule", "severity"]);
    answer::page(&FindingsPage {
        frame: Frame::of(&state, &visitor, "findings", "Findings").saying(&query),
        is_filtered: has_more_filters || has(&["text"]),
        has_more_filters,
        states: FindingState::ALL,
        severities: CaseSeverity::ALL,
        rows: page
            .items
            .iter()
            .map(|finding| Row {
                id: finding.id.to_string(),
                message: sentence(&finding.message),
                rule: rule_of(finding),
                place: format!("{}:{}", finding.occurrence.path, finding.occurrence.line),
                severity: finding.severity,
                project: name_of(finding),
                seen: When::of(finding.last_seen_at, now),
                is_gone: finding.state == FindingState::Gone,
                case: finding.case,
                decision: finding.decision.as_ref().map(|decision| decision.kind.label()),
            })
            .collect(),
        projects: projects
            .iter()
            .map(|project| Choice { value: project.id.to_string(), label: project.name.to_string(), is_chosen: false })
            .collect(),
        is_later_page,
        first_href: format!("/findings?{}", query.query_with("before", "")),
        next_href: page.next.map(|next| format!("/findings?{}", query.query_with("before", &next.to_string()))),
        sheet,
    })
}

/// Id and name of its rule, once when they are the same.
fn rule_of(finding: &Finding) -> String {
    if finding.rule == finding.rule_name {
        finding.rule.clone()
    } else {
        format!("{} {}", finding.rule, finding.rule_name)
    }
}
