//! Gives a case to somebody, or to nobody.

use casemate_model::access::{Action as _, AssignCase, CaseFacts, Denied};
use casemate_model::case::{Case, CaseRef};
use casemate_model::id::UserId;
use casemate_model::member::Role;

use serde_json::{Map, Value};

use super::{four_eyes, object, version_now};
use crate::service::store_errors_are_faults;
use crate::{Asking, Fault, Service};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum AssignCaseError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such case, or not for this caller.
    #[error("no such case")]
    NotFound,
    /// Cases go to reviewers, senior reviewers and administrators of this tenant.
    #[error("must be a reviewer, senior reviewer or admin of this tenant")]
    NotAssignable,
    /// A closed case is reopened first.
    #[error("the case is closed; reopen it first")]
    Closed,
    /// Somebody else changed it since.
    #[error("the case was changed by somebody else since you read it")]
    Stale {
        /// The version now.
        now: i64,
    },
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Assigns it. The assignee of a restricted case becomes one of its readers.
///
/// # Errors
/// See [`AssignCaseError`].
pub async fn assign_case(
    service: &Service,
    asking: &Asking,
    reference: CaseRef,
    version: Option<i64>,
    assignee: Option<UserId>,
) -> Result<Case, AssignCaseError> {
    let scope = service.scope(asking)?;
    let mut tx = service.store().begin(&scope).await?;
    let case = tx.case(&scope, reference).await?.ok_or(AssignCaseError::NotFound)?;
    let four_eyes = four_eyes(&mut tx, &scope).await?;
    let permit = service.permit(asking, AssignCase, CaseFacts::of(&case, four_eyes))?;
    if case.status.is_closed() {
        return Err(AssignCaseError::Closed);
    }
    if version.is_some_and(|version| version != case.version) {
        return Err(AssignCaseError::Stale { now: case.version });
    }
    if let Some(user) = assignee {
        let member = tx.member(&scope, user).await?;
        if member.is_none_or(|member| member.role < Role::Reviewer) {
            return Err(AssignCaseError::NotAssignable);
        }
    }
    if case.assignee == assignee {
        return Ok(case);
    }
    let next = Case { assignee, version: case.version + 1, updated_at: service.now(), ..case.clone() };
    if !tx.update_case(&permit, &next).await? {
        return Err(AssignCaseError::Stale { now: version_now(&mut tx, &scope, &case).await? });
    }
    if let Some(user) = assignee.filter(|_| case.restricted) {
        tx.add_reader(&permit, user).await?;
    }
    let mut details = Map::new();
    let name = |user: Option<UserId>| user.map_or(Value::Null, |user| user.to_string().into());
    details.insert("from".to_owned(), name(case.assignee));
    details.insert("to".to_owned(), name(assignee));
    tx.append_event(service.event(asking, permit.action().name(), object(reference), details)).await?;
    tx.commit().await?;
    Ok(next)
}

store_errors_are_faults!(AssignCaseError);
