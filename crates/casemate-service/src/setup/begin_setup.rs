//! Makes the one-time link with which the first administrator sets the instance up.

use casemate_model::access::Actor;
use casemate_model::audit::Chain;
use casemate_model::id::LinkId;
use casemate_store::{Link, LinkKind};
use time::Duration;

use crate::sessions::secret_token::{hash_of, new_token};
use crate::{Fault, SecretText, Service};

/// A new token for `/setup`, which voids older ones; `None` when the instance is set up already.
///
/// # Errors
/// When the store fails.
pub async fn begin_setup(service: &Service) -> Result<Option<SecretText>, Fault> {
    let now = service.now();
    let token = new_token("")?;
    let mut tx = service.store().begin_instance().await?;
    if tx.is_set_up().await? {
        return Ok(None);
    }
    let link =
        Link { id: LinkId::fresh(), kind: LinkKind::Setup, created_at: now, expires_at: now + Duration::days(1) };
    tx.insert_link(&link, &hash_of(&token)).await?;
    tx.append_event(service.event_by(Actor::System, Chain::Instance, None, "setup_begin", "instance")).await?;
    tx.commit().await?;
    Ok(Some(token))
}
