//! The list of cases, with views, filters and search.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use casemate_model::Timestamp;
use casemate_model::access::Actor;
use casemate_model::case::{Case, CaseRef, CaseSeverity, CaseStatus};
use casemate_model::text::SearchText;
use casemate_service::cases::list_cases::{AssigneeFilter, CaseCounts, ListCases, count_cases, list_cases};
use casemate_service::members::directory::{Directory, directory};
use casemate_service::projects::list_projects::list_projects;

use super::Choice;
use crate::failure::Failure;
use crate::pages::answer;
use crate::pages::form::{Fields, Sheet, capital};
use crate::pages::frame::Frame;
use crate::pages::people::Person;
use crate::pages::when::{When, day};
use crate::session::Visitor;
use crate::state::AppState;

#[derive(Template)]
#[template(path = "cases/list.html")]
struct CasesPage {
    frame: Frame,
    summary: String,
    views: Vec<View>,
    sheet: Sheet,
    is_filtered: bool,
    has_more_filters: bool,
    assignees: Vec<Choice>,
    projects: Vec<Choice>,
    statuses: Vec<(CaseStatus, i64)>,
    severities: Vec<(CaseSeverity, i64)>,
    rows: Vec<Row>,
    is_later_page: bool,
    first_href: String,
    next_href: Option<String>,
}

struct View {
    label: &'static str,
    href: &'static str,
    count: Option<i64>,
    is_current: bool,
}

struct Row {
    reference: CaseRef,
    title: String,
    severity: CaseSeverity,
    status: CaseStatus,
    project: Option<String>,
    restricted: bool,
    tags: Vec<String>,
    updated: When,
    due: Option<String>,
    is_overdue: bool,
    assignee: Option<Person>,
}

/// Shows the cases that fit; those that are not closed unless asked otherwise.
pub(crate) async fn show_cases(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(query): Query<Fields>,
) -> Result<Response, Failure> {
    let now = state.service.now();
    let mut sheet = query.sheet();
    let request = request(&query, &visitor, &mut sheet);
    let is_later_page = request.before.is_some();
    let page = list_cases(&state.service, &visitor.asking, request).await?;
    let counts = count_cases(&state.service, &visitor.asking).await?;
    let projects = list_projects(&state.service, &visitor.asking).await?;
    let people = directory(&state.service, &visitor.asking).await?;
    let project_name = |case: &Case| {
        let project = projects.iter().find(|project| Some(project.id) == case.project)?;
        Some(project.name.to_string())
    };
    let rows = page.items.iter().map(|case| row(case, project_name(case), &people, now)).collect();
    let has = |names: &[&str]| names.iter().any(|name| query.filled(name).is_some());
    answer::page(&CasesPage {
        frame: Frame::of(&state, &visitor, "cases", "Cases").saying(&query),
        summary: summary(&counts),
        views: views(&query, &counts),
        is_filtered: has(&["text", "assignee", "project", "rule", "status", "severity"]),
        has_more_filters: has(&["project", "rule", "severity"]) || sheet.wrong("rule").is_some(),
        assignees: people
            .assignable
            .iter()
            .map(|(id, name, _)| Choice { value: id.to_string(), label: name.clone(), is_chosen: false })
            .collect(),
        projects: projects
            .iter()
            .map(|project| Choice { value: project.id.to_string(), label: project.name.to_string(), is_chosen: false })
            .collect(),
        statuses: CaseStatus::ALL.iter().map(|status| (*status, in_status(&counts, *status))).collect(),
        severities: CaseSeverity::ALL
            .iter()
            .map(|severity| {
                let found = counts.open_by_severity.iter().find(|(one, _)| one == severity);
                (*severity, found.map_or(0, |(_, count)| *count))
            })
            .collect(),
        rows,
        is_later_page,
        first_href: format!("/cases?{}", query.query_with("before", "")),
        next_href: page.next.map(|next| format!("/cases?{}", query.query_with("before", &next.to_string()))),
        sheet,
    })
}

