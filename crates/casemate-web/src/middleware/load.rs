//! How much is worked on at once, for whom, and for how long.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use casemate_service::Origin;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::limits::{Key, is_probe};
use crate::failure::Failure;
use crate::state::AppState;

/// One address may take one of so many parts of the slots.
const SHARES: usize = 4;

/// Probes answered at once, beside everything else: a server under load is not a dead one.
const PROBES: usize = 32;

/// What is worked on, in all and for each address.
#[derive(Clone, Debug)]
pub(crate) struct Slots {
    all: Arc<Semaphore>,
    probes: Arc<Semaphore>,
    most_of_one: usize,
    taken: Arc<Mutex<HashMap<Key, usize>>>,
}

/// A place among what is worked on.
#[derive(Debug)]
struct Slot {
    key: Key,
    taken: Arc<Mutex<HashMap<Key, usize>>>,
    _one: OwnedSemaphorePermit,
}

impl Slots {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(most)),
            probes: Arc::new(Semaphore::new(PROBES)),
            most_of_one: most.div_ceil(SHARES),
            taken: Arc::default(),
        }
    }

    /// SECURITY: whoever sends many bodies slowly gets their share of the slots, and leaves the rest to others (CWE-770).
    fn take(&self, key: Key) -> Option<Slot> {
        let one = Arc::clone(&self.all).try_acquire_owned().ok()?;
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = taken.entry(key).or_default();
        if *mine >= self.most_of_one {
            return None;
        }
        *mine += 1;
        Some(Slot { key, taken: Arc::clone(&self.taken), _one: one })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mine) = taken.get_mut(&self.key) {
            *mine = mine.saturating_sub(1);
            if *mine == 0 {
                taken.remove(&self.key);
            }
        }
    }
}

/// Turns away what comes when all slots are taken, and gives up what takes too long.
pub(crate) async fn bounded(State(state): State<AppState>, request: Request, next: Next) -> Result<Response, Failure> {
    let refused = || {
        tracing::warn!(target: "security", event = "excess_load", object = "requests", outcome = "refused");
        Failure::busy()
    };
    let work = tokio::time::timeout(state.settings.request_timeout, async {
        if is_probe(request.uri().path()) {
            let _slot = Arc::clone(&state.slots.probes).try_acquire_owned().map_err(|_| refused())?;
            return Ok(next.run(request).await);
        }
        let key = request.extensions().get::<Origin>().map_or(Key::Overflow(0), |origin| Key::address(origin.ip));
        let _slot = state.slots.take(key).ok_or_else(refused)?;
        Ok(next.run(request).await)
    });
    work.await.map_err(|_| Failure::busy())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_takes_its_share_and_leaves_the_rest() {
        let slots = Slots::new(8);
        let [one, other] = ["192.0.2.1", "192.0.2.2"].map(|ip| Key::address(ip.parse().unwrap()));
        let held: Vec<_> = (0..5).map(|_| slots.take(one)).collect();
        assert_eq!(held.iter().filter(|slot| slot.is_some()).count(), 2);
        assert!(slots.take(other).is_some());
        drop(held);
        assert!(slots.take(one).is_some());
        assert!(slots.taken.lock().unwrap().is_empty(), "nobody is remembered who has nothing running");
    }
}
