//! `/audit`: the trail that cannot be altered unseen.
#![expect(unused_qualifications, reason = "written by utoipa around the query types")]

use axum::extract::State;
use casemate_model::audit::{Event, hex};
use casemate_model::case::CaseRef;
use casemate_service::Service;
use casemate_service::trail::{read_trail, verify_trail};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::caller::Signed;
use super::cursor::{self, Of};
use super::input::{Faults, NoQuery, Query};
use super::{List, moment};
use crate::failure::Failure;
use crate::middleware::limits::Heavy;

/// One event of the trail. `hash` is SHA-256(tag ‖ `prev` ‖ canonical JSON of the rest).
#[derive(Debug, Serialize, ToSchema)]
pub struct EventBody {
    /// Place in the chain, from 1.
    seq: i64,
    /// When.
    #[schema(format = "date-time")]
    at: String,
    /// Who.
    actor: String,
    /// What.
    #[schema(example = "case_create")]
    action: String,
    /// To what.
    #[schema(example = "case:CASE-17")]
    object: String,
    /// `success` or `failure`.
    #[schema(example = "success")]
    outcome: &'static str,
    /// Facts worth keeping.
    #[schema(value_type = Object)]
    details: serde_json::Map<String, serde_json::Value>,
    /// The request that caused it.
    request_id: String,
    /// Hash of the event before.
    prev: String,
    /// Hash of this one.
    hash: String,
}

impl From<Event> for EventBody {
    fn from(event: Event) -> Self {
        Self {
            seq: event.seq,
            at: moment::time(event.event.at),
            actor: event.event.actor.to_string(),
            action: event.event.action,
            object: event.event.object,
            outcome: event.event.outcome.as_str(),
            details: event.event.details,
            request_id: event.event.request_id,
            prev: hex(&event.prev),
            hash: hex(&event.hash),
        }
    }
}

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReadTrailQuery {
    /// About this case only.
    #[param(example = "CASE-17")]
    case: Option<String>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Rows on a page, 50 unless said otherwise, 200 at most.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
}

/// Read the audit trail, the latest first
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(ReadTrailQuery), responses((status = 200, body = List<EventBody>)))]
pub(crate) async fn read_trail(
    State(service): State<Service>,
    Signed(asking): Signed,
    Query(query): Query<ReadTrailQuery>,
) -> Result<axum::Json<List<EventBody>>, Failure> {
    let mut faults = Faults::default();
    let (before, size) = cursor::page(Of::Trail, query.cursor.as_deref(), query.limit, &mut faults);
    let case = faults.take_some("case", query.case.as_deref(), str::parse::<CaseRef>);
    faults.none()?;
    let page = read_trail::read_trail(&service, &asking, read_trail::ReadTrail { case, before, size }).await?;
    Ok(axum::Json(List {
        items: page.items.into_iter().map(Into::into).collect(),
        next: page.next.map(|key| cursor::write(Of::Trail, key)),
    }))
}

/// What a verification came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerifiedBody {
    /// Whether all of it holds.
    sound: bool,
    /// Events that hold, from the first on.
    events: i64,
    /// Hash of the last that holds.
    head: String,
    /// Number of the first event that does not hold.
    broken_at: Option<i64>,
}

/// Verify the audit trail
#[utoipa::path(post, path = "/api/v1/audit/verify", tag = "audit", responses((status = 200, body = VerifiedBody)))]
pub(crate) async fn verify_trail(
    State(service): State<Service>,
    Signed(asking): Signed,
    _: NoQuery,
    _: Heavy,
) -> Result<axum::Json<VerifiedBody>, Failure> {
    let verified = verify_trail::verify_trail(&service, &asking).await?;
    Ok(axum::Json(VerifiedBody {
        sound: verified.is_sound(),
        events: verified.events,
        head: verified.head,
        broken_at: verified.broken_at,
    }))
}
