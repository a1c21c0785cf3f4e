//! How many requests an address, a caller and a tenant may make (CWE-770), in bounded memory.

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use casemate_service::{Asking, Origin};
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use http::Method;
use http::request::Parts;
use uuid::Uuid;

use super::passage::Passage;
use crate::failure::Failure;
use crate::session::Visitor;
use crate::settings::{Limit, WebSettings};
use crate::state::AppState;

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// One address; of IPv6 the /64, which one customer has.
    Address(u128),
    /// A person or a client.
    Caller(Uuid),
    /// A tenant.
    Tenant(Uuid),
    /// Shared by whoever comes when the table is full.
    Overflow(u8),
}

impl Key {
    /// Of this network address.
    pub(crate) fn address(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(ip) => Self::Address(u128::from(ip.to_bits())),
            IpAddr::V6(ip) => Self::Address(ip.to_bits() >> 64 << 64),
        }
    }
}

/// What a check came to.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub(crate) name: &'static str,
    pub(crate) limit: Limit,
    pub(crate) remaining: u32,
    pub(crate) reset_secs: u64,
    pub(crate) retry_after_secs: Option<u64>,
}

/// One limit over many keys (GCRA).
pub(crate) struct Limiter {
    name: &'static str,
    limit: Limit,
    governor: RateLimiter<Key, DashMapStateStore<Key>, DefaultClock, StateInformationMiddleware>,
    hasher: RandomState,
    checks: AtomicU32,
}

impl Limiter {
    /// Most keys remembered at once; a few megabytes.
    const KEYS_MOST: usize = 50_000;

    fn new(name: &'static str, limit: Limit) -> Self {
        let burst = NonZeroU32::new(limit.requests).unwrap_or(NonZeroU32::MIN);
        let period = Duration::from_secs(u64::from(limit.window_secs.max(1))) / burst.get();
        let quota = Quota::with_period(period).unwrap_or(Quota::per_second(NonZeroU32::MIN)).allow_burst(burst);
        let governor = RateLimiter::dashmap(quota).with_middleware::<StateInformationMiddleware>();
        Self { name, limit, governor, hasher: RandomState::new(), checks: AtomicU32::new(0) }
    }

    /// Counts one request.
    pub(crate) fn check(&self, key: Key) -> Reading {
        let key = self.bounded(key);
        let per_request = f64::from(self.limit.window_secs) / f64::from(self.limit.requests);
        let (remaining, retry_after_secs) = match self.governor.check_key(&key) {
            Ok(snapshot) => (snapshot.remaining_burst_capacity(), None),
            Err(until) => {
                let wait = until.wait_time_from(self.governor.clock().now());
                (0, Some(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)))
            }
        };
        let missing = self.limit.requests.saturating_sub(remaining);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few minutes, never negative")]
        let reset_secs = (f64::from(missing) * per_request).ceil() as u64;
        Reading { name: self.name, limit: self.limit, remaining, reset_secs, retry_after_secs }
    }

    /// SECURITY: whoever has many addresses must not fill our memory; past the bound newcomers share a few buckets.
    fn bounded(&self, key: Key) -> Key {
        if self.checks.fetch_add(1, Ordering::Relaxed).is_multiple_of(4_096) {
            self.governor.retain_recent();
            self.governor.shrink_to_fit();
        }
        if self.governor.len() < Self::KEYS_MOST {
            return key;
        }
        let [bucket, ..] = self.hasher.hash_one(key).to_le_bytes();
        Key::Overflow(bucket)
    }
}

/// All limits.
pub(crate) struct Limiters {
    address: Limiter,
    signing_in: Limiter,
    pub(crate) caller: Limiter,
    pub(crate) tenant_heavy: Limiter,
}

impl Limiters {
    pub(crate) fn new(settings: &WebSettings) -> Self {
        Self {
            address: Limiter::new("address", settings.per_address),
            signing_in: Limiter::new("sign-in", settings.per_address_signing_in),
            caller: Limiter::new("caller", settings.per_caller),
            tenant_heavy: Limiter::new("tenant-heavy", settings.per_tenant_heavy),
        }
    }
}

/// Whether this is asked by whoever watches over the server, often.
pub(crate) fn is_probe(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz")
}

/// Counts every request against its address.
pub(crate) async fn per_address(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    if let (false, Some(origin)) = (is_probe(request.uri().path()), request.extensions().get::<Origin>()) {
        let passage = Passage::of(request.extensions());
        passage.count(state.limiters.address.check(Key::address(origin.ip)), "address")?;
    }
    Ok(next.run(request).await)
}

/// Counts the request against its tenant's limit for what takes long: reports, verifications. A handler takes it as an
/// argument, before the body.
#[derive(Clone, Copy, Debug)]
pub struct Heavy;

impl FromRequestParts<AppState> for Heavy {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let asking = match parts.extensions.get::<Asking>() {
            Some(asking) => asking.clone(),
            None => Visitor::from_request_parts(parts, state).await?.asking,
        };
        let reading = state.limiters.tenant_heavy.check(Key::Tenant(asking.caller.tenant().0));
        Passage::of(&parts.extensions).count(reading, "tenant-heavy").map(|()| Self)
    }
}

/// Counts what tries passwords, links and client secrets against its address.
pub(crate) async fn per_address_signing_in(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    if let (&Method::POST, Some(origin)) = (request.method(), request.extensions().get::<Origin>()) {
        let passage = Passage::of(request.extensions());
        passage.count(state.limiters.signing_in.check(Key::address(origin.ip)), "sign-in")?;
    }
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told_before_it_is_gone() {
        let limiter = Limiter::new("test", Limit { requests: 3, window_secs: 3_600 });
        let key = Key::address("192.0.2.1".parse().unwrap());
        let left: Vec<u32> = (0..3).map(|_| limiter.check(key).remaining).collect();
        assert_eq!(left, [2, 1, 0]);
        let refused = limiter.check(key);
        assert!(refused.retry_after_secs.is_some_and(|secs| (1..=1_200).contains(&secs)), "{refused:?}");
        let other = Key::address("192.0.2.2".parse().unwrap());
        assert_eq!(limiter.check(other).retry_after_secs, None);
    }

    #[test]
    fn one_ipv6_customer_is_one_key() {
        let key = |ip: &str| Key::address(ip.parse().unwrap());
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
    }

    #[test]
    fn many_addresses_do_not_fill_the_memory() {
        let limiter = Limiter::new("test", Limit { requests: 1, window_secs: 3_600 });
        for n in 0..60_000_u128 {
            limiter.check(Key::Address(n));
        }
        assert!(limiter.governor.len() <= Limiter::KEYS_MOST + 256);
    }
}
