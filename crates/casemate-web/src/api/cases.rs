//! `/cases`: open, list, read, edit, assign, restrict.
#![expect(unused_qualifications, reason = "written by utoipa around the query types")]

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use casemate_model::case::{Case, CaseRef, CaseSeverity, CaseStatus, Resolution, ResolutionKind};
use casemate_model::id::UserId;
use casemate_model::text::{CaseDescription, CaseTitle, SearchText, Tag};
use casemate_service::Service;
use casemate_service::cases::list_cases::AssigneeFilter;
use casemate_service::cases::name_readers::Readers;
use casemate_service::cases::{assign_case, create_case, edit_case, list_cases, name_readers, read_case};
use http::HeaderMap;
use http::header::LOCATION;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::Signed;
use super::cursor::{self, Of};
use super::input::{Faults, Json, Named, NoQuery, Query, distinct};
use super::version::{IfMatch, Versioned};
use super::words::{ResolutionWord, Severity, Status};
use super::{List, moment};
use crate::failure::Failure;

/// One case.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseBody {
    /// What people call it, unique in its tenant.
    #[schema(example = "CASE-17")]
    reference: String,
    /// Id.
    #[schema(format = "uuid")]
    id: String,
    /// Title.
    #[schema(example = "SQL built from strings in search")]
    title: String,
    /// Description.
    description: Option<String>,
    /// Where it stands.
    #[schema(value_type = Status)]
    status: &'static str,
    /// How bad.
    #[schema(value_type = Severity)]
    severity: &'static str,
    /// Labels.
    tags: Vec<String>,
    /// When it should be done.
    #[schema(format = "date")]
    due_on: Option<String>,
    /// Id of the project it is about.
    #[schema(format = "uuid")]
    project: Option<String>,
    /// Why it is, or is to be, closed.
    resolution: Option<ResolutionBody>,
    /// Who opened it: `member:<id>`, `client:<id>` or `system`.
    opened_by: String,
    /// Id of the member who works on it.
    #[schema(format = "uuid")]
    assignee: Option<String>,
    /// Id of the member who approved its closure, while the approval holds.
    #[schema(format = "uuid")]
    approved_by: Option<String>,
    /// Closed while the tenant had turned four-eyes off.
    closed_without_four_eyes: bool,
    /// Read by its named members only.
    restricted: bool,
    /// Since when.
    #[schema(format = "date-time")]
    created_at: String,
    /// Last change.
    #[schema(format = "date-time")]
    updated_at: String,
}

impl From<Case> for CaseBody {
    fn from(case: Case) -> Self {
        Self {
            reference: case.reference.to_string(),
            id: case.id.to_string(),
            title: case.title.into(),
            description: case.description.map(Into::into),
            status: case.status.as_str(),
            severity: case.severity.as_str(),
            tags: case.tags.into_iter().map(Into::into).collect(),
            due_on: case.due_on.map(moment::date),
            project: case.project.map(|project| project.to_string()),
            resolution: case.resolution.map(Into::into),
            opened_by: case.opened_by.to_string(),
            assignee: case.assignee.map(|user| user.to_string()),
            approved_by: case.approved_by.map(|user| user.to_string()),
            closed_without_four_eyes: case.closed_without_four_eyes,
            restricted: case.restricted,
            created_at: moment::time(case.created_at),
            updated_at: moment::time(case.updated_at),
        }
    }
}

/// Why a case is closed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolutionBody {
    /// Why.
    #[schema(value_type = ResolutionWord)]
    kind: String,
    /// With `accepted_risk`: until when; at most a year ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "date-time")]
    until: Option<String>,
    /// With `duplicate`: reference of the other case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "CASE-12")]
    duplicate_of: Option<String>,
}

