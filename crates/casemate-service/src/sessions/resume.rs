//! Finds out who a browser's cookie stands for.

use casemate_model::access::{Actor, MemberCaller};
use casemate_model::member::User;
use casemate_model::session::Session;
use casemate_model::tenant::Tenant;
use time::Duration;

use super::secret_token::{csrf_of, hash_of};
use crate::{Fault, SecretText, Service};

/// A session that still holds.
#[derive(Clone, Debug)]
pub struct Resumed {
    /// The session.
    pub session: Session,
    /// Who asks.
    pub caller: MemberCaller,
    /// The person.
    pub user: User,
    /// The tenant they work in.
    pub tenant: Tenant,
    /// What forms must carry: derived from the cookie's secret, so that only pages of this session know it.
    pub csrf: String,
}

/// The session behind a cookie; `None` when it is unknown, over, or the membership is gone.
///
/// # Errors
/// When the store fails.
pub async fn resume(service: &Service, token: &SecretText) -> Result<Option<Resumed>, Fault> {
    let mut tx = service.store().begin_reading_instance().await?;
    let Some((session, user)) = tx.session_by_hash(&hash_of(token)).await? else { return Ok(None) };
    if is_over(service, &session) {
        drop(tx);
        end_over(service, &session).await?;
        return Ok(None);
    }
    tx.see_memberships_of(user.id).await?;
    let memberships = tx.memberships_of(user.id).await?;
    drop(tx);
    let Some((tenant, role)) = memberships.into_iter().find(|(tenant, _)| tenant.id == session.tenant) else {
        return Ok(None);
    };

    let now = service.now();
    let settings = service.settings();
    if now - session.seen_at >= Duration::seconds((settings.session_idle_secs / 10).clamp(1, 60)) {
        let mut tx = service.store().begin_instance().await?;
        tx.touch_session(session.id, now).await?;
        tx.commit().await?;
    }
    let is_fresh = now - session.authenticated_at <= Duration::seconds(settings.fresh_secs);
    let caller = MemberCaller { user: user.id, tenant: tenant.id, role, is_fresh };
    Ok(Some(Resumed { session, caller, user, tenant, csrf: csrf_of(token) }))
}

/// Whether a session has ended: unused for too long, or too old.
pub(crate) fn is_over(service: &Service, session: &Session) -> bool {
    let now = service.now();
    session.expires_at <= now || session.seen_at + Duration::seconds(service.settings().session_idle_secs) <= now
}

async fn end_over(service: &Service, session: &Session) -> Result<(), Fault> {
    let mut tx = service.store().begin_instance().await?;
    let was_there = tx.delete_session(session.user, session.id).await?;
    tx.commit().await?;
    if was_there {
        tracing::info!(
            target: "security",
            event = "session_expired",
            actor = %Actor::Member(session.user),
            tenant = %session.tenant,
            object = %format_args!("session:{}", session.id),
            outcome = "success",
        );
    }
    Ok(())
}
