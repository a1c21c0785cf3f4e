//! A signed-in browser.

use crate::Timestamp;
use crate::id::{SessionId, TenantId, UserId};

/// A server-side session. The browser holds a random token of which only the hash is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Id, safe to show.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// In which tenant it works.
    pub tenant: TenantId,
    /// When the password was last given: sensitive acts want this to be recent.
    pub authenticated_at: Timestamp,
    /// When it began.
    pub created_at: Timestamp,
    /// Last use.
    pub seen_at: Timestamp,
    /// When it ends, whatever happens.
    pub expires_at: Timestamp,
    /// What the browser called itself, shortened.
    pub agent: String,
}
