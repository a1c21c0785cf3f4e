//! The audit trail: events in a chain of hashes, so that a change to the past shows.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::Timestamp;
use crate::access::Actor;
use crate::id::TenantId;

/// Separates these hashes from any other use of SHA-256 (domain separation).
const TAG: &[u8] = b"casemate/audit-event/v1\0";

/// A SHA-256.
pub type Hash = [u8; 32];

/// What stands before the first event of a chain.
pub const GENESIS: Hash = [0; 32];

/// Which chain: one for each tenant and one for the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Chain {
    /// What concerns no single tenant: keys, sign-in of unknown users, tenants made.
    Instance,
    /// What happened in a tenant.
    Tenant(TenantId),
}

impl Chain {
    /// The name in hashes, checkpoints and on the command line.
    pub fn name(self) -> String {
        match self {
            Self::Instance => "instance".to_owned(),
            Self::Tenant(tenant) => tenant.to_string(),
        }
    }
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutcomeOfEvent {
    /// Done.
    Success,
    /// Refused or failed.
    Failure,
}

impl OutcomeOfEvent {
    /// The word stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

/// What happened, before it has its place in a chain. Details never hold secrets, note texts or descriptions.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// Which chain.
    pub chain: Chain,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What, in the words of the OWASP logging vocabulary where it has one: `case_close`, `authn_login_success`.
    pub action: String,
    /// To what: `case:CASE-17`, `member:<id>`.
    pub object: String,
    /// How it ended.
    pub outcome: OutcomeOfEvent,
    /// Facts worth keeping, names and digests.
    pub details: Map<String, Value>,
    /// The request that caused it, empty if none.
    pub request_id: String,
}

/// An event in its chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Place in the chain, from 1.
    pub seq: i64,
    /// What happened.
    pub event: NewEvent,
    /// Hash of the event before.
    pub prev: Hash,
    /// Hash of this one.
    pub hash: Hash,
}

impl Event {
    /// Puts an event after `prev`.
    pub fn after(prev: Hash, seq: i64, event: NewEvent) -> Self {
        let hash = hash(prev, seq, &event);
        Self { seq, event, prev, hash }
    }

    /// Whether it follows `prev` as number `seq` and says what it said when it was written.
    pub fn holds(&self, prev: Hash, seq: i64) -> bool {
        self.seq == seq && self.prev == prev && self.hash == hash(prev, seq, &self.event)
    }
}

/// SHA-256(tag ‖ prev ‖ canonical JSON).
fn hash(prev: Hash, seq: i64, event: &NewEvent) -> Hash {
    let text = canonical(&json!({
        "chain": event.chain.name(),
        "seq": seq,
        "at": event.at.unix_timestamp_nanos() / 1_000,
        "actor": event.actor.to_string(),
        "action": event.action,
        "object": event.object,
        "outcome": event.outcome.as_str(),
        "details": event.details,
        "request_id": event.request_id,
    }));
    let mut sha = Sha256::new();
    sha.update(TAG);
    sha.update(prev);
    sha.update(text.as_bytes());
    sha.finalize().into()
}

/// JSON with sorted keys and no blanks, so that equal values have equal bytes. Numbers here are integers only.
pub fn canonical(value: &Value) -> String {
    fn write(value: &Value, out: &mut String) {
        match value {
            Value::Object(map) => {
                let mut entries: Vec<_> = map.iter().collect();
                entries.sort_by_key(|(key, _)| *key);
                out.push('{');
                for (n, (key, value)) in entries.into_iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    write(&Value::String(key.clone()), out);
                    out.push(':');
                    write(value, out);
                }
                out.push('}');
            }
            Value::Array(items) => {
                out.push('[');
                for (n, item) in items.iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    write(item, out);
                }
                out.push(']');
            }
            plain => {
                let _ = write!(out, "{plain}");
            }
        }
    }
    let mut out = String::new();
    write(value, &mut out);
    out
}

/// Hexadecimal, as shown and stored in checkpoints.
pub fn hex(hash: &Hash) -> String {
    hash.iter().fold(String::with_capacity(64), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Where a chain first fails to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Break {
    /// The number at which the chain no longer holds.
    pub seq: i64,
}

/// Walks a chain event by event, from its beginning or from a known point.
#[derive(Clone, Copy, Debug)]
pub struct Verifier {
    seq: i64,
    prev: Hash,
}

impl Default for Verifier {
    fn default() -> Self {
        Self { seq: 0, prev: GENESIS }
    }
}

impl Verifier {
    /// Takes the next event.
    ///
    /// # Errors
    /// When it does not follow what came before or was changed.
    pub fn take(&mut self, event: &Event) -> Result<(), Break> {
        let seq = self.seq + 1;
        if !event.holds(self.prev, seq) {
            return Err(Break { seq });
        }
        self.seq = seq;
        self.prev = event.hash;
        Ok(())
    }

    /// How many events held so far, and the hash of the last.
    pub fn head(&self) -> (i64, Hash) {
        (self.seq, self.prev)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(object: &str) -> NewEvent {
        NewEvent {
            chain: Chain::Instance,
            at: Timestamp::UNIX_EPOCH,
            actor: Actor::System,
            action: "case_create".to_owned(),
            object: object.to_owned(),
            outcome: OutcomeOfEvent::Success,
            details: Map::new(),
            request_id: String::new(),
        }
    }

    fn chain(length: i64) -> Vec<Event> {
        let mut prev = GENESIS;
        (1..=length)
            .map(|seq| {
                let event = Event::after(prev, seq, event(&format!("case:CASE-{seq}")));
                prev = event.hash;
                event
            })
            .collect()
    }

    fn verify(events: &[Event]) -> Result<(), Break> {
        let mut verifier = Verifier::default();
        events.iter().try_for_each(|event| verifier.take(event))
    }

    #[test]
    fn an_untouched_chain_holds() {
        assert_eq!(verify(&chain(5)), Ok(()));
    }

    #[test]
    fn a_changed_a_missing_and_a_swapped_event_show() {
        let mut changed = chain(5);
        changed[2].event.object = "case:CASE-99".to_owned();
        assert_eq!(verify(&changed), Err(Break { seq: 3 }));

        let mut missing = chain(5);
        missing.remove(1);
        assert_eq!(verify(&missing), Err(Break { seq: 2 }));

        let mut swapped = chain(5);
        swapped.swap(0, 1);
        assert_eq!(verify(&swapped), Err(Break { seq: 1 }));
    }

    #[test]
    fn canonical_json_does_not_depend_on_the_order_of_keys() {
        let one: Value = serde_json::from_str(r#"{"b":[1,{"d":null,"c":"\""}],"a":true}"#).unwrap();
        assert_eq!(canonical(&one), r#"{"a":true,"b":[1,{"c":"\"","d":null}]}"#);
    }
}
