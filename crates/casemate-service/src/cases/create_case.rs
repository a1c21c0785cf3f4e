//! Opens a case.

use casemate_model::access::{self, Action as _, Denied, TenantFacts};
use casemate_model::case::{Case, CaseRef, CaseSeverity, CaseStatus};
use casemate_model::id::{CaseId, ProjectId};
use casemate_model::text::{CaseDescription, CaseTitle, Tag};

use casemate_store::Counted;
use serde_json::Map;

use super::{MOST_TAGS, digest, object};
use crate::service::store_errors_are_faults;
use crate::{Asking, Fault, Service};

/// What a new case says.
#[derive(Clone, Debug)]
pub struct CreateCase {
    /// Title.
    pub title: CaseTitle,
    /// Description.
    pub description: Option<CaseDescription>,
    /// How bad. Anybody who may open a case says so once; changing it later takes more.
    pub severity: CaseSeverity,
    /// About which project.
    pub project: Option<ProjectId>,
    /// Labels, at most 20.
    pub tags: Vec<Tag>,
    /// When it should be done.
    pub due_on: Option<time::Date>,
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum CreateCaseError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such project in this tenant.
    #[error("no such project")]
    UnknownProject,
    /// More labels than a case may have.
    #[error("a case has at most 20 tags")]
    TooManyTags,
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Opens it under the next reference of the tenant.
///
/// # Errors
/// See [`CreateCaseError`].
pub async fn create_case(service: &Service, asking: &Asking, request: CreateCase) -> Result<Case, CreateCaseError> {
    let tenant = asking.caller.tenant();
    let permit = service.permit(asking, access::CreateCase, TenantFacts { id: tenant })?;
    let tags = without_repeats(request.tags);
    if tags.len() > MOST_TAGS {
        return Err(CreateCaseError::TooManyTags);
    }
    let mut tx = service.store().begin(&permit).await?;
    if let Some(project) = request.project {
        // A client that may only write cannot read projects itself.
        let scope = service.own_scope(tenant)?;
        tx.project(&scope, project).await?.ok_or(CreateCaseError::UnknownProject)?;
    }
    let number = tx.take_numbers(&permit, Counted::Case, 1).await?;
    let now = service.now();
    let case = Case {
        id: CaseId::fresh(),
        tenant,
        reference: CaseRef::new(number).ok_or_else(|| Fault::new("case numbers have run out"))?,
        project: request.project,
        title: request.title,
        description: request.description,
        status: CaseStatus::Open,
        severity: request.severity,
        tags,
        due_on: request.due_on,
        resolution: None,
        opened_by: permit.actor(),
        assignee: None,
        approved_by: None,
        closed_without_four_eyes: false,
        restricted: false,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    tx.insert_case(&permit, &case).await?;
    let mut details = Map::new();
    details.insert("severity".to_owned(), case.severity.as_str().into());
    details.insert("title_sha256".to_owned(), digest(case.title.as_str()).into());
    if let Some(description) = &case.description {
        details.insert("description_sha256".to_owned(), digest(description.as_str()).into());
    }
    tx.append_event(service.event(asking, permit.action().name(), object(case.reference), details)).await?;
    tx.commit().await?;
    Ok(case)
}

/// Each label once, in the order given.
pub(super) fn without_repeats(tags: Vec<Tag>) -> Vec<Tag> {
    let mut kept: Vec<Tag> = Vec::with_capacity(tags.len().min(MOST_TAGS));
    for tag in tags {
        if !kept.contains(&tag) {
            kept.push(tag);
        }
        // Enough to be told that there are too many.
        if kept.len() > MOST_TAGS {
            break;
        }
    }
    kept
}

store_errors_are_faults!(CreateCaseError);
