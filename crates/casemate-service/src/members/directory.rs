//! Names for the people and programs that appear on pages.

use std::collections::HashMap;

use casemate_model::access::{Actor, Denied};
use casemate_model::id::UserId;
use casemate_model::member::Role;

use crate::service::store_errors_are_faults;
use crate::{Asking, Fault, Service};

/// Names of everybody who ever did something in a tenant.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// Name of each actor.
    pub names: HashMap<Actor, String>,
    /// Members who may be given a case (reviewers and above), by name.
    pub assignable: Vec<(UserId, String, Role)>,
    /// All members, by name: who may be named as reader of a restricted case.
    pub members: Vec<(UserId, String, Role)>,
}

impl Directory {
    /// What to call somebody.
    pub fn name(&self, actor: &Actor) -> &str {
        match actor {
            Actor::System => "Casemate",
            Actor::Anonymous => "somebody",
            other => self.names.get(other).map_or("a former member", String::as_str),
        }
    }
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

store_errors_are_faults!(DirectoryError);

/// The directory of the caller's tenant, for whoever may read there.
///
/// # Errors
/// See [`DirectoryError`].
pub async fn directory(service: &Service, asking: &Asking) -> Result<Directory, DirectoryError> {
    let scope = service.scope(asking)?;
    let mut tx = service.store().begin_reading(&scope).await?;
    let people = tx.member_names(&scope).await?;
    let programs = tx.client_names(&scope).await?;
    let members = tx.members(&scope).await?;
    let names = people
        .into_iter()
        .map(|(user, name)| (Actor::Member(user), name))
        .chain(programs.into_iter().map(|(client, name)| (Actor::Client(client), name)))
        .collect();
    let members: Vec<_> =
        members.into_iter().map(|member| (member.user.id, member.user.name.into(), member.role)).collect();
    let assignable = members.iter().filter(|(_, _, role)| *role >= Role::Reviewer).cloned().collect();
    Ok(Directory { names, assignable, members })
}