impl From<Resolution> for ResolutionBody {
    fn from(resolution: Resolution) -> Self {
        let (until, duplicate_of) = match resolution {
            Resolution::AcceptedRisk { until } => (Some(moment::time(until)), None),
            Resolution::Duplicate { of } => (None, Some(of.to_string())),
            _ => (None, None),
        };
        Self { kind: resolution.kind().as_str().to_owned(), until, duplicate_of }
    }
}

impl ResolutionBody {
    /// The resolution, with exactly what its kind needs.
    pub(crate) fn read(&self, faults: &mut Faults) -> Option<Resolution> {
        let kind = faults.take("resolution.kind", self.kind.parse::<ResolutionKind>())?;
        let until = faults.take_some("resolution.until", self.until.as_deref(), moment::parse_time);
        let of = faults.take_some("resolution.duplicate_of", self.duplicate_of.as_deref(), str::parse::<CaseRef>);
        if self.until.is_some() && kind != ResolutionKind::AcceptedRisk {
            faults.note("resolution.until", "goes with accepted_risk only");
        }
        if self.duplicate_of.is_some() && kind != ResolutionKind::Duplicate {
            faults.note("resolution.duplicate_of", "goes with duplicate only");
        }
        match kind {
            ResolutionKind::Fixed => Some(Resolution::Fixed),
            ResolutionKind::FalsePositive => Some(Resolution::FalsePositive),
            ResolutionKind::NotApplicable => Some(Resolution::NotApplicable),
            ResolutionKind::AcceptedRisk => {
                if self.until.is_none() {
                    faults.note("resolution.until", "is needed with accepted_risk");
                }
                until.map(|until| Resolution::AcceptedRisk { until })
            }
            ResolutionKind::Duplicate => {
                if self.duplicate_of.is_none() {
                    faults.note("resolution.duplicate_of", "is needed with duplicate");
                }
                of.map(|of| Resolution::Duplicate { of })
            }
        }
    }
}

/// Which cases. Every filter that is set must fit; `status` and `severity` may be repeated.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListCasesQuery {
    /// Any of these.
    #[serde(default)]
    #[param(value_type = Vec<Status>)]
    status: Vec<String>,
    /// Any of these.
    #[serde(default)]
    #[param(value_type = Vec<Severity>)]
    severity: Vec<String>,
    /// Id of a member, or `nobody`.
    #[param(example = "nobody")]
    assignee: Option<String>,
    /// Id of a project.
    #[param(format = "uuid")]
    project: Option<String>,
    /// Opened from a finding of this rule, by id or name.
    #[param(example = "sql-text-built")]
    rule: Option<String>,
    /// Title, description or reference contains this.
    text: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Rows on a page, 50 unless said otherwise, 200 at most.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
}

fn assignee(text: &str) -> Result<AssigneeFilter, &'static str> {
    if text == "nobody" {
        return Ok(AssigneeFilter::Nobody);
    }
    text.parse().map(AssigneeFilter::Member).map_err(|_| "must be the id of a member, or `nobody`")
}

/// List cases, the latest first
#[utoipa::path(get, path = "/api/v1/cases", tag = "cases", params(ListCasesQuery), responses((status = 200, body = List<CaseBody>)))]
pub(crate) async fn list_cases(
    State(service): State<Service>,
    Signed(asking): Signed,
    Query(query): Query<ListCasesQuery>,
) -> Result<axum::Json<List<CaseBody>>, Failure> {
    let mut faults = Faults::default();
    let (before, size) = cursor::page(Of::Cases, query.cursor.as_deref(), query.limit, &mut faults);
    let request = list_cases::ListCases {
        statuses: distinct(faults.take_all("status", &query.status, str::parse::<CaseStatus>)),
        severities: distinct(faults.take_all("severity", &query.severity, str::parse::<CaseSeverity>)),
        assignee: faults.take_some("assignee", query.assignee.as_deref(), assignee),
        project: faults.take_some("project", query.project.as_deref(), str::parse),
        rule: faults.take_some("rule", query.rule.as_deref(), SearchText::parse),
        text: faults.take_some("text", query.text.as_deref(), SearchText::parse),
        before,
        size,
    };
    faults.none()?;
    let page = list_cases::list_cases(&service, &asking, request).await?;
    Ok(axum::Json(List {
        items: page.items.into_iter().map(Into::into).collect(),
        next: page.next.map(|key| cursor::write(Of::Cases, key)),
    }))
}

