//! API clients and what their tokens may do.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::{ClientId, TenantId};
use crate::text::ClientName;

/// What an access token may do (OAuth 2.0 scope, RFC 6749 section 3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TokenScope {
    /// Read cases, notes and findings.
    #[serde(rename = "cases:read")]
    CasesRead,
    /// Open and edit cases, add notes.
    #[serde(rename = "cases:write")]
    CasesWrite,
    /// Export.
    #[serde(rename = "cases:export")]
    CasesExport,
    /// Submit scans.
    #[serde(rename = "findings:write")]
    FindingsWrite,
    /// Read and verify the audit trail.
    #[serde(rename = "audit:read")]
    AuditRead,
}

impl TokenScope {
    /// All scopes.
    pub const ALL: [Self; 5] =
        [Self::CasesRead, Self::CasesWrite, Self::CasesExport, Self::FindingsWrite, Self::AuditRead];

    /// The word in tokens and forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CasesRead => "cases:read",
            Self::CasesWrite => "cases:write",
            Self::CasesExport => "cases:export",
            Self::FindingsWrite => "findings:write",
            Self::AuditRead => "audit:read",
        }
    }
}

impl fmt::Display for TokenScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word in a scope list that names no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a scope")]
pub struct NotAScope(pub String);

impl FromStr for TokenScope {
    type Err = NotAScope;

    fn from_str(word: &str) -> Result<Self, NotAScope> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word).ok_or_else(|| NotAScope(word.to_owned()))
    }
}

/// A set of scopes, written as words with blanks between them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenScopes(BTreeSet<TokenScope>);

impl TokenScopes {
    /// These scopes.
    pub fn new(scopes: impl IntoIterator<Item = TokenScope>) -> Self {
        Self(scopes.into_iter().collect())
    }

    /// Reads a list with blanks between its words.
    ///
    /// # Errors
    /// When a word names no scope.
    pub fn parse(text: &str) -> Result<Self, NotAScope> {
        text.split_ascii_whitespace().map(str::parse).collect::<Result<_, _>>().map(Self)
    }

    /// Whether it holds this one.
    pub fn contains(&self, scope: TokenScope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether it holds all of these.
    pub fn covers(&self, others: &Self) -> bool {
        self.0.is_superset(&others.0)
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each scope.
    pub fn iter(&self) -> impl Iterator<Item = TokenScope> + '_ {
        self.0.iter().copied()
    }
}

impl fmt::Display for TokenScopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, scope) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl TryFrom<String> for TokenScopes {
    type Error = NotAScope;

    fn try_from(text: String) -> Result<Self, NotAScope> {
        Self::parse(&text)
    }
}

impl From<TokenScopes> for String {
    fn from(scopes: TokenScopes) -> Self {
        scopes.to_string()
    }
}

/// A program that calls the API. Its secret is stored as a hash only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// `client_id`.
    pub id: ClientId,
    /// Whose.
    pub tenant: TenantId,
    /// What people call it.
    pub name: ClientName,
    /// The most its tokens may do.
    pub scopes: TokenScopes,
    /// Since when.
    pub created_at: Timestamp,
    /// Since when it may no longer get tokens.
    pub revoked_at: Option<Timestamp>,
    /// When it last got a token.
    pub last_used_at: Option<Timestamp>,
}
