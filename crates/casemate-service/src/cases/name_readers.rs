//! Restricts a case to named members, or opens it to the tenant again.

use std::collections::BTreeSet;

use casemate_model::access::{Action as _, CaseFacts, Denied, NameReaders};
use casemate_model::case::{Case, CaseRef};
use casemate_model::id::UserId;

use serde_json::Map;

use super::{four_eyes, object, version_now};
use crate::service::store_errors_are_faults;
use crate::{Asking, Fault, Service};

/// Who may read it.
#[derive(Clone, Debug)]
pub enum Readers {
    /// Everybody in the tenant.
    All,
    /// These members, whoever restricts it, and the assignee.
    Named(Vec<UserId>),
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum NameReadersError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No such case, or not for this caller.
    #[error("no such case")]
    NotFound,
    /// Somebody named is no member of this tenant.
    #[error("readers must be members of this tenant")]
    NotAMember,
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

/// Changes who may read it.
///
/// # Errors
/// See [`NameReadersError`].
pub async fn name_readers(
    service: &Service,
    asking: &Asking,
    reference: CaseRef,
    version: Option<i64>,
    readers: Readers,
) -> Result<Case, NameReadersError> {
    let scope = service.scope(asking)?;
    let mut tx = service.store().begin(&scope).await?;
    let case = tx.case(&scope, reference).await?.ok_or(NameReadersError::NotFound)?;
    let four_eyes = four_eyes(&mut tx, &scope).await?;
    let permit = service.permit(asking, NameReaders, CaseFacts::of(&case, four_eyes))?;
    if version.is_some_and(|version| version != case.version) {
        return Err(NameReadersError::Stale { now: case.version });
    }
    let (restricted, named) = match readers {
        Readers::All => (false, BTreeSet::new()),
        Readers::Named(users) => (true, users.into_iter().collect::<BTreeSet<_>>()),
    };
    for user in &named {
        tx.member(&scope, *user).await?.ok_or(NameReadersError::NotAMember)?;
    }
    let mut named = named;
    if restricted {
        // Nobody locks themselves or whoever works on it out by mistake.
        named.extend(asking.caller.user());
        named.extend(case.assignee);
    }
    let named: Vec<UserId> = named.into_iter().collect();
    let next = Case { restricted, version: case.version + 1, updated_at: service.now(), ..case.clone() };
    if !tx.update_case(&permit, &next).await? {
        return Err(NameReadersError::Stale { now: version_now(&mut tx, &scope, &case).await? });
    }
    tx.set_readers(&permit, &named).await?;
    let mut details = Map::new();
    details.insert("restricted".to_owned(), restricted.into());
    details.insert("readers".to_owned(), named.iter().map(ToString::to_string).collect::<Vec<_>>().into());
    tx.append_event(service.event(asking, permit.action().name(), object(reference), details)).await?;
    tx.commit().await?;
    Ok(next)
}

store_errors_are_faults!(NameReadersError);