/// A new case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCaseBody {
    /// Title.
    #[schema(min_length = 1, max_length = 200, example = "SQL built from strings in search")]
    title: String,
    /// Description.
    #[serde(default)]
    #[schema(max_length = 20_000)]
    description: Option<String>,
    /// How bad.
    #[schema(value_type = Severity)]
    severity: String,
    /// Id of the project it is about.
    #[serde(default)]
    #[schema(format = "uuid")]
    project: Option<String>,
    /// Labels.
    #[serde(default)]
    #[schema(max_items = 20)]
    tags: Vec<String>,
    /// When it should be done.
    #[serde(default)]
    #[schema(format = "date", example = "2026-12-24")]
    due_on: Option<String>,
}

/// Open a case
#[utoipa::path(
    post, path = "/api/v1/cases", tag = "cases", request_body = CreateCaseBody,
    responses((status = 201, body = CaseBody, headers(("ETag" = String), ("Location" = String))))
)]
pub(crate) async fn create_case(
    State(service): State<Service>,
    Signed(asking): Signed,
    _: NoQuery,
    Json(body): Json<CreateCaseBody>,
) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    let title = faults.take("title", CaseTitle::parse(&body.title));
    let severity = faults.take("severity", body.severity.parse::<CaseSeverity>());
    let description = faults.take_some("description", body.description.as_deref(), CaseDescription::parse);
    let project = faults.take_some("project", body.project.as_deref(), str::parse);
    let tags = distinct(faults.take_all("tags", &body.tags, Tag::parse));
    let due_on = faults.take_some("due_on", body.due_on.as_deref(), moment::parse_date);
    let (title, severity) = faults.given(title.zip(severity))?;
    let request = create_case::CreateCase { title, description, severity, project, tags, due_on };
    let case = create_case::create_case(&service, &asking, request).await?;
    let location = format!("/api/v1/cases/{}", case.reference);
    let answer = Versioned::created(case.version, CaseBody::from(case));
    Ok(([(LOCATION, location)], answer).into_response())
}

/// Read a case
#[utoipa::path(
    get, path = "/api/v1/cases/{ref}", tag = "cases",
    params(("ref" = String, Path, example = "CASE-17"), ("If-None-Match" = Option<String>, Header)),
    responses((status = 200, body = CaseBody, headers(("ETag" = String))), (status = 304, description = "You have it already"))
)]
pub(crate) async fn read_case(
    State(service): State<Service>,
    Signed(asking): Signed,
    Named(reference): Named<CaseRef>,
    _: NoQuery,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let case = read_case::read_case(&service, &asking, reference).await?;
    Ok(Versioned::read(case.version, CaseBody::from(case), &headers).into_response())
}

/// What to change; what is left out stays, `null` empties.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditCaseBody {
    /// Title.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    title: Option<String>,
    /// Description.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 20_000)]
    description: Option<Option<String>>,
    /// How bad. Takes the right to rate, see the policies.
    #[serde(default)]
    #[schema(value_type = Option<Severity>)]
    severity: Option<String>,
    /// Labels.
    #[serde(default)]
    #[schema(max_items = 20)]
    tags: Option<Vec<String>>,
    /// When it should be done.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = "date")]
    due_on: Option<Option<String>>,
    /// Why it is to be closed.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<ResolutionBody>)]
    resolution: Option<Option<ResolutionBody>>,
}

