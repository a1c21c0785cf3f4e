//! Transitions: what changed the status of a case, written once.

use casemate_model::Timestamp;
use casemate_model::access::{ApplyAction, Permit, Scope, Walls as _};
use casemate_model::case::Transition;
use casemate_model::id::{CaseId, TransitionId};
use casemate_model::text::Reason;
use uuid::Uuid;

use crate::cases::seen_by;
use crate::engine::{StoreError, Tx, on};

#[derive(sqlx::FromRow)]
struct TransitionRow {
    id: Uuid,
    case_id: Uuid,
    action: String,
    from_status: String,
    to_status: String,
    reason: String,
    actor: String,
    at: Timestamp,
}

impl TryFrom<TransitionRow> for Transition {
    type Error = StoreError;

    fn try_from(row: TransitionRow) -> Result<Self, StoreError> {
        let bad = |error: &dyn std::fmt::Display| StoreError::row("transition", error);
        Ok(Self {
            id: TransitionId(row.id),
            case: CaseId(row.case_id),
            action: row.action.parse().map_err(|error| bad(&error))?,
            from: row.from_status.parse().map_err(|error| bad(&error))?,
            to: row.to_status.parse().map_err(|error| bad(&error))?,
            reason: Reason::parse(&row.reason).map_err(|error| bad(&error))?,
            actor: row.actor.parse().map_err(|error| bad(&error))?,
            at: row.at,
        })
    }
}

impl Tx {
    /// Transitions of a case the reader may see, the oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn transitions(&mut self, scope: &Scope, case: CaseId) -> Result<Vec<Transition>, StoreError> {
        let rows: Vec<TransitionRow> = on!(self, |c| {
            seen_by!(
                query_as,
                scope,
                "SELECT t.id, t.case_id, t.action, t.from_status, t.to_status, t.reason, t.actor, t.at \
                 FROM transitions t JOIN cases c ON c.tenant_id = t.tenant_id AND c.id = t.case_id WHERE",
                "AND t.case_id = $4 ORDER BY t.id"
            )
            .bind(case.0)
            .fetch_all(c)
            .await
        })?;
        rows.into_iter().map(Transition::try_from).collect()
    }

    /// Writes a transition.
    ///
    /// # Errors
    /// When the store fails, or the permit is for something else.
    pub async fn insert_transition(
        &mut self,
        permit: &Permit<ApplyAction>,
        transition: &Transition,
    ) -> Result<(), StoreError> {
        if permit.object().id != transition.case || permit.action().0 != transition.action {
            return Err(StoreError::Broken("a permit for something else".to_owned()));
        }
        on!(self, |c| {
            sqlx::query(
                "INSERT INTO transitions (tenant_id, id, case_id, action, from_status, to_status, reason, actor, at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            )
            .bind(permit.tenant().0)
            .bind(transition.id.0)
            .bind(transition.case.0)
            .bind(transition.action.as_str())
            .bind(transition.from.as_str())
            .bind(transition.to.as_str())
            .bind(transition.reason.as_str())
            .bind(transition.actor.to_string())
            .bind(transition.at)
            .execute(c)
            .await
            .map(drop)
        })?;
        Ok(())
    }
}
