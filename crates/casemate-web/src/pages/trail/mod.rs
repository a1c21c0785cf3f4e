//! The audit trail.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use casemate_model::Timestamp;
use casemate_model::audit::{Event, OutcomeOfEvent, hex};
use casemate_model::case::CaseRef;
use casemate_service::members::directory::{Directory, directory};
use casemate_service::trail::read_trail::{ReadTrail, read_trail};
use casemate_service::trail::verify_trail::{self, Verified};
use serde_json::Value;

use super::answer;
use super::form::{Fields, Sheet};
use super::frame::Frame;
use super::when::When;
use crate::csrf::Form;
use crate::failure::Failure;
use crate::session::Visitor;
use crate::state::AppState;

#[derive(Template)]
#[template(path = "trail/trail.html")]
struct TrailPage {
    frame: Frame,
    sheet: Sheet,
    is_filtered: bool,
    events: Vec<EventRow>,
    is_later_page: bool,
    first_href: String,
    next_href: Option<String>,
    verified: Option<VerifiedView>,
}

struct EventRow {
    seq: i64,
    when: When,
    who: String,
    action: String,
    is_failure: bool,
    case: Option<CaseRef>,
    object: String,
    kind: String,
    end_of_id: String,
    details: Vec<(String, String)>,
    request_id: String,
    short_hash: String,
    hash: String,
    prev: String,
}

struct VerifiedView {
    is_sound: bool,
    events: i64,
    head: String,
    what: String,
}

/// Shows the latest events.
pub(crate) async fn show_trail(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(query): Query<Fields>,
) -> Result<Response, Failure> {
    answer::page(&trail(&state, &visitor, &query).await?)
}

/// Verifies the chain and says how it stands.
pub(crate) async fn verify(
    State(state): State<AppState>,
    visitor: Visitor,
    _: Form<Fields>,
) -> Result<Response, Failure> {
    let verified = verify_trail::verify_trail(&state.service, &visitor.asking).await?;
    let page = trail(&state, &visitor, &Fields::default()).await?;
    answer::page(&TrailPage { verified: Some(view(verified)), ..page })
}

async fn trail(state: &AppState, visitor: &Visitor, query: &Fields) -> Result<TrailPage, Failure> {
    let now = state.service.now();
    let mut sheet = query.sheet();
    let case = query.filled("case").and_then(|text| sheet.take("case", text.to_uppercase().parse::<CaseRef>()));
    let before = query.text("before").parse().ok();
    let page = read_trail(&state.service, &visitor.asking, ReadTrail { case, before, ..ReadTrail::default() }).await?;
    let names = directory(&state.service, &visitor.asking).await?;
    Ok(TrailPage {
        frame: Frame::of(state, visitor, "trail", "Audit trail"),
        sheet,
        is_filtered: query.filled("case").is_some(),
        events: page.items.into_iter().map(|event| row(event, &names, now)).collect(),
        is_later_page: before.is_some(),
        first_href: format!("/trail?{}", query.query_with("before", "")),
        next_href: page.next.map(|next| format!("/trail?{}", query.query_with("before", &next.to_string()))),
        verified: None,
    })
}

fn row(event: Event, names: &Directory, now: Timestamp) -> EventRow {
    let hash = hex(&event.hash);
    let what = event.event;
    let (kind, id) = what.object.split_once(':').unwrap_or((what.object.as_str(), ""));
    // Ids that were made together begin alike; their ends tell them apart.
    let end_of_id = id.get(id.len().saturating_sub(8)..).unwrap_or(id).to_owned();
    let kind = kind.to_owned();
    EventRow {
        seq: event.seq,
        when: When::of(what.at, now),
        who: names.name(&what.actor).to_owned(),
        is_failure: what.outcome == OutcomeOfEvent::Failure,
        case: what.object.strip_prefix("case:").and_then(|reference| reference.parse().ok()),
        details: what
            .details
            .into_iter()
            .map(|(name, value)| match value {
                Value::String(text) => (name, text),
                other => (name, other.to_string()),
            })
            .collect(),
        kind,
        end_of_id,
        action: what.action,
        object: what.object,
        request_id: what.request_id,
        short_hash: hash.chars().take(8).collect(),
        prev: hex(&event.prev),
        hash,
    }
}

fn view(verified: Verified) -> VerifiedView {
    let what = match (verified.broken_at, &verified.checkpoint_fault) {
        (Some(seq), _) => format!("Event {seq} is not what it was when it was written, or one before it is missing."),
        (None, Some(fault)) => fault.clone(),
        (None, None) => String::new(),
    };
    VerifiedView { is_sound: verified.is_sound(), events: verified.events, head: verified.head, what }
}
