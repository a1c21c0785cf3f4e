//! A tenant: one organisation's walls.

use crate::Timestamp;
use crate::id::TenantId;
use crate::text::TenantName;

/// One organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Id.
    pub id: TenantId,
    /// Name, unique on the instance.
    pub name: TenantName,
    /// Nobody approves a case they opened or are assigned to, and the closer is not the approver.
    pub four_eyes: bool,
    /// Since when.
    pub created_at: Timestamp,
}
