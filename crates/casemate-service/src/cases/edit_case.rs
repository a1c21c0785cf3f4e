//! Edits a case.

use casemate_model::access::{self, Action as _, ApplyAction, Caller, CaseFacts, Denied, SetSeverity};
use casemate_model::case::{Case, CaseAction, CaseRef, CaseSeverity, CaseStatus, Resolution};
use casemate_model::text::{CaseDescription, CaseTitle, Tag};

use serde_json::{Map, Value, json};

use super::create_case::without_repeats;
use super::step::{self, Step};
use super::{MOST_TAGS, checked, digest, four_eyes, object, version_now};
use crate::service::store_errors_are_faults;
use crate::{Asking, Fault, Service};

/// What to change; `None` leaves it, an inner `None` empties it.
#[derive(Clone, Debug, Default)]
pub struct EditCase {
    /// Title.
    pub title: Option<CaseTitle>,
    /// Description.
    pub description: Option<Option<CaseDescription>>,
    /// How bad (takes the permission for it, see the policies).
    pub severity: Option<CaseSeverity>,
    /// Labels.
    pub tags: Option<Vec<Tag>>,
    /// When it should be done.
    pub due_on: Option<Option<time::Date>>,
    /// Why it is to be closed.
    pub resolution: Option<Option<Resolution>>,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum EditCaseError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such case, or not for this caller.
    #[error("no such case")]
    NotFound,
    /// Somebody else changed it since; the version is now this.
    #[error("the case was changed by somebody else since you read it")]
    Stale {
        /// The version now.
        now: i64,
    },
    /// A closed case is reopened before it is edited.
    #[error("the case is closed; reopen it first")]
    Closed,
    /// More labels than a case may have.
    #[error("a case has at most 20 tags")]
    TooManyTags,
    /// An accepted risk ends in the future, at most a year from now; a duplicate is of another case that exists.
    #[error("{0}")]
    BadResolution(&'static str),
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Edits it if it still has this version. Changing severity or resolution of an approved case voids the approval.
///
/// # Errors
/// See [`EditCaseError`].
pub async fn edit_case(
    service: &Service,
    asking: &Asking,
    reference: CaseRef,
    version: i64,
    request: EditCase,
) -> Result<Case, EditCaseError> {
    let scope = service.scope(asking)?;
    let mut tx = service.store().begin(&scope).await?;
    let case = tx.case(&scope, reference).await?.ok_or(EditCaseError::NotFound)?;
    let four_eyes = four_eyes(&mut tx, &scope).await?;
    let facts = CaseFacts::of(&case, four_eyes);
    let edits = request.severity.is_none_or(|severity| severity == case.severity) || request.changes_text();
    let may_edit = if edits { Some(service.permit(asking, access::EditCase, facts.clone())?) } else { None };
    let may_rate = match request.severity {
        Some(severity) if severity != case.severity => Some(service.permit(asking, SetSeverity, facts.clone())?),
        _ => None,
    };
    if case.status.is_closed() {
        return Err(EditCaseError::Closed);
    }
    if version != case.version {
        return Err(EditCaseError::Stale { now: case.version });
    }
    let now = service.now();
    let mut next = case.clone();
    if let Some(title) = request.title {
        next.title = title;
    }
    if let Some(description) = request.description {
        next.description = description;
    }
    if let Some(severity) = request.severity {
        next.severity = severity;
    }
    if let Some(tags) = request.tags {
        next.tags = without_repeats(tags);
    }
    if next.tags.len() > MOST_TAGS {
        return Err(EditCaseError::TooManyTags);
    }
    if let Some(due_on) = request.due_on {
        next.due_on = due_on;
    }
    if let Some(resolution) = request.resolution {
        next.resolution = match resolution {
            Some(wanted) => {
                Some(checked(&mut tx, &scope, &case, wanted, now).await?.map_err(EditCaseError::BadResolution)?)
            }
            None => None,
        };
    }
    if next == case {
        return Ok(case);
    }
    next.version += 1;
    next.updated_at = now;
    let details = details(&case, &next);
    // SECURITY: who approved agreed to what the case said then.
    let voids = case.status == CaseStatus::ApprovedForClosure
        && (next.severity != case.severity || next.resolution != case.resolution);
    let is_written = if voids {
        let own = Caller::System(case.tenant);
        let permit = service.access().permit(&own, ApplyAction(CaseAction::VoidApproval), facts)?;
        let step = Step { action: CaseAction::VoidApproval, four_eyes, by: None, resolution: None, at: now };
        let Some(voided) = step.from(&Case { version: case.version, ..next.clone() }) else {
            return Err(Fault::new("the state table cannot void an approval").into());
        };
        next = voided;
        let reason = step::own_reason("severity or resolution changed after the approval")?;
        let voiding = step::details(&case, &next, &reason);
        let is_written = step::take(&mut tx, &permit, (&case, &next), reason).await?;
        let mut event = service.event(asking, permit.action().name(), object(reference), voiding);
        event.actor = permit.actor();
        if is_written {
            tx.append_event(event).await?;
        }
        is_written
    } else {
        match (&may_edit, &may_rate) {
            (Some(permit), _) => tx.update_case(permit, &next).await?,
            (None, Some(permit)) => tx.update_case(permit, &next).await?,
            (None, None) => return Err(Fault::new("a change without a permit").into()),
        }
    };
    if !is_written {
        return Err(EditCaseError::Stale { now: version_now(&mut tx, &scope, &case).await? });
    }
    let names = [may_edit.map(|permit| permit.action().name()), may_rate.map(|permit| permit.action().name())];
    for name in names.into_iter().flatten() {
        tx.append_event(service.event(asking, name, object(reference), details.clone())).await?;
    }
    tx.commit().await?;
    Ok(next)
}

impl EditCase {
    fn changes_text(&self) -> bool {
        self.title.is_some()
            || self.description.is_some()
            || self.tags.is_some()
            || self.due_on.is_some()
            || self.resolution.is_some()
    }
}

/// Names of what changed, and digests of what people wrote.
fn details(before: &Case, after: &Case) -> Map<String, Value> {
    let changed = [
        ("title", before.title != after.title),
        ("description", before.description != after.description),
        ("severity", before.severity != after.severity),
        ("tags", before.tags != after.tags),
        ("due_on", before.due_on != after.due_on),
        ("resolution", before.resolution != after.resolution),
    ];
    let fields: Vec<Value> = changed.iter().filter(|(_, changed)| *changed).map(|(name, _)| (*name).into()).collect();
    let mut details = Map::new();
    details.insert("fields".to_owned(), fields.into());
    if before.title != after.title {
        details.insert("title_sha256".to_owned(), digest(after.title.as_str()).into());
    }
    if before.description != after.description {
        let text = after.description.as_ref().map_or("", CaseDescription::as_str);
        details.insert("description_sha256".to_owned(), digest(text).into());
    }
    if before.severity != after.severity {
        details.insert("severity".to_owned(), json!([before.severity, after.severity]));
    }
    if before.resolution != after.resolution {
        let kind = |case: &Case| case.resolution.map(|resolution| resolution.kind().as_str());
        details.insert("resolution".to_owned(), json!([kind(before), kind(after)]));
    }
    details
}

store_errors_are_faults!(EditCaseError);
