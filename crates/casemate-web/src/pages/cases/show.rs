//! One case: what it is about, what happened to it, and what the policies let this person do with it now.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use casemate_model::Timestamp;
use casemate_model::access::Actor;
use casemate_model::case::{
    Case, CaseAction, CaseRef, CaseSeverity, CaseStatus, Resolution, ResolutionKind, Transition,
};
use casemate_model::id::UserId;
use casemate_model::note::Note;
use casemate_model::text::{CaseTitle, NoteText, Reason};
use casemate_service::cases::add_note::add_note;
use casemate_service::cases::apply_action::{ApplyAction, apply_action};
use casemate_service::cases::assign_case::assign_case;
use casemate_service::cases::edit_case::{EditCase, edit_case};
use casemate_service::cases::name_readers::{Readers, name_readers};
use casemate_service::cases::offered_actions::{Offered, offered_actions};
use casemate_service::cases::read_case::{CaseHistory, read_case_history};
use casemate_service::members::directory::{Directory, directory};

use super::Choice;
use super::list::is_overdue;
use super::new::{described, due_on, tags};
use crate::csrf::Form;
use crate::failure::{Code, Failure};
use crate::pages::answer;
use crate::pages::done::{self, Done};
use crate::pages::findings::FindingView;
use crate::pages::form::{Fields, Sheet, capital};
use crate::pages::frame::Frame;
use crate::pages::people::Person;
use crate::pages::when::{When, day, iso_day, parse_day};
use crate::session::Visitor;
use crate::state::AppState;

/// Reasons to close a case, as offered.
pub(crate) const RESOLUTIONS: &[ResolutionKind] = ResolutionKind::ALL;
/// Severities, as offered.
pub(crate) const SEVERITIES: &[CaseSeverity] = CaseSeverity::ALL;

#[derive(Template)]
#[template(path = "cases/show.html")]
struct CasePage {
    frame: Frame,
    /// Which form came back, and with what.
    returned: &'static str,
    typed: Sheet,
    empty: Sheet,
    edit: Sheet,
    reference: CaseRef,
    version: i64,
    title: String,
    description: Option<String>,
    status: CaseStatus,
    severity: CaseSeverity,
    tags: Vec<String>,
    project: Option<String>,
    restricted: bool,
    closed_without_four_eyes: bool,
    is_closed: bool,
    is_approved: bool,
    assignee: Option<Person>,
    opened_by: Person,
    opened: When,
    updated: When,
    due: Option<String>,
    is_overdue: bool,
    resolution: Option<ResolutionView>,
    approved_by: Option<Person>,
    readers: Vec<Person>,
    offered: Offered,
    actions: Vec<Offer>,
    can_take: bool,
    me: UserId,
    assignable: Vec<Choice>,
    member_choices: Vec<Choice>,
    findings: Vec<FindingView>,
    history: Vec<Entry>,
}

struct Offer {
    action: CaseAction,
    takes_resolution: bool,
    hint: &'static str,
}

struct ResolutionView {
    text: String,
    duplicate_of: Option<CaseRef>,
}

struct Entry {
    icon: &'static str,
    is_note: bool,
    who: Person,
    what: String,
    change: Option<Change>,
    text: String,
    when: When,
    at: Timestamp,
}

struct Change {
    to: CaseStatus,
}

impl CasePage {
    /// What to show in a form: what came back if it was this one.
    fn sheet(&self, form: &str) -> &Sheet {
        if self.returned == form { &self.typed } else { &self.empty }
    }

    /// The edit form shows the case until something else was typed.
    fn edit_sheet(&self) -> &Sheet {
        if self.returned == "edit" { &self.typed } else { &self.edit }
    }

    /// A resolution proposed earlier is shown until another was chosen.
    fn resolution_sheet(&self, form: &str) -> &Sheet {
        if self.returned == form { &self.typed } else { &self.edit }
    }

