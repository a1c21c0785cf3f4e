//! Who is asking.

use std::fmt;
use std::str::FromStr;

use crate::client::TokenScopes;
use crate::id::{ClientId, TenantId, UserId};
use crate::member::Role;

/// A person, signed in to one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberCaller {
    /// Who.
    pub user: UserId,
    /// Where.
    pub tenant: TenantId,
    /// As what.
    pub role: Role,
    /// Whether they proved who they are within the last five minutes.
    pub is_fresh: bool,
}

/// A program with an access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCaller {
    /// Which.
    pub client: ClientId,
    /// Where.
    pub tenant: TenantId,
    /// What its token may do.
    pub scopes: TokenScopes,
}

/// Who is asking, as proved by a session or a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A person.
    Member(MemberCaller),
    /// A program.
    Client(ClientCaller),
    /// Casemate itself, working for one tenant.
    System(TenantId),
}

impl Caller {
    /// In which tenant.
    pub fn tenant(&self) -> TenantId {
        match self {
            Self::Member(member) => member.tenant,
            Self::Client(client) => client.tenant,
            Self::System(tenant) => *tenant,
        }
    }

    /// The name under which the audit trail knows them.
    pub fn actor(&self) -> Actor {
        match self {
            Self::Member(member) => Actor::Member(member.user),
            Self::Client(client) => Actor::Client(client.client),
            Self::System(_) => Actor::System,
        }
    }

    /// The person, if it is one.
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::Member(member) => Some(member.user),
            Self::Client(_) | Self::System(_) => None,
        }
    }
}

/// Who did it, as remembered: `member:<id>`, `client:<id>`, `system`, `anonymous`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// A person.
    Member(UserId),
    /// A program.
    Client(ClientId),
    /// Casemate itself.
    System,
    /// Nobody we know.
    Anonymous,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(user) => write!(f, "member:{user}"),
            Self::Client(client) => write!(f, "client:{client}"),
            Self::System => f.write_str("system"),
            Self::Anonymous => f.write_str("anonymous"),
        }
    }
}

/// The text names no actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an actor")]
pub struct NotAnActor;

impl FromStr for Actor {
    type Err = NotAnActor;

    fn from_str(text: &str) -> Result<Self, NotAnActor> {
        match text.split_once(':') {
            Some(("member", id)) => id.parse().map(Self::Member).map_err(|_| NotAnActor),
            Some(("client", id)) => id.parse().map(Self::Client).map_err(|_| NotAnActor),
            None if text == "system" => Ok(Self::System),
            None if text == "anonymous" => Ok(Self::Anonymous),
            _ => Err(NotAnActor),
        }
    }
}
