//! The audit trail: appended in the transaction of the change, never changed.

use casemate_model::Timestamp;
use casemate_model::access::Walls;
use casemate_model::audit::{Chain, Event, GENESIS, Hash, NewEvent, OutcomeOfEvent, canonical};
use casemate_model::id::TenantId;
use casemate_model::page::{Page, PageSize};
use serde_json::Value;
use uuid::Uuid;

use crate::engine::{StoreError, Tx, on};

/// Where a chain stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of events.
    pub seq: i64,
    /// Hash of the last.
    pub hash: Hash,
}

#[derive(sqlx::FromRow)]
struct HeadRow {
    seq: i64,
    hash: Vec<u8>,
}

impl TryFrom<HeadRow> for Head {
    type Error = StoreError;

    fn try_from(row: HeadRow) -> Result<Self, StoreError> {
        Ok(Self { seq: row.seq, hash: hash(&row.hash)? })
    }
}

#[derive(sqlx::FromRow)]
struct EventRow {
    tenant_id: Uuid,
    seq: i64,
    at: Timestamp,
    actor: String,
    action: String,
    object: String,
    outcome: String,
    details: String,
    request_id: String,
    prev: Vec<u8>,
    hash: Vec<u8>,
}

/// What was stored is given back as it is, or not at all: an event that was tampered with until it is no event
/// anymore is for the verifier to report, so reading for verification must not fail on it.
fn event(row: EventRow) -> Option<Event> {
    let details = match serde_json::from_str(&row.details) {
        Ok(Value::Object(details)) => details,
        _ => return None,
    };
    let outcome = match row.outcome.as_str() {
        "success" => OutcomeOfEvent::Success,
        "failure" => OutcomeOfEvent::Failure,
        _ => return None,
    };
    let event = NewEvent {
        chain: chain(row.tenant_id),
        at: row.at,
        actor: row.actor.parse().ok()?,
        action: row.action,
        object: row.object,
        outcome,
        details,
        request_id: row.request_id,
    };
    Some(Event { seq: row.seq, event, prev: hash(&row.prev).ok()?, hash: hash(&row.hash).ok()? })
}

fn chain(tenant: Uuid) -> Chain {
    if tenant.is_nil() { Chain::Instance } else { Chain::Tenant(TenantId(tenant)) }
}

fn key(chain: Chain) -> Uuid {
    match chain {
        Chain::Instance => Uuid::nil(),
        Chain::Tenant(tenant) => tenant.0,
    }
}

fn hash(bytes: &[u8]) -> Result<Hash, StoreError> {
    bytes.try_into().map_err(|error| StoreError::row("hash", &error))
}

impl Tx {
    /// Appends an event to its chain, in this transaction: change and event stand or fall together.
    ///
    /// Append last: from here until the commit, other writers of the same chain wait.
    ///
    /// # Errors
    /// When the store fails, or the event belongs to another chain than this transaction.
    pub async fn append_event(&mut self, event: NewEvent) -> Result<Event, StoreError> {
        let mut events = self.append_events(vec![event]).await?;
        events.pop().ok_or_else(|| StoreError::Broken("an event was lost".to_owned()))
    }

