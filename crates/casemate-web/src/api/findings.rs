//! `/findings`: what scans reported, and what people decided about it.
#![expect(unused_qualifications, reason = "written by utoipa around the query types")]

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use casemate_model::case::CaseSeverity;
use casemate_model::finding::{DecisionKind, Finding, FindingState, FlowStep};
use casemate_model::id::FindingId;
use casemate_model::text::{Reason, SearchText};
use casemate_service::Service;
use casemate_service::findings::{decide_finding, list_findings, read_finding};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::Signed;
use super::cursor::{self, Of};
use super::input::{Faults, Json, Named, NoQuery, Query, distinct};
use super::version::{IfMatch, Versioned};
use super::words::{DecisionWord, FindingStateWord, Severity};
use super::{List, moment};
use crate::failure::Failure;

/// One finding.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingBody {
    /// Id.
    #[schema(format = "uuid")]
    id: String,
    /// Id of its project.
    #[schema(format = "uuid")]
    project: String,
    /// The tool's rule id.
    #[schema(example = "INJ001")]
    rule: String,
    /// The tool's rule name, or the id again.
    #[schema(example = "sql-text-built")]
    rule_name: String,
    /// What is wrong.
    message: String,
    /// How to mend it, if the report said so.
    remedy: String,
    /// How bad.
    #[schema(value_type = Severity)]
    severity: &'static str,
    /// Whether the last complete scan still saw it.
    #[schema(value_type = FindingStateWord)]
    state: &'static str,
    /// What a person decided.
    decision: Option<DecisionTaken>,
    /// Where it was last seen.
    place: Place,
    /// The case opened from it.
    #[schema(example = "CASE-17")]
    case: Option<String>,
    /// When it was first seen.
    #[schema(format = "date-time")]
    first_seen_at: String,
    /// When it was last seen.
    #[schema(format = "date-time")]
    last_seen_at: String,
}

/// A decision that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionTaken {
    /// What.
    #[schema(value_type = DecisionWord)]
    kind: &'static str,
    /// Why.
    reason: String,
    /// Who.
    by: String,
    /// When.
    #[schema(format = "date-time")]
    at: String,
}

/// A place in the code.
#[derive(Debug, Serialize, ToSchema)]
pub struct Place {
    /// File, relative to the root.
    #[schema(example = "app/search.py")]
    path: String,
    /// First line.
    line: i64,
    /// Last line.
    end_line: i64,
    /// First column, if known.
    column: Option<i64>,
    /// One past the last column, if known.
    end_column: Option<i64>,
    /// The code around it.
    snippet: String,
    /// Line number of the first line of the snippet.
    snippet_line: i64,
    /// Enclosing function, if known.
    function: String,
    /// From source to sink.
    flow: Vec<Step>,
}

/// A step from source to sink.
#[derive(Debug, Serialize, ToSchema)]
pub struct Step {
    /// File.
    path: String,
    /// Line.
    line: i64,
    /// What happens there.
    note: String,
    /// The code.
    snippet: String,
}

impl From<FlowStep> for Step {
    fn from(step: FlowStep) -> Self {
        Self { path: step.path, line: step.line, note: step.note, snippet: step.snippet }
    }
}

impl From<Finding> for FindingBody {
    fn from(finding: Finding) -> Self {
        let place = finding.occurrence;
        Self {
            id: finding.id.to_string(),
            project: finding.project.to_string(),
            rule: finding.rule,
            rule_name: finding.rule_name,
            message: finding.message,
            remedy: finding.remedy,
            severity: finding.severity.as_str(),
            state: finding.state.as_str(),
            decision: finding.decision.map(|decision| DecisionTaken {
                kind: decision.kind.as_str(),
                reason: decision.reason.into(),
                by: decision.by.to_string(),
                at: moment::time(decision.at),
            }),
            place: Place {
                path: place.path,
                line: place.line,
                end_line: place.end_line,
                column: place.column,
                end_column: place.end_column,
                snippet: place.snippet,
                snippet_line: place.snippet_line,
                function: place.function,
                flow: place.flow.into_iter().map(Into::into).collect(),
            },
            case: finding.case.map(|case| case.to_string()),
            first_seen_at: moment::time(finding.first_seen_at),
            last_seen_at: moment::time(finding.last_seen_at),
        }
    }
}

