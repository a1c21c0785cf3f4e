//! What is known of the clients whose tokens come in, for a second at most: revoking one is felt by every process within that.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use casemate_model::client::Client;
use casemate_model::id::ClientId;

use crate::{Fault, Service};

/// For how long an answer of the store is believed.
pub(crate) const FRESH: Duration = Duration::from_secs(1);
/// Most clients remembered.
const MOST: usize = 10_000;

/// An answer, and when it was asked for.
type Answer = (Instant, Option<Arc<Client>>);

#[derive(Default)]
pub(crate) struct ClientCache(Mutex<HashMap<ClientId, Answer>>);

impl ClientCache {
    /// The client, as it was a second ago or later.
    pub(crate) async fn get(&self, service: &Service, id: ClientId) -> Result<Option<Arc<Client>>, Fault> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if let Some((at, client)) = known
            && at.elapsed() < FRESH
        {
            return Ok(client);
        }
        // INVARIANT: the answer is as old as the question, so that a slow answer is not believed longer.
        let at = Instant::now();
        let found = service.store().begin_reading_instance().await?.client_by_id(id).await?;
        let client = found.map(|known| Arc::new(known.client));
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if clients.len() >= MOST {
            clients.clear();
        }
        clients.insert(id, (at, client.clone()));
        Ok(client)
    }

    /// Asks the store the next time.
    pub(crate) fn forget(&self, id: ClientId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}