/// What the query asks for. Words it does not know choose nothing.
fn request(query: &Fields, visitor: &Visitor, sheet: &mut Sheet) -> ListCases {
    let mut statuses: Vec<CaseStatus> = query.all("status").filter_map(|word| word.parse().ok()).collect();
    let wants_all = query.all("status").any(|word| word == "all");
    if statuses.is_empty() && !wants_all {
        statuses = CaseStatus::ALL.iter().copied().filter(|status| !status.is_closed()).collect();
    }
    let mut search = |name: &'static str| query.filled(name).and_then(|text| sheet.take(name, SearchText::parse(text)));
    ListCases {
        statuses: if wants_all { Vec::new() } else { statuses },
        severities: query.all("severity").filter_map(|word| word.parse().ok()).collect(),
        rule: search("rule"),
        text: search("text"),
        assignee: match query.filled("assignee") {
            Some("me") => Some(AssigneeFilter::Member(visitor.user.id)),
            Some("nobody") => Some(AssigneeFilter::Nobody),
            Some(id) => id.parse().ok().map(AssigneeFilter::Member),
            None => None,
        },
        project: query.filled("project").and_then(|id| id.parse().ok()),
        before: query.filled("before").and_then(|key| key.parse().ok()),
        ..ListCases::default()
    }
}

fn row(case: &Case, project: Option<String>, people: &Directory, now: Timestamp) -> Row {
    Row {
        reference: case.reference,
        title: capital(case.title.as_str()),
        severity: case.severity,
        status: case.status,
        project,
        restricted: case.restricted,
        tags: case.tags.iter().map(ToString::to_string).collect(),
        updated: When::of(case.updated_at, now),
        due: case.due_on.map(day),
        is_overdue: is_overdue(case, now),
        assignee: case.assignee.map(|user| Person::of(Actor::Member(user), people)),
    }
}

/// Whether its date is past while work on it is not over.
pub(super) fn is_overdue(case: &Case, now: Timestamp) -> bool {
    !case.status.is_closed() && case.due_on.is_some_and(|due| due < now.date())
}

fn in_status(counts: &CaseCounts, status: CaseStatus) -> i64 {
    counts.by_status.iter().find(|(one, _)| *one == status).map_or(0, |(_, count)| *count)
}

fn not_closed(counts: &CaseCounts) -> i64 {
    counts.by_status.iter().filter(|(status, _)| !status.is_closed()).map(|(_, count)| count).sum()
}

fn summary(counts: &CaseCounts) -> String {
    let grave: i64 = counts
        .open_by_severity
        .iter()
        .filter(|(severity, _)| matches!(severity, CaseSeverity::Critical | CaseSeverity::High))
        .map(|(_, count)| count)
        .sum();
    match (not_closed(counts), grave) {
        (0, _) => "No case is waiting.".to_owned(),
        (1, 0) => "One case is not closed.".to_owned(),
        (1, _) => "One case is not closed, and it is critical or high.".to_owned(),
        (all, 0) => format!("{all} cases are not closed, none of them critical or high."),
        (all, grave) => format!("{all} cases are not closed, {grave} of them critical or high."),
    }
}

fn views(query: &Fields, counts: &CaseCounts) -> Vec<View> {
    let asked = query.query_with("before", "");
    let view = |label, search: &str, href, count| View { label, href, count, is_current: asked == search };
    let status = |status| Some(in_status(counts, status));
    vec![
        view("Not closed", "", "/cases", Some(not_closed(counts))),
        view("Mine", "assignee=me", "/cases?assignee=me", None),
        view("Nobody’s", "assignee=nobody", "/cases?assignee=nobody", None),
        view("Escalated", "status=escalated", "/cases?status=escalated", status(CaseStatus::Escalated)),
        view(
            "To be closed",
            "status=approved_for_closure",
            "/cases?status=approved_for_closure",
            status(CaseStatus::ApprovedForClosure),
        ),
        view("Closed", "status=closed", "/cases?status=closed", status(CaseStatus::Closed)),
        view("All", "status=all", "/cases?status=all", Some(counts.by_status.iter().map(|(_, count)| count).sum())),
    ]
}
