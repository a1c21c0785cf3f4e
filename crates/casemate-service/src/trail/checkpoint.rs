//! Signs where each chain stands, with a key outside the database: a chain alone would not show a cut tail or a full rewrite.

use casemate_model::Timestamp;

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

/// Checkpoints for all chains that grew since the last call. The caller appends them to log and file.
///
/// # Errors
/// When the store fails.
pub async fn take_checkpoints(_service: &Service) -> Result<Vec<Checkpoint>, Fault> {
    todo!()
}