/// Tells `null` from left out.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Edit a case
///
/// Changing severity or resolution of an approved case voids the approval.
#[utoipa::path(
    patch, path = "/api/v1/cases/{ref}", tag = "cases", request_body = EditCaseBody,
    params(("ref" = String, Path, example = "CASE-17"), ("If-Match" = String, Header, example = "\"v3\"")),
    responses((status = 200, body = CaseBody, headers(("ETag" = String))))
)]
pub(crate) async fn edit_case(
    State(service): State<Service>,
    Signed(asking): Signed,
    Named(reference): Named<CaseRef>,
    _: NoQuery,
    if_match: IfMatch,
    Json(body): Json<EditCaseBody>,
) -> Result<Response, Failure> {
    let version = if_match.required()?;
    let mut faults = Faults::default();
    let inner = |text: &Option<Option<String>>| text.clone();
    let request = edit_case::EditCase {
        title: faults.take_some("title", body.title.as_deref(), CaseTitle::parse),
        description: inner(&body.description)
            .map(|text| faults.take_some("description", text.as_deref(), CaseDescription::parse)),
        severity: faults.take_some("severity", body.severity.as_deref(), str::parse::<CaseSeverity>),
        tags: body.tags.as_ref().map(|tags| distinct(faults.take_all("tags", tags, Tag::parse))),
        due_on: inner(&body.due_on).map(|day| faults.take_some("due_on", day.as_deref(), moment::parse_date)),
        resolution: body.resolution.as_ref().map(|body| body.as_ref().and_then(|body| body.read(&mut faults))),
    };
    faults.none()?;
    let case = edit_case::edit_case(&service, &asking, reference, version, request).await?;
    Ok(Versioned::changed(case.version, CaseBody::from(case)).into_response())
}

/// Who is to work on it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssigneeBody {
    /// Id of a reviewer, senior reviewer or admin; `null` for nobody.
    #[schema(format = "uuid", required = true)]
    #[serde(deserialize_with = "Option::deserialize")]
    assignee: Option<String>,
}

/// Give a case to somebody, or to nobody
#[utoipa::path(
    put, path = "/api/v1/cases/{ref}/assignee", tag = "cases", request_body = AssigneeBody,
    params(("ref" = String, Path, example = "CASE-17"), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = CaseBody, headers(("ETag" = String))))
)]
pub(crate) async fn assign_case(
    State(service): State<Service>,
    Signed(asking): Signed,
    Named(reference): Named<CaseRef>,
    _: NoQuery,
    if_match: IfMatch,
    Json(body): Json<AssigneeBody>,
) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    let assignee = faults.take_some("assignee", body.assignee.as_deref(), str::parse::<UserId>);
    faults.none()?;
    let case = assign_case::assign_case(&service, &asking, reference, if_match.optional(), assignee).await?;
    Ok(Versioned::changed(case.version, CaseBody::from(case)).into_response())
}

/// Who may read it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadersBody {
    /// Ids of members; `null` for everybody in the tenant.
    #[schema(required = true)]
    #[serde(deserialize_with = "Option::deserialize")]
    readers: Option<Vec<String>>,
}

/// Restrict a case to named members, or open it again
#[utoipa::path(
    put, path = "/api/v1/cases/{ref}/readers", tag = "cases", request_body = ReadersBody,
    params(("ref" = String, Path, example = "CASE-17"), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = CaseBody, headers(("ETag" = String))))
)]
pub(crate) async fn name_readers(
    State(service): State<Service>,
    Signed(asking): Signed,
    Named(reference): Named<CaseRef>,
    _: NoQuery,
    if_match: IfMatch,
    Json(body): Json<ReadersBody>,
) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    let readers = match &body.readers {
        None => Readers::All,
        Some(ids) => Readers::Named(distinct(faults.take_all("readers", ids, str::parse::<UserId>))),
    };
    faults.none()?;
    let case = name_readers::name_readers(&service, &asking, reference, if_match.optional(), readers).await?;
    Ok(Versioned::changed(case.version, CaseBody::from(case)).into_response())
}
