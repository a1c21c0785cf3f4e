//! The time, as an argument, so that tests can move it.

use casemate_model::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Now, in UTC, cut to microseconds, which is what every store keeps.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let now = Timestamp::now_utc();
        now.replace_nanosecond(now.microsecond() * 1_000).unwrap_or(now)
    }
}
