//! Slows down guessing: after some failures, each further one of the same account from the same network has to wait longer.
//!
//! Never for good, and never for other networks: whoever knows an address cannot lock its owner out (CWE-645).

use std::net::IpAddr;

use casemate_store::SecretHash;
use sha2::{Digest as _, Sha256};
use time::Duration;

use crate::{Fault, Origin, Service};

/// Failures without a wait.
const FREE: i64 = 4;
/// Longest wait.
const LONGEST: Duration = Duration::minutes(15);
/// Failures older than this are forgotten.
const MEMORY: Duration = Duration::days(1);

/// What is guessed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Guessed {
    Password,
    ClientSecret,
}

/// Where attempts at one account from one network are counted.
pub(crate) struct Throttle {
    key: SecretHash,
}

impl Throttle {
    pub(crate) fn new(guessed: Guessed, account: &str, ip: IpAddr) -> Self {
        let mut sha = Sha256::new();
        sha.update(format!("casemate/throttle/v1\0{guessed:?}\0{}\0", network(ip)));
        sha.update(account.as_bytes());
        Self { key: sha.finalize().into() }
    }

    /// Counts an attempt before it is made, so that a burst of them does not slip through together; the seconds to wait when
    /// it is not heard.
    pub(crate) async fn knock(&self, service: &Service, origin: &Origin) -> Result<Option<u64>, Fault> {
        let now = service.now();
        let mut tx = service.store().begin_instance().await?;
        let attempt = tx.count_attempt(&self.key, now, now - MEMORY).await?;
        if attempt.blocked_until > now {
            // Dropping the transaction: what is not heard is not counted, or waiting would never end.
            return Ok(Some(slow_down(origin, attempt.blocked_until - now)));
        }
        tx.block_attempts(&self.key, now + wait(attempt.failures)).await?;
        tx.commit().await?;
        Ok(None)
    }

    /// The seconds to wait, if there are any. Nothing is counted.
    pub(crate) async fn peek(&self, service: &Service, origin: &Origin) -> Result<Option<u64>, Fault> {
        let now = service.now();
        let mut tx = service.store().begin_reading_instance().await?;
        let attempt = tx.attempt(&self.key).await?.filter(|attempt| attempt.blocked_until > now);
        Ok(attempt.map(|attempt| slow_down(origin, attempt.blocked_until - now)))
    }

    pub(crate) fn key(&self) -> &SecretHash {
        &self.key
    }
}

fn slow_down(origin: &Origin, wait: Duration) -> u64 {
    tracing::warn!(
        target: "security",
        event = "authn_login_fail_max",
        request_id = %origin.request_id,
        network = %network(origin.ip),
        outcome = "failure",
    );
    u64::try_from(wait.whole_seconds()).unwrap_or(0) + 1
}

/// 1, 2, 4, 8 … seconds.
fn wait(failures: i64) -> Duration {
    match failures - FREE {
        over if over < 0 => Duration::ZERO,
        over => Duration::seconds(1 << over.min(20)).min(LONGEST),
    }
}

/// The /24 or /64 that an address belongs to: one household or host, whose owner can change the rest of the address at will.
fn network(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let waits: Vec<i64> = [1, 3, 4, 5, 6, 10, 14, 100, i64::MAX].map(|n| wait(n).whole_seconds()).to_vec();
        assert_eq!(waits, [0, 0, 1, 2, 4, 64, 900, 900, 900]);
    }

    #[test]
    fn neighbours_share_a_network() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("192.0.2.7"), of("192.0.2.200"));
        assert_eq!(of("192.0.2.7"), of("::ffff:192.0.2.9"));
        assert_ne!(of("192.0.2.7"), of("192.0.3.7"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
