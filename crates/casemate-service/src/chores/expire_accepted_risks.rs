//! Reopens cases whose accepted risk has run out.

use casemate_model::access::{Action as _, Actor, ApplyAction, Caller, CaseFacts};
use casemate_model::audit::Chain;
use casemate_model::case::CaseAction;
use casemate_model::id::TenantId;

use crate::cases::step::{self, Step};
use crate::cases::{four_eyes, object};
use crate::{Fault, Service};

/// Reopens them, tenant by tenant; returns how many.
///
/// # Errors
/// When the store fails.
pub async fn expire_accepted_risks(service: &Service) -> Result<u64, Fault> {
    let mut tx = service.store().begin_reading_instance().await?;
    let tenants = tx.tenants().await?;
    drop(tx);
    let mut reopened = 0;
    for tenant in tenants {
        reopened += expire_in(service, tenant.id).await?;
    }
    Ok(reopened)
}

async fn expire_in(service: &Service, tenant: TenantId) -> Result<u64, Fault> {
    let scope = service.own_scope(tenant)?;
    let now = service.now();
    // Most tenants have none: looking does not wait for writers.
    let mut tx = service.store().begin_reading(&scope).await?;
    let is_idle = tx.cases_with_ended_acceptance(&scope, now).await?.is_empty();
    drop(tx);
    if is_idle {
        return Ok(0);
    }
    let mut tx = service.store().begin(&scope).await?;
    let four_eyes = four_eyes(&mut tx, &scope).await?;
    let mut events = Vec::new();
    for case in tx.cases_with_ended_acceptance(&scope, now).await? {
        let action = ApplyAction(CaseAction::Reopen);
        let permit = service
            .access()
            .permit(&Caller::System(tenant), action, CaseFacts::of(&case, four_eyes))
            .map_err(|_| Fault::new("the policies keep Casemate from reopening"))?;
        let step = Step { action: CaseAction::Reopen, four_eyes, by: None, resolution: None, at: now };
        let next = step.from(&case).ok_or_else(|| Fault::new("the state table lacks a step of the system"))?;
        let reason = step::own_reason("the accepted risk has run out")?;
        let details = step::details(&case, &next, &reason);
        // Somebody changed it this very moment; the next round looks again.
        if !step::take(&mut tx, &permit, (&case, &next), reason).await? {
            continue;
        }
        let chain = Chain::Tenant(tenant);
        let mut event = service.event_by(Actor::System, chain, None, permit.action().name(), object(case.reference));
        event.details = details;
        events.push(event);
    }
    let reopened = u64::try_from(events.len()).unwrap_or(u64::MAX);
    tx.append_events(events).await?;
    tx.commit().await?;
    Ok(reopened)
}