    /// Appends many events in their order, as [`Tx::append_event`] does with one.
    ///
    /// # Errors
    /// When the store fails, or an event belongs to another chain than this transaction.
    pub async fn append_events(&mut self, events: Vec<NewEvent>) -> Result<Vec<Event>, StoreError> {
        let tenant = self.tenant.0;
        if events.iter().any(|event| key(event.chain) != tenant) {
            return Err(StoreError::Broken("an event of one tenant in a transaction of another".to_owned()));
        }
        let count = i64::try_from(events.len()).map_err(|error| StoreError::row("count", &error))?;
        if count == 0 {
            return Ok(Vec::new());
        }
        // Taking the next numbers locks the head until the transaction ends, on both engines.
        let head: HeadRow = on!(self, |c| {
            sqlx::query_as(
                "INSERT INTO audit_heads (tenant_id, seq, hash) VALUES ($1, $3, $2) \
                 ON CONFLICT (tenant_id) DO UPDATE SET seq = audit_heads.seq + excluded.seq RETURNING seq, hash",
            )
            .bind(tenant)
            .bind(&GENESIS[..])
            .bind(count)
            .fetch_one(c)
            .await
        })?;
        let head = Head::try_from(head)?;
        let (mut seq, mut prev) = (head.seq - count, head.hash);
        let mut appended = Vec::with_capacity(events.len());
        for event in events {
            seq += 1;
            let event = Event::after(prev, seq, event);
            prev = event.hash;
            let details = canonical(&Value::Object(event.event.details.clone()));
            on!(self, |c| {
                sqlx::query(
                    "INSERT INTO audit_events \
                     (tenant_id, seq, at, actor, action, object, outcome, details, request_id, prev, hash) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                )
                .bind(tenant)
                .bind(event.seq)
                .bind(event.event.at)
                .bind(event.event.actor.to_string())
                .bind(&event.event.action)
                .bind(&event.event.object)
                .bind(event.event.outcome.as_str())
                .bind(&details)
                .bind(&event.event.request_id)
                .bind(&event.prev[..])
                .bind(&event.hash[..])
                .execute(c)
                .await
                .map(drop)
            })?;
            appended.push(event);
        }
        on!(self, |c| {
            sqlx::query("UPDATE audit_heads SET hash = $2 WHERE tenant_id = $1")
                .bind(tenant)
                .bind(&prev[..])
                .execute(c)
                .await
                .map(drop)
        })?;
        Ok(appended)
    }

    /// Events of the tenant, the latest first, older than `before`, about one object or all.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn events(
        &mut self,
        walls: &impl Walls,
        object: Option<&str>,
        before: Option<i64>,
        size: PageSize,
    ) -> Result<Page<Event>, StoreError> {
        let rows: Vec<EventRow> = on!(self, |c| {
            sqlx::query_as(
                "SELECT * FROM audit_events WHERE tenant_id = $1 AND seq < $2 \
                 AND (CAST($3 AS TEXT) IS NULL OR object = $3) ORDER BY seq DESC LIMIT $4",
            )
            .bind(walls.tenant().0)
            .bind(before.unwrap_or(i64::MAX))
            .bind(object)
            .bind(i64::from(size.rows()) + 1)
            .fetch_all(c)
            .await
        })?;
        let has_more = rows.len() > usize::from(size.rows());
        let items: Vec<Event> = rows.into_iter().take(usize::from(size.rows())).filter_map(event).collect();
        let next = if has_more { items.last().map(|last| last.seq) } else { None };
        Ok(Page { items, next })
    }

    /// Events of this transaction's chain from number `after + 1` on, in order, for verification; `None` stands for a row that
    /// is no event anymore.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn events_in_order(&mut self, after: i64, most: i64) -> Result<Vec<Option<Event>>, StoreError> {
        let tenant = self.tenant.0;
        let rows: Vec<EventRow> = on!(self, |c| {
            sqlx::query_as("SELECT * FROM audit_events WHERE tenant_id = $1 AND seq > $2 ORDER BY seq LIMIT $3")
                .bind(tenant)
                .bind(after)
                .bind(most)
                .fetch_all(c)
                .await
        })?;
        Ok(rows.into_iter().map(event).collect())
    }

    /// The hash that the event with this number has in this transaction's chain.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn event_hash(&mut self, seq: i64) -> Result<Option<Vec<u8>>, StoreError> {
        let tenant = self.tenant.0;
        Ok(on!(self, |c| {
            sqlx::query_scalar("SELECT hash FROM audit_events WHERE tenant_id = $1 AND seq = $2")
                .bind(tenant)
                .bind(seq)
                .fetch_optional(c)
                .await
        })?)
    }

    /// Where this transaction's chain stands; `None` when it has no events.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn head(&mut self) -> Result<Option<Head>, StoreError> {
        let tenant = self.tenant.0;
        let row: Option<HeadRow> = on!(self, |c| {
            sqlx::query_as("SELECT seq, hash FROM audit_heads WHERE tenant_id = $1")
                .bind(tenant)
                .fetch_optional(c)
                .await
        })?;
        row.map(Head::try_from).transpose()
    }
}