    async fn of(state: &AppState, visitor: &Visitor, reference: CaseRef) -> Result<Self, Failure> {
        let now = state.service.now();
        let read = read_case_history(&state.service, &visitor.asking, reference).await?;
        let people = directory(&state.service, &visitor.asking).await?;
        let offered = offered_actions(&state.service, &visitor.asking, &read.case, visitor.tenant.four_eyes);
        let CaseHistory { case, project, notes, transitions, findings, readers } = read;
        let person = |user: UserId| Person::of(Actor::Member(user), &people);
        Ok(Self {
            frame: Frame::of(state, visitor, "cases", format!("{reference}: {}", case.title)),
            returned: "",
            typed: Sheet::default(),
            empty: Sheet::default(),
            edit: as_typed(&case),
            reference,
            version: case.version,
            title: capital(case.title.as_str()),
            description: case.description.as_ref().map(ToString::to_string),
            status: case.status,
            severity: case.severity,
            tags: case.tags.iter().map(ToString::to_string).collect(),
            project: project.map(|project| project.name.to_string()),
            restricted: case.restricted,
            closed_without_four_eyes: case.closed_without_four_eyes,
            is_closed: case.status.is_closed(),
            is_approved: case.status == CaseStatus::ApprovedForClosure,
            assignee: case.assignee.map(person),
            opened_by: Person::of(case.opened_by, &people),
            opened: When::of(case.created_at, now),
            updated: When::of(case.updated_at, now),
            due: case.due_on.map(day),
            is_overdue: is_overdue(&case, now),
            resolution: case.resolution.map(resolution_view),
            approved_by: case.approved_by.map(person),
            readers: readers.iter().map(|user| person(*user)).collect(),
            actions: offered.actions.iter().map(|action| offer(*action)).collect(),
            can_take: case.assignee != Some(visitor.user.id)
                && people.assignable.iter().any(|(id, ..)| *id == visitor.user.id),
            me: visitor.user.id,
            assignable: choices(&people.assignable, |id| case.assignee == Some(id)),
            member_choices: choices(&people.members, |id| readers.contains(&id)),
            offered,
            findings: findings.iter().map(FindingView::of).collect(),
            history: history(&case, &notes, &transitions, &people, now),
        })
    }
}

/// Shows the case.
pub(crate) async fn show_case(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(reference): Path<String>,
    Query(query): Query<Fields>,
) -> Result<Response, Failure> {
    let mut page = CasePage::of(&state, &visitor, parse(&reference)?).await?;
    page.frame = page.frame.saying(&query);
    answer::page(&page)
}

