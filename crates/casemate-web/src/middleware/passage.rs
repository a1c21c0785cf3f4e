//! What is learned about a request on its way in and told on the way out.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use casemate_model::access::Caller;
use http::{Extensions, HeaderMap, HeaderValue};

use super::limits::Reading;
use crate::failure::Failure;

/// Shared by the layers that one request passes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passage(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    readings: Mutex<Vec<Reading>>,
    actor: OnceLock<(String, String)>,
}

impl Passage {
    /// The one of this request.
    pub(crate) fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_default()
    }

    /// Remembers who asked.
    pub(crate) fn note_actor(&self, caller: &Caller) {
        let _ = self.0.actor.set((caller.actor().to_string(), caller.tenant().to_string()));
    }

    /// Who asked and in which tenant, empty if nobody we know.
    pub(crate) fn actor(&self) -> (&str, &str) {
        self.0.actor.get().map_or(("", ""), |(actor, tenant)| (actor, tenant))
    }

    /// Keeps a reading for the answer's headers; a refusal ends the request.
    pub(crate) fn count(&self, reading: Reading, of: &'static str) -> Result<(), Failure> {
        let refused = reading.retry_after_secs;
        self.0.readings.lock().unwrap_or_else(PoisonError::into_inner).push(reading);
        match refused {
            None => Ok(()),
            Some(secs) => {
                let (actor, tenant) = self.actor();
                tracing::warn!(
                    target: "security",
                    event = "excess_rate_limit_exceeded", actor, tenant, object = of, outcome = "refused",
                );
                Err(Failure::slow_down(secs))
            }
        }
    }

    /// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10).
    pub(crate) fn write_limits(&self, headers: &mut HeaderMap) {
        let readings = self.0.readings.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut policies, mut states) = (String::new(), String::new());
        for reading in readings.iter() {
            let comma = if policies.is_empty() { "" } else { ", " };
            let Reading { name, limit, remaining, reset_secs, .. } = reading;
            let _ = write!(policies, "{comma}\"{name}\";q={};w={}", limit.requests, limit.window_secs);
            let _ = write!(states, "{comma}\"{name}\";r={remaining};t={reset_secs}");
        }
        for (name, value) in [("ratelimit-policy", policies), ("ratelimit", states)] {
            if let (false, Ok(value)) = (value.is_empty(), HeaderValue::try_from(value)) {
                headers.insert(name, value);
            }
        }
    }
}
