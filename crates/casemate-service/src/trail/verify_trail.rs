//! Verifies the audit trail.

use casemate_model::access::Denied;
use casemate_model::audit::Chain;

use crate::{Asking, Fault, Service};

/// What a verification came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Which chain.
    pub chain: Chain,
    /// Events that hold, from the first on.
    pub events: i64,
    /// Hash of the last that holds, hexadecimal.
    pub head: String,
    /// Number of the first event that does not hold.
    pub broken_at: Option<i64>,
    /// What a checkpoint says that the chain does not, if one was compared.
    pub checkpoint_fault: Option<String>,
}

impl Verified {
    /// Whether all of it holds.
    pub fn is_sound(&self) -> bool {
        self.broken_at.is_none() && self.checkpoint_fault.is_none()
    }
}

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum VerifyTrailError {
    /// The policies said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Not the caller's doing.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Verifies the chain of the caller's tenant.
///
/// # Errors
/// See [`VerifyTrailError`].
pub async fn verify_trail(_service: &Service, _asking: &Asking) -> Result<Verified, VerifyTrailError> {
    todo!()
}

/// Verifies every chain, against checkpoints if there are any. For the operator's command alone; works without a server.
///
/// # Errors
/// When the store fails.
pub async fn verify_all_trails(
    _service: &Service,
    _checkpoints: &[super::checkpoint::Checkpoint],
) -> Result<Vec<Verified>, Fault> {
    todo!()
}
