//! Importing scan reports.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use casemate_model::page::PageSize;
use casemate_model::project::Project;
use casemate_model::scan::{Scan, ScanCounts};
use casemate_model::text::ProjectName;
use casemate_service::findings::submit_scan::{SubmitScan, list_scans, submit_scan};
use casemate_service::members::directory::directory;
use casemate_service::projects::list_projects::list_projects;

use super::answer;
use super::form::{Fields, Sheet};
use super::frame::Frame;
use super::people::Person;
use super::when::When;
use crate::csrf::Upload;
use crate::failure::{Code, Failure};
use crate::session::Visitor;
use crate::state::AppState;

/// Reports shown below the form.
const SHOWN: u16 = 20;

#[derive(Template)]
#[template(path = "scans/import.html")]
struct ImportPage {
    frame: Frame,
    sheet: Sheet,
    results: Vec<ResultView>,
    project_names: Vec<String>,
    scans: Vec<ScanRow>,
    base_url: String,
}

struct ResultView {
    tool: String,
    project: String,
    sentence: String,
    counts: [(&'static str, i64); 7],
}

struct ScanRow {
    when: When,
    project: String,
    branch: String,
    tool: String,
    sentence: String,
    by: Person,
}

impl ImportPage {
    async fn of(state: &AppState, visitor: &Visitor, query: &Fields) -> Result<Self, Failure> {
        let frame = Frame::of(state, visitor, "import", "Import").saying(query);
        if !frame.may.may_submit_scan {
            return Err(Failure::new(Code::Denied));
        }
        let now = state.service.now();
        let projects = list_projects(&state.service, &visitor.asking).await?;
        let people = directory(&state.service, &visitor.asking).await?;
        let scans = list_scans(&state.service, &visitor.asking, PageSize::new(SHOWN).unwrap_or_default()).await?;
        Ok(Self {
            frame,
            sheet: Sheet::default().with("project", query.text("project")),
            results: Vec::new(),
            scans: scans
                .iter()
                .map(|scan| ScanRow {
                    when: When::of(scan.submitted_at, now),
                    project: name_of(scan, &projects),
                    branch: scan.scope.branch.clone(),
                    tool: tool(scan),
                    sentence: sentence(&scan.counts),
                    by: Person::of(scan.submitted_by, &people),
                })
                .collect(),
            project_names: projects.into_iter().map(|project| project.name.to_string()).collect(),
            base_url: state.settings.base_url().to_owned(),
        })
    }
}

/// Shows the form and the latest reports.
pub(crate) async fn show_import(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(query): Query<Fields>,
) -> Result<Response, Failure> {
    answer::page(&ImportPage::of(&state, &visitor, &query).await?)
}

/// Takes a report in and says what it changed.
pub(crate) async fn import(
    State(state): State<AppState>,
    visitor: Visitor,
    upload: Upload,
) -> Result<Response, Failure> {
    let form: Fields = upload.fields.into_iter().collect();
    let mut sheet = form.sheet();
    let project = sheet.take("project", ProjectName::parse(form.text("project")));
    let report = Some(upload.file).filter(|file| !file.is_empty());
    let report = sheet.take("report", report.ok_or("choose a report that is not empty"));
    let mut failure = None;
    if let (Some(project), Some(report)) = (project, report) {
        let optional = |name: &str| form.filled(name).map(str::to_owned);
        let request = SubmitScan { project, branch: optional("branch"), commit: optional("commit"), report };
        match submit_scan(&state.service, &visitor.asking, request).await {
            Ok(scans) => {
                let mut page = ImportPage::of(&state, &visitor, &Fields::default()).await?;
                page.results = scans.iter().map(|scan| result(scan, form.text("project"))).collect();
                return answer::page(&page);
            }
            Err(error) => failure = Some(Failure::from(error)),
        }
    }
    let page = ImportPage::of(&state, &visitor, &Fields::default()).await?;
    sheet.answer(failure, |sheet| ImportPage { sheet, ..page })
}

fn result(scan: &Scan, project: &str) -> ResultView {
    let counts = scan.counts;
    ResultView {
        tool: tool(scan),
        project: project.trim().to_owned(),
        sentence: sentence(&counts),
        counts: [
            ("new", counts.new),
            ("unchanged", counts.unchanged),
            ("back again", counts.reopened),
            ("gone", counts.gone),
            ("cases opened", counts.cases_opened),
            ("cases reopened", counts.cases_reopened),
            ("cases closed", counts.cases_closed),
        ],
    }
}

/// What a report changed, in words.
fn sentence(counts: &ScanCounts) -> String {
    if (ScanCounts { unchanged: 0, ..*counts }) == ScanCounts::default() {
        return match counts.unchanged {
            0 => "Nothing found, nothing changed.".to_owned(),
            1 => "Nothing changed: the one finding is known.".to_owned(),
            known => format!("Nothing changed: all {known} findings are known."),
        };
    }
    let parts = [
        (counts.new, "new"),
        (counts.reopened, "back again"),
        (counts.gone, "gone"),
        (counts.unchanged, "unchanged"),
        (counts.cases_opened, "cases opened"),
        (counts.cases_reopened, "cases reopened"),
        (counts.cases_closed, "cases closed"),
    ];
    let told: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    format!("{}.", told.join(", "))
}

fn tool(scan: &Scan) -> String {
    format!("{} {}", scan.scope.tool, scan.tool_version).trim().to_owned()
}

fn name_of(scan: &Scan, projects: &[Project]) -> String {
    projects
        .iter()
        .find(|project| project.id == scan.scope.project)
        .map_or_else(String::new, |project| project.name.to_string())
}
