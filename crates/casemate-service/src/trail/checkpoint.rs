//! Signs where each chain stands, with a key outside the database: a chain alone would not show a cut tail or a full rewrite.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use casemate_model::Timestamp;
use casemate_model::audit::{Chain, canonical, hex};
use serde_json::json;

use crate::{Fault, Service};

/// A signed statement: at this time, this chain had this many events and ended in this hash.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Checkpoint {
    /// Which chain, by name.
    pub chain: String,
    /// Events.
    pub seq: i64,
    /// Hash of the last, hexadecimal.
    pub hash: String,
    /// When it was signed.
    #[serde(with = "time::serde::rfc3339")]
    pub at: Timestamp,
    /// Ed25519 over the canonical JSON of the fields above, base64url.
    pub signature: String,
}

impl Checkpoint {
    /// The chain it is about, if it names one.
    pub(crate) fn chain(&self) -> Option<Chain> {
        if self.chain == Chain::Instance.name() {
            return Some(Chain::Instance);
        }
        self.chain.parse().ok().map(Chain::Tenant)
    }

    /// What is signed.
    fn text(&self) -> String {
        let fields = json!({
            "chain": self.chain,
            "seq": self.seq,
            "hash": self.hash,
            "at": self.at.unix_timestamp_nanos() / 1_000,
        });
        format!("casemate/checkpoint/v1\0{}", canonical(&fields))
    }
}

/// How far each chain was when this process last took a checkpoint of it.
#[derive(Default)]
pub(crate) struct Checkpointed(Mutex<HashMap<Chain, i64>>);

/// Checkpoints for all chains that grew since the last call. The caller appends them to log and file.
///
/// # Errors
/// When the store fails.
pub async fn take_checkpoints(service: &Service) -> Result<Vec<Checkpoint>, Fault> {
    let tenants = service.store().begin_reading_instance().await?.tenants().await?;
    let chains = std::iter::once(Chain::Instance).chain(tenants.iter().map(|tenant| Chain::Tenant(tenant.id)));
    let key = key(service)?;
    let mut checkpoints = Vec::new();
    for chain in chains {
        let mut tx = match chain {
            Chain::Instance => service.store().begin_reading_instance().await?,
            Chain::Tenant(tenant) => service.store().begin_reading(&service.own_scope(tenant)?).await?,
        };
        let Some(head) = tx.head().await? else { continue };
        let before = {
            let mut taken = service.checkpoints().0.lock().unwrap_or_else(PoisonError::into_inner);
            taken.insert(chain, head.seq)
        };
        if before == Some(head.seq) {
            continue;
        }
        let mut checkpoint = Checkpoint {
            chain: chain.name(),
            seq: head.seq,
            hash: hex(&head.hash),
            at: service.now(),
            signature: String::new(),
        };
        checkpoint.signature = URL_SAFE_NO_PAD.encode(key.sign(checkpoint.text().as_bytes()));
        checkpoints.push(checkpoint);
    }
    Ok(checkpoints)
}

/// Whether this instance signed it.
pub(crate) fn is_signed(service: &Service, checkpoint: &Checkpoint) -> Result<bool, Fault> {
    let Ok(signature) = URL_SAFE_NO_PAD.decode(&checkpoint.signature) else { return Ok(false) };
    let key = key(service)?;
    let public = UnparsedPublicKey::new(&ED25519, key.public_key());
    Ok(public.verify(checkpoint.text().as_bytes(), &signature).is_ok())
}

fn key(service: &Service) -> Result<Ed25519KeyPair, Fault> {
    Ed25519KeyPair::from_seed_unchecked(service.secrets().checkpoint_key().bytes())
        .map_err(|error| Fault::new(format!("checkpoint key: {error}")))
}