/// Changes the status.
pub(crate) async fn transition(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(reference): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, Failure> {
    let reference = parse(&reference)?;
    let action: CaseAction = form.text("action").parse().map_err(|error| Failure::field("action", error))?;
    let mut sheet = form.sheet();
    let reason = sheet.take("reason", Reason::parse(form.text("reason")));
    let resolution = resolution(&form, &mut sheet);
    let failure = match (sheet.is_wrong(), reason) {
        (false, Some(reason)) => {
            let request = ApplyAction { action, reason, resolution, version: version(&form) };
            match apply_action(&state.service, &visitor.asking, reference, request).await {
                Ok(_) => return Ok(moved_on(reference, Done::CaseMoved)),
                Err(error) => Some(Failure::from(error)),
            }
        }
        _ => None,
    };
    again(&state, &visitor, reference, action.as_str(), sheet, failure).await
}

/// Writes a note.
pub(crate) async fn note(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(reference): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, Failure> {
    let reference = parse(&reference)?;
    let mut sheet = form.sheet();
    let failure = match sheet.take("text", NoteText::parse(form.text("text"))) {
        Some(text) => match add_note(&state.service, &visitor.asking, reference, text).await {
            Ok(_) => return Ok(moved_on(reference, Done::NoteAdded)),
            Err(error) => Some(Failure::from(error)),
        },
        None => None,
    };
    again(&state, &visitor, reference, "note", sheet, failure).await
}

/// Gives the case to somebody, or to nobody.
pub(crate) async fn assignee(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(reference): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, Failure> {
    let reference = parse(&reference)?;
    let assignee = match form.filled("assignee") {
        Some(id) => Some(id.parse::<UserId>().map_err(|error| Failure::field("assignee", error))?),
        None => None,
    };
    match assign_case(&state.service, &visitor.asking, reference, version(&form), assignee).await {
        Ok(case) => {
            let done = if case.assignee.is_some() { Done::Assigned } else { Done::Unassigned };
            Ok(moved_on(reference, done))
        }
        Err(error) => {
            let message = error.to_string();
            let failure = Failure::from(error);
            let sheet = form.sheet();
            let sheet = if failure.code() == Code::Invalid { sheet.troubled(message) } else { sheet };
            again(&state, &visitor, reference, "assignee", sheet, Some(failure)).await
        }
    }
}

/// Edits what the case says.
pub(crate) async fn edit(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(reference): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, Failure> {
    let reference = parse(&reference)?;
    let mut sheet = form.sheet();
    let title = sheet.take("title", CaseTitle::parse(form.text("title")));
    let description = described(&form, &mut sheet);
    let severity: Option<CaseSeverity> = form.filled("severity").and_then(|word| sheet.take("severity", word.parse()));
    let tags = tags(&form, &mut sheet);
    let due_on = due_on(&form, &mut sheet);
    let resolution = resolution(&form, &mut sheet);
    let version = version(&form).ok_or_else(|| Failure::field("version", "must be a number"))?;
    let mut failure = None;
    if !sheet.is_wrong() {
        let before = read_case_history(&state.service, &visitor.asking, reference).await?.case;
        // Only what changed: an unchanged severity takes no permission, an unchanged resolution voids no approval.
        let request = EditCase {
            title: title.filter(|title| *title != before.title),
            description: (description != before.description).then_some(description),
            severity: severity.filter(|severity| *severity != before.severity),
            tags: (tags != before.tags).then_some(tags),
            due_on: (due_on != before.due_on).then_some(due_on),
            resolution: (resolution != before.resolution).then_some(resolution),
        };
        match edit_case(&state.service, &visitor.asking, reference, version, request).await {
            Ok(_) => return Ok(moved_on(reference, Done::CaseEdited)),
            Err(error) => failure = Some(Failure::from(error)),
        }
    }
    again(&state, &visitor, reference, "edit", sheet, failure).await
}

/// Says who may read it.
pub(crate) async fn readers(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(reference): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, Failure> {
    let reference = parse(&reference)?;
    let (readers, done) = if form.text("readers") == "named" {
        let members: Result<Vec<UserId>, _> = form.all("member").map(str::parse).collect();
        let members = members.map_err(|error| Failure::field("member", error))?;
        (Readers::Named(members), Done::ReadersNamed)
    } else {
        (Readers::All, Done::ReadersAll)
    };
    match name_readers(&state.service, &visitor.asking, reference, version(&form), readers).await {
        Ok(_) => Ok(moved_on(reference, done)),
        Err(error) => {
            let message = error.to_string();
            let failure = Failure::from(error);
            let sheet = form.sheet();
            let sheet = if failure.code() == Code::Invalid { sheet.troubled(message) } else { sheet };
            again(&state, &visitor, reference, "readers", sheet, Some(failure)).await
        }
    }
}

/// The case again, with what is wrong beside the form that came in.
async fn again(
    state: &AppState,
    visitor: &Visitor,
    reference: CaseRef,
    form: &'static str,
    sheet: Sheet,
    failure: Option<Failure>,
) -> Result<Response, Failure> {
    if let Some(failure) = failure.as_ref().filter(|failure| matches!(failure.code(), Code::Denied | Code::NotFound)) {
        return Err(failure.clone());
    }
    let page = CasePage::of(state, visitor, reference).await?;
    // A step that is no longer offered has no form to show its message beside: then it stands above the note.
    let has_form = page.actions.iter().any(|offer| offer.action.as_str() == form) || is_own_form(form);
    if let (false, Some(failure)) = (has_form, &failure) {
        return Err(failure.clone());
    }
    sheet.answer(failure, |typed| CasePage { returned: form, typed, ..page })
}

fn is_own_form(form: &str) -> bool {
    matches!(form, "edit" | "note" | "assignee" | "readers")
}

fn moved_on(reference: CaseRef, done: Done) -> Response {
    answer::go(&done::address(&format!("/cases/{reference}"), done))
}

/// A reference that has not the form of one names nothing.
fn parse(reference: &str) -> Result<CaseRef, Failure> {
    reference.parse().map_err(|_| Failure::new(Code::NotFound))
}

fn version(form: &Fields) -> Option<i64> {
    form.text("version").parse().ok()
}

/// The resolution chosen, with what it needs; what is missing is said at its field.
fn resolution(form: &Fields, sheet: &mut Sheet) -> Option<Resolution> {
    let kind: ResolutionKind = sheet.take("resolution", form.filled("resolution")?.parse())?;
    Some(match kind {
        ResolutionKind::Fixed => Resolution::Fixed,
        ResolutionKind::FalsePositive => Resolution::FalsePositive,
        ResolutionKind::NotApplicable => Resolution::NotApplicable,
        ResolutionKind::AcceptedRisk => {
            let date = parse_day(form.text("until")).ok_or("say until when the risk is accepted");
            let date = sheet.take("until", date)?;
            Resolution::AcceptedRisk { until: end_of(date) }
        }
        ResolutionKind::Duplicate => {
            let of = form.text("duplicate_of").trim().to_uppercase().parse::<CaseRef>();
            Resolution::Duplicate { of: sheet.take("duplicate_of", of)? }
        }
    })
}

/// A risk accepted until a day is accepted to its end.
fn end_of(date: time::Date) -> Timestamp {
    date.with_time(time::Time::MAX.truncate_to_second()).assume_utc()
}

/// The case as its edit form shows it.
fn as_typed(case: &Case) -> Sheet {
    let tags: Vec<&str> = case.tags.iter().map(casemate_model::text::Tag::as_str).collect();
    let sheet = Sheet::default()
        .with("title", case.title.as_str())
        .with("description", case.description.as_ref().map_or("", |text| text.as_str()))
        .with("severity", case.severity.as_str())
        .with("tags", tags.join(", "))
        .with("due_on", case.due_on.map(iso_day).unwrap_or_default());
    match case.resolution {
        Some(Resolution::AcceptedRisk { until }) => {
            sheet.with("resolution", "accepted_risk").with("until", iso_day(until.date()))
        }
        Some(Resolution::Duplicate { of }) => {
            sheet.with("resolution", "duplicate").with("duplicate_of", of.to_string())
        }
        Some(other) => sheet.with("resolution", other.kind().as_str()),
        None => sheet,
    }
}

fn resolution_view(resolution: Resolution) -> ResolutionView {
    let label = resolution.kind().label();
    match resolution {
        Resolution::AcceptedRisk { until } => {
            ResolutionView { text: format!("{label} until {}", day(until.date())), duplicate_of: None }
        }
        Resolution::Duplicate { of } => ResolutionView { text: format!("{label} of"), duplicate_of: Some(of) },
        _ => ResolutionView { text: label.to_owned(), duplicate_of: None },
    }
}

fn choices(
    people: &[(UserId, String, casemate_model::member::Role)],
    is_chosen: impl Fn(UserId) -> bool,
) -> Vec<Choice> {
    let choice = |(id, name, role): &(UserId, String, casemate_model::member::Role)| Choice {
        value: id.to_string(),
        label: format!("{name} ({})", role.label()),
        is_chosen: is_chosen(*id),
    };
    people.iter().map(choice).collect()
}

fn offer(action: CaseAction) -> Offer {
    let hint = match action {
        CaseAction::StartReview => "What you will look at.",
        CaseAction::RequestEvidence => "What proof is missing, and from whom.",
        CaseAction::ProvideEvidence => "What the proof is and where it can be found.",
        CaseAction::Escalate => "Why it needs somebody above.",
        CaseAction::ApproveClosure => "What convinced you that it may be closed.",
        CaseAction::RejectClosure => "What still has to be done.",
        CaseAction::Close => "What was done about it.",
        CaseAction::Reopen => "What came back, or was overlooked.",
        CaseAction::CloseGone | CaseAction::VoidApproval => "",
    };
    let takes_resolution = matches!(action, CaseAction::ApproveClosure | CaseAction::Close);
    Offer { action, takes_resolution, hint }
}

/// What was done, in the words of a history.
fn told(action: CaseAction) -> &'static str {
    match action {
        CaseAction::StartReview => "started the review",
        CaseAction::RequestEvidence => "requested evidence",
        CaseAction::ProvideEvidence => "provided evidence",
        CaseAction::Escalate => "escalated",
        CaseAction::ApproveClosure => "approved the closure",
        CaseAction::RejectClosure => "rejected the closure",
        CaseAction::Close => "closed the case",
        CaseAction::Reopen => "reopened the case",
        CaseAction::CloseGone => "closed the case: the finding is gone",
        CaseAction::VoidApproval => "voided the approval",
    }
}

/// Notes and changes of status, the oldest first.
fn history(case: &Case, notes: &[Note], transitions: &[Transition], people: &Directory, now: Timestamp) -> Vec<Entry> {
    let mut entries = vec![Entry {
        icon: "plus",
        is_note: false,
        who: Person::of(case.opened_by, people),
        what: "opened the case".to_owned(),
        change: None,
        text: String::new(),
        when: When::of(case.created_at, now),
        at: case.created_at,
    }];
    entries.extend(transitions.iter().map(|step| Entry {
        icon: step.action.as_str(),
        is_note: false,
        who: Person::of(step.actor, people),
        what: told(step.action).to_owned(),
        change: Some(Change { to: step.to }),
        text: step.reason.to_string(),
        when: When::of(step.at, now),
        at: step.at,
    }));
    entries.extend(notes.iter().map(|note| Entry {
        icon: "note",
        is_note: true,
        who: Person::of(note.author, people),
        what: "wrote a note".to_owned(),
        change: None,
        text: note.text.to_string(),
        when: When::of(note.written_at, now),
        at: note.written_at,
    }));
    entries.sort_by_key(|entry| entry.at);
    entries
}