/// Which findings. Every filter that is set must fit; `severity` may be repeated.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListFindingsQuery {
    /// Id of a project.
    #[param(format = "uuid")]
    project: Option<String>,
    /// Any of these.
    #[serde(default)]
    #[param(value_type = Vec<Severity>)]
    severity: Vec<String>,
    /// There or gone.
    #[param(value_type = Option<FindingStateWord>)]
    state: Option<String>,
    /// Of this rule, by id or name.
    rule: Option<String>,
    /// Message or path contains this.
    text: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Rows on a page, 50 unless said otherwise, 200 at most.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
}

/// List findings, the latest first
#[utoipa::path(
    get, path = "/api/v1/findings", tag = "findings", params(ListFindingsQuery),
    responses((status = 200, body = List<FindingBody>))
)]
pub(crate) async fn list_findings(
    State(service): State<Service>,
    Signed(asking): Signed,
    Query(query): Query<ListFindingsQuery>,
) -> Result<axum::Json<List<FindingBody>>, Failure> {
    let mut faults = Faults::default();
    let (before, size) = cursor::page(Of::Findings, query.cursor.as_deref(), query.limit, &mut faults);
    let request = list_findings::ListFindings {
        project: faults.take_some("project", query.project.as_deref(), str::parse),
        severities: distinct(faults.take_all("severity", &query.severity, str::parse::<CaseSeverity>)),
        state: faults.take_some("state", query.state.as_deref(), str::parse::<FindingState>),
        rule: faults.take_some("rule", query.rule.as_deref(), SearchText::parse),
        text: faults.take_some("text", query.text.as_deref(), SearchText::parse),
        before,
        size,
    };
    faults.none()?;
    let page = list_findings::list_findings(&service, &asking, request).await?;
    Ok(axum::Json(List {
        items: page.items.into_iter().map(Into::into).collect(),
        next: page.next.map(|key| cursor::write(Of::Findings, key)),
    }))
}

/// Read a finding
#[utoipa::path(
    get, path = "/api/v1/findings/{id}", tag = "findings", params(("id" = String, Path, format = "uuid")),
    responses((status = 200, body = FindingBody, headers(("ETag" = String))), (status = 304, description = "You have it already"))
)]
pub(crate) async fn read_finding(
    State(service): State<Service>,
    Signed(asking): Signed,
    Named(id): Named<FindingId>,
    _: NoQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let (finding, _) = read_finding::read_finding(&service, &asking, id).await?;
    Ok(Versioned::read(finding.version, FindingBody::from(finding), &headers).into_response())
}

/// What to decide, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionBody {
    /// What.
    #[schema(value_type = DecisionWord)]
    kind: String,
    /// Why.
    #[schema(min_length = 1, max_length = 2_000, example = "The value comes from a constant table")]
    reason: String,
}

/// Decide about a finding; no scan overwrites it
#[utoipa::path(
    put, path = "/api/v1/findings/{id}/decision", tag = "findings", request_body = DecisionBody,
    params(("id" = String, Path, format = "uuid"), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = FindingBody, headers(("ETag" = String))))
)]
pub(crate) async fn decide_finding(
    State(service): State<Service>,
    Signed(asking): Signed,
    Named(id): Named<FindingId>,
    _: NoQuery,
    if_match: IfMatch,
    Json(body): Json<DecisionBody>,
) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    let kind = faults.take("kind", body.kind.parse::<DecisionKind>());
    let reason = faults.take("reason", Reason::parse(&body.reason));
    let (kind, reason) = faults.given(kind.zip(reason))?;
    let finding = decide_finding::decide_finding(&service, &asking, id, if_match.optional(), kind, reason).await?;
    Ok(Versioned::changed(finding.version, FindingBody::from(finding)).into_response())
}
