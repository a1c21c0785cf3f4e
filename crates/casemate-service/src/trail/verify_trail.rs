//! Verifies the audit trail.

use std::collections::BTreeMap;

use casemate_model::access::{Denied, TenantFacts, VerifyAudit};
use casemate_model::audit::{Chain, Hash, Verifier, hex};
use casemate_store::{StoreError, Tx};

use super::checkpoint::{Checkpoint, is_signed};
use crate::service::store_errors_are_faults;
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

store_errors_are_faults!(VerifyTrailError);

/// Events read at once.
const PAGE: i64 = 1_000;

/// Verifies the chain of the caller's tenant.
///
/// # Errors
/// See [`VerifyTrailError`].
pub async fn verify_trail(service: &Service, asking: &Asking) -> Result<Verified, VerifyTrailError> {
    let tenant = asking.caller.tenant();
    let permit = service.permit(asking, VerifyAudit, TenantFacts { id: tenant })?;
    let mut tx = service.store().begin_reading(&permit).await?;
    Ok(verify_chain(&mut tx, Chain::Tenant(tenant), &[]).await?)
}

/// Verifies every chain, against checkpoints if there are any. For the operator's command alone; works without a server.
///
/// # Errors
/// When the store fails.
pub async fn verify_all_trails(service: &Service, checkpoints: &[Checkpoint]) -> Result<Vec<Verified>, Fault> {
    let tenants = service.store().begin_reading_instance().await?.tenants().await?;
    let mut chains: BTreeMap<Chain, Vec<&Checkpoint>> = BTreeMap::from([(Chain::Instance, Vec::new())]);
    chains.extend(tenants.iter().map(|tenant| (Chain::Tenant(tenant.id), Vec::new())));
    let mut results = Vec::new();
    let mut forged = 0_usize;
    for checkpoint in checkpoints {
        match checkpoint.chain() {
            // A checkpoint of a tenant that is gone brings its chain back to be missed.
            Some(chain) if is_signed(service, checkpoint)? => chains.entry(chain).or_default().push(checkpoint),
            _ => forged += 1,
        }
    }
    for (chain, checkpoints) in chains {
        let mut tx = match chain {
            Chain::Instance => service.store().begin_reading_instance().await?,
            Chain::Tenant(tenant) => service.store().begin_reading(&service.own_scope(tenant)?).await?,
        };
        let mut verified = verify_chain(&mut tx, chain, &checkpoints).await?;
        if chain == Chain::Instance && forged > 0 {
            verified.checkpoint_fault = Some(format!("{forged} checkpoints are not signed by this instance"));
        }
        results.push(verified);
    }
    Ok(results)
}

async fn verify_chain(tx: &mut Tx, chain: Chain, checkpoints: &[&Checkpoint]) -> Result<Verified, StoreError> {
    // Events that are appended meanwhile are for the next verification.
    let head = tx.head().await?;
    let most = head.map_or(0, |head| head.seq);
    let mut verifier = Verifier::default();
    let mut broken_at = None;
    'walk: loop {
        let after = verifier.head().0;
        let events = tx.events_in_order(after, PAGE.min(most - after).max(1)).await?;
        let is_last = events.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
        for event in events {
            if verifier.head().0 >= most && head.is_some() {
                break 'walk;
            }
            match event.as_ref().map(|event| verifier.take(event)) {
                Some(Ok(())) => {}
                Some(Err(broken)) => broken_at = Some(broken.seq),
                None => broken_at = Some(verifier.head().0 + 1),
            }
            if broken_at.is_some() {
                break 'walk;
            }
        }
        if is_last {
            break;
        }
    }
    let (events, last) = verifier.head();
    // The head says how many there must be: a tail cut off without it shows here, one cut off with it against a checkpoint.
    if broken_at.is_none() && head.is_some_and(|head| (head.seq, head.hash) != (events, last)) {
        broken_at = Some(if most > events { events + 1 } else { events });
    }
    let mut checkpoint_fault = None;
    for checkpoint in checkpoints {
        let hash = tx.event_hash(checkpoint.seq).await?.and_then(|hash| Hash::try_from(hash).ok());
        checkpoint_fault = match hash {
            None => Some(format!("{} events were there on {}, {events} are now", checkpoint.seq, checkpoint.at)),
            Some(hash) if hex(&hash) != checkpoint.hash => {
                Some(format!("event {} is another than it was on {}", checkpoint.seq, checkpoint.at))
            }
            Some(_) => continue,
        };
        break;
    }
    Ok(Verified { chain, events, head: hex(&last), broken_at, checkpoint_fault })
}
