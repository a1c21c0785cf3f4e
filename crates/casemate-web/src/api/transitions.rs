//! `/cases/{ref}/transitions`: how a case changes its status.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use casemate_model::case::{CaseAction, CaseRef, Transition};
use casemate_model::text::Reason;
use casemate_service::Service;
use casemate_service::cases::{apply_action, read_case};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::Signed;
use super::cases::{CaseBody, ResolutionBody};
use super::input::{Faults, Json, Named, NoQuery};
use super::version::{IfMatch, Versioned};
use super::words::{Action, Status};
use super::{List, moment};
use crate::failure::Failure;

/// One change of a status.
#[derive(Debug, Serialize, ToSchema)]
pub struct TransitionBody {
    /// Id.
    #[schema(format = "uuid")]
    id: String,
    /// What was done.
    #[schema(value_type = Action)]
    action: &'static str,
    /// From where.
    #[schema(value_type = Status)]
    from: &'static str,
    /// To where.
    #[schema(value_type = Status)]
    to: &'static str,
    /// Why.
    reason: String,
    /// By whom: `member:<id>`, `client:<id>` or `system`.
    actor: String,
    /// When.
    #[schema(format = "date-time")]
    at: String,
}

impl From<Transition> for TransitionBody {
    fn from(transition: Transition) -> Self {
        Self {
            id: transition.id.to_string(),
            action: transition.action.as_str(),
            from: transition.from.as_str(),
            to: transition.to.as_str(),
            reason: transition.reason.into(),
            actor: transition.actor.to_string(),
            at: moment::time(transition.at),
        }
    }
}

/// List the status changes of a case, the oldest first
#[utoipa::path(
    get, path = "/api/v1/cases/{ref}/transitions", tag = "cases", params(("ref" = String, Path, example = "CASE-17")),
    responses((status = 200, body = List<TransitionBody>))
)]
pub(crate) async fn list_transitions(
    State(service): State<Service>,
    Signed(asking): Signed,
    Named(reference): Named<CaseRef>,
    _: NoQuery,
) -> Result<axum::Json<List<TransitionBody>>, Failure> {
    let history = read_case::read_case_history(&service, &asking, reference).await?;
    Ok(axum::Json(List::whole(history.transitions.into_iter().map(Into::into))))
}

/// What to do, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyActionBody {
    /// What.
    #[schema(value_type = Action, example = "escalate")]
    action: String,
    /// Why.
    #[schema(min_length = 1, max_length = 2_000, example = "Reachable from the internet without sign-in")]
    reason: String,
    /// With `approve_closure` or `close`: why it is closed.
    #[serde(default)]
    resolution: Option<ResolutionBody>,
}

/// Change the status of a case
#[utoipa::path(
    post, path = "/api/v1/cases/{ref}/transitions", tag = "cases", request_body = ApplyActionBody,
    params(("ref" = String, Path, example = "CASE-17"), ("If-Match" = Option<String>, Header)),
    responses((status = 201, description = "The case as it is now", body = CaseBody, headers(("ETag" = String))))
)]
pub(crate) async fn apply_action(
    State(service): State<Service>,
    Signed(asking): Signed,
    Named(reference): Named<CaseRef>,
    _: NoQuery,
    if_match: IfMatch,
    Json(body): Json<ApplyActionBody>,
) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    let action = faults.take("action", body.action.parse::<CaseAction>());
    let reason = faults.take("reason", Reason::parse(&body.reason));
    let resolution = body.resolution.as_ref().and_then(|body| body.read(&mut faults));
    let (action, reason) = faults.given(action.zip(reason))?;
    let request = apply_action::ApplyAction { action, reason, resolution, version: if_match.optional() };
    let case = apply_action::apply_action(&service, &asking, reference, request).await?;
    let answer = Versioned::created(case.version, CaseBody::from(case));
    Ok(answer.into_response())
}
