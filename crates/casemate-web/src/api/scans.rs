//! `/scans`: reports handed in.
#![expect(unused_qualifications, reason = "written by utoipa around the query types")]

use axum::extract::State;
use casemate_model::page::PageSize;
use casemate_model::scan::{Scan, ScanCounts};
use casemate_model::text::ProjectName;
use casemate_service::Service;
use casemate_service::findings::submit_scan;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::Signed;
use super::input::{Faults, NoQuery, Query, Report};
use super::{List, moment};
use crate::failure::Failure;
use crate::middleware::limits::Heavy;
use crate::state::AppState;

/// Under which project findings go when the report's sender names none.
pub const PROJECT_DEFAULT: &str = "default";

/// What a report changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountsBody {
    /// Findings seen for the first time.
    new: i64,
    /// Seen again, as before.
    unchanged: i64,
    /// Gone before, back now.
    reopened: i64,
    /// Covered by this scan and no longer there.
    gone: i64,
    /// Cases opened.
    cases_opened: i64,
    /// Cases reopened.
    cases_reopened: i64,
    /// Cases closed.
    cases_closed: i64,
}

impl From<ScanCounts> for CountsBody {
    fn from(counts: ScanCounts) -> Self {
        Self {
            new: counts.new,
            unchanged: counts.unchanged,
            reopened: counts.reopened,
            gone: counts.gone,
            cases_opened: counts.cases_opened,
            cases_reopened: counts.cases_reopened,
            cases_closed: counts.cases_closed,
        }
    }
}

/// One report taken in.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScanBody {
    /// Id.
    #[schema(format = "uuid")]
    id: String,
    /// Id of the project.
    #[schema(format = "uuid")]
    project: String,
    /// The tool's name.
    #[schema(example = "casemate")]
    tool: String,
    /// The tool's version.
    tool_version: String,
    /// The report's category.
    category: String,
    /// The branch.
    branch: String,
    /// The commit.
    commit: String,
    /// SHA-256 of the report.
    sha256: String,
    /// Whether the tool saw all it was to see.
    complete: bool,
    /// What it changed.
    counts: CountsBody,
    /// Who handed it in: `member:<id>` or `client:<id>`.
    submitted_by: String,
    /// When.
    #[schema(format = "date-time")]
    submitted_at: String,
}

impl From<Scan> for ScanBody {
    fn from(scan: Scan) -> Self {
        Self {
            id: scan.id.to_string(),
            project: scan.scope.project.to_string(),
            tool: scan.scope.tool,
            tool_version: scan.tool_version,
            category: scan.scope.category,
            branch: scan.scope.branch,
            commit: scan.commit,
            sha256: scan.sha256,
            complete: scan.complete,
            counts: scan.counts.into(),
            submitted_by: scan.submitted_by.to_string(),
            submitted_at: moment::time(scan.submitted_at),
        }
    }
}

/// List the latest scans, the newest first
#[utoipa::path(get, path = "/api/v1/scans", tag = "findings", responses((status = 200, body = List<ScanBody>)))]
pub(crate) async fn list_scans(
    State(service): State<Service>,
    Signed(asking): Signed,
    _: NoQuery,
) -> Result<axum::Json<List<ScanBody>>, Failure> {
    let scans = submit_scan::list_scans(&service, &asking, PageSize::default()).await?;
    Ok(axum::Json(List::whole(scans.into_iter().map(Into::into))))
}

/// What a report is about.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SubmitScanQuery {
    /// Name of the project; made if there is none. `default` unless named.
    #[param(max_length = 100, example = "shop")]
    project: Option<String>,
    /// The branch.
    #[param(example = "main")]
    branch: Option<String>,
    /// The commit.
    commit: Option<String>,
}

/// What a report changed, all its runs together, and each scan.
#[derive(Debug, Serialize, ToSchema)]
pub struct Submitted {
    #[serde(flatten)]
    total: CountsBody,
    /// One for each run in the report.
    scans: Vec<ScanBody>,
    /// Where people see the findings.
    url: String,
}

/// Hand in a SARIF 2.1.0 report
///
/// Findings are matched with the known ones, and cases follow. The same report again changes nothing.
#[utoipa::path(
    post, path = "/api/v1/scans", tag = "findings", params(SubmitScanQuery),
    request_body(content((serde_json::Value = "application/sarif+json"), (serde_json::Value = "application/json"))),
    responses((status = 201, body = Submitted))
)]
pub(crate) async fn submit_scan(
    State(state): State<AppState>,
    Signed(asking): Signed,
    Query(query): Query<SubmitScanQuery>,
    _: Heavy,
    Report(report): Report,
) -> Result<(StatusCode, axum::Json<Submitted>), Failure> {
    let mut faults = Faults::default();
    let project = faults.take("project", ProjectName::parse(query.project.as_deref().unwrap_or(PROJECT_DEFAULT)));
    let project = faults.given(project)?;
    let request = submit_scan::SubmitScan { project, branch: query.branch, commit: query.commit, report };
    let scans = submit_scan::submit_scan(&state.service, &asking, request).await?;
    let sum = |count: fn(&ScanCounts) -> i64| scans.iter().map(|scan| count(&scan.counts)).sum();
    let total = CountsBody {
        new: sum(|counts| counts.new),
        unchanged: sum(|counts| counts.unchanged),
        reopened: sum(|counts| counts.reopened),
        gone: sum(|counts| counts.gone),
        cases_opened: sum(|counts| counts.cases_opened),
        cases_reopened: sum(|counts| counts.cases_reopened),
        cases_closed: sum(|counts| counts.cases_closed),
    };
    let url = format!("{}/findings", state.settings.base_url());
    let scans = scans.into_iter().map(Into::into).collect();
    Ok((StatusCode::CREATED, axum::Json(Submitted { total, scans, url })))
}
