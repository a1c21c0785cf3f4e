//! Ids: UUID version 7, one type for each kind of thing, so that they cannot be mixed up.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh id that sorts by the time it was made (UUID version 7, RFC 9562).
            pub fn fresh() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self).map_err(|_| NotAnId)
            }
        }
    )*};
}

/// The text is not a UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct NotAnId;

id! {
    /// A tenant.
    TenantId,
    /// A project in a tenant.
    ProjectId,
    /// A person, across tenants.
    UserId,
    /// A case.
    CaseId,
    /// A note on a case.
    NoteId,
    /// A change of a case's status.
    TransitionId,
    /// A finding.
    FindingId,
    /// One report taken in.
    ScanId,
    /// A signed-in browser.
    SessionId,
    /// An API client (OAuth 2.0 `client_id`).
    ClientId,
    /// A one-time link: set-up, invitation, password reset.
    LinkId,
}
