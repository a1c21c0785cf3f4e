//! People, and what they are in a tenant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::{TenantId, UserId};
use crate::text::{Email, PersonName};

/// What a member is in a tenant. Each may do what the ones before it may, within the policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Opens and describes cases.
    Editor,
    /// Works on the cases assigned to them.
    Reviewer,
    /// Approves and closes.
    SeniorReviewer,
    /// Runs the tenant.
    Admin,
}

impl Role {
    /// All roles, the least first.
    pub const ALL: [Self; 5] = [Self::Viewer, Self::Editor, Self::Reviewer, Self::SeniorReviewer, Self::Admin];

    /// The word used in the API, the database and the policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Reviewer => "reviewer",
            Self::SeniorReviewer => "senior_reviewer",
            Self::Admin => "admin",
        }
    }

    /// The words people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Reviewer => "reviewer",
            Self::SeniorReviewer => "senior reviewer",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The word names none of the five roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be viewer, editor, reviewer, senior_reviewer or admin")]
pub struct NotARole;

impl FromStr for Role {
    type Err = NotARole;

    fn from_str(word: &str) -> Result<Self, NotARole> {
        Self::ALL.into_iter().find(|role| role.as_str() == word).ok_or(NotARole)
    }
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Id.
    pub id: UserId,
    /// What they sign in with.
    pub email: Email,
    /// What others read.
    pub name: PersonName,
}

/// A person in a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub user: User,
    /// Where.
    pub tenant: TenantId,
    /// As what.
    pub role: Role,
    /// Since when.
    pub joined_at: Timestamp,
}
