//! A project: what is scanned.

use crate::Timestamp;
use crate::id::{ProjectId, TenantId};
use crate::text::ProjectName;

/// One code base in a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Id.
    pub id: ProjectId,
    /// Whose.
    pub tenant: TenantId,
    /// Name, unique in the tenant.
    pub name: ProjectName,
    /// Since when.
    pub created_at: Timestamp,
}
