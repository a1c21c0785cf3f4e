//! What every use case works with.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use casemate_model::Timestamp;
use casemate_model::access::{Access, Action, Actor, Caller, Denied, Permit, Scope};
use casemate_model::audit::{Chain, NewEvent, OutcomeOfEvent};
use casemate_model::id::TenantId;
use casemate_store::{Credential, Store, StoreError};
use serde_json::{Map, Value};

use crate::Secrets;
use crate::outside::clock::Clock;
use crate::sessions::passwords::{Checked, Passwords};
use crate::tokens::client_cache::ClientCache;
use crate::tokens::key_ring::KeyRing;
use crate::trail::checkpoint::Checkpointed;

/// Text that is never shown: passwords, tokens, keys.
pub type SecretText = secrecy::SecretString;

/// Where a request came from, for the audit trail, the security log and rate limits.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Id of the request.
    pub request_id: String,
    /// Network address of the caller, seen through declared proxies only.
    pub ip: IpAddr,
    /// What the browser or program calls itself, shortened to 200 characters, control characters removed.
    pub agent: String,
}

/// Somebody asking for something.
#[derive(Clone, Debug)]
pub struct Asking {
    /// Who, as proved by a session or a token.
    pub caller: Caller,
    /// From where.
    pub origin: Origin,
}

/// What a password hash costs (Argon2id).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Default for PasswordCost {
    /// The least that OWASP and identity.md allow: 19 MiB, two passes.
    fn default() -> Self {
        Self { memory_kib: 19_456, passes: 2 }
    }
}

/// What the operator decided.
#[derive(Clone, Debug)]
pub struct ServiceSettings {
    /// The address people and programs use, without a trailing slash: `http://127.0.0.1:8080`. Issuer and audience of tokens.
    pub base_url: String,
    /// Life of an access token, in seconds.
    pub access_token_secs: i64,
    /// A session ends when it was not used for this long, in seconds.
    pub session_idle_secs: i64,
    /// A session ends after this long, in seconds.
    pub session_most_secs: i64,
    /// Sensitive acts want a password given at most this long ago, in seconds.
    pub fresh_secs: i64,
    /// What a password hash costs.
    pub password_cost: PasswordCost,
}

impl ServiceSettings {
    /// The usual: tokens for 10 minutes, sessions for 12 hours or 1 hour unused, confirmation after 5 minutes.
    pub fn new(base_url: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            access_token_secs: 600,
            session_idle_secs: 3_600,
            session_most_secs: 12 * 3_600,
            fresh_secs: 300,
            password_cost: PasswordCost::default(),
        }
    }
}

/// The tracker's use cases share this. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    access: Access,
    clock: Arc<dyn Clock>,
    settings: ServiceSettings,
    secrets: Secrets,
    passwords: Passwords,
    keys: KeyRing,
    clients: ClientCache,
    checkpoints: Checkpointed,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("settings", &self.inner.settings).finish_non_exhaustive()
    }
}

impl Service {
    /// Puts it together.
    ///
    /// # Errors
    /// When the policies do not fit together, or passwords cannot be hashed at this cost.
    pub fn open(
        store: Store,
        settings: ServiceSettings,
        secrets: Secrets,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Fault> {
        let access = Access::new().map_err(|error| Fault::new(error.to_string()))?;
        let passwords = Passwords::new(settings.password_cost, &secrets)?;
        let (keys, clients, checkpoints) = (KeyRing::default(), ClientCache::default(), Checkpointed::default());
        let inner = Inner { store, access, clock, settings, secrets, passwords, keys, clients, checkpoints };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// What the operator decided.
    pub fn settings(&self) -> &ServiceSettings {
        &self.inner.settings
    }

    /// Whether the store answers, for `/readyz`.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), Fault> {
        Ok(self.store().ping().await?)
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn access(&self) -> &Access {
        &self.inner.access
    }

    pub(crate) fn secrets(&self) -> &Secrets {
        &self.inner.secrets
    }

    pub(crate) fn keys(&self) -> &KeyRing {
        &self.inner.keys
    }

    pub(crate) fn clients(&self) -> &ClientCache {
        &self.inner.clients
    }

    pub(crate) fn checkpoints(&self) -> &Checkpointed {
        &self.inner.checkpoints
    }

    /// Hashes a new password, in turn.
    pub(crate) async fn hash_password(&self, password: &SecretText) -> Result<Credential, Fault> {
        self.inner.passwords.hash(&self.inner.secrets, password).await
    }

    /// Checks a password, in turn.
    pub(crate) async fn check_password(
        &self,
        password: &SecretText,
        credential: Option<&Credential>,
    ) -> Result<Checked, Fault> {
        self.inner.passwords.check(&self.inner.secrets, password, credential).await
    }

    /// The right to read in the caller's tenant. A no goes to the security log.
    pub(crate) fn scope(&self, asking: &Asking) -> Result<Scope, Denied> {
        self.access().scope(&asking.caller).inspect_err(|denied| log_denied(asking, "read", *denied))
    }

    /// The right to do this. A no goes to the security log.
    pub(crate) fn permit<A: Action>(&self, asking: &Asking, action: A, object: A::Object) -> Result<Permit<A>, Denied> {
        let name = action.name();
        self.access().permit(&asking.caller, action, object).inspect_err(|denied| log_denied(asking, name, *denied))
    }

    /// Casemate's own right to read in a tenant: where nobody has proved yet who they are, and for chores.
    pub(crate) fn own_scope(&self, tenant: TenantId) -> Result<Scope, Fault> {
        self.access().scope(&Caller::System(tenant)).map_err(|_| Fault::new("the policies keep Casemate itself out"))
    }

    /// An event of the caller's tenant, done now, to be appended in the transaction of the change:
    /// `tx.append_event(service.event(asking, "case_create", format!("case:{reference}"), details)).await?`.
    pub(crate) fn event(
        &self,
        asking: &Asking,
        action: &str,
        object: impl Into<String>,
        details: Map<String, Value>,
    ) -> NewEvent {
        NewEvent {
            chain: Chain::Tenant(asking.caller.tenant()),
            at: self.now(),
            actor: asking.caller.actor(),
            action: action.to_owned(),
            object: object.into(),
            outcome: OutcomeOfEvent::Success,
            details,
            request_id: asking.origin.request_id.clone(),
        }
    }

    /// An event that no caller's right stands behind: sign-in, links, chores (then without an origin).
    pub(crate) fn event_by(
        &self,
        actor: Actor,
        chain: Chain,
        origin: Option<&Origin>,
        action: &str,
        object: impl Into<String>,
    ) -> NewEvent {
        NewEvent {
            chain,
            at: self.now(),
            actor,
            action: action.to_owned(),
            object: object.into(),
            outcome: OutcomeOfEvent::Success,
            details: Map::new(),
            request_id: origin.map(|origin| origin.request_id.clone()).unwrap_or_default(),
        }
    }
}

fn log_denied(asking: &Asking, action: &str, denied: Denied) {
    tracing::warn!(
        target: "security",
        event = "authz_fail",
        request_id = %asking.origin.request_id,
        actor = %asking.caller.actor(),
        tenant = %asking.caller.tenant(),
        action,
        reason = %denied,
        outcome = "failure",
    );
}

/// Something that is not the caller's doing and not theirs to know: the database failed, a key is missing.
#[derive(Debug, thiserror::Error)]
#[error("unexpected error")]
pub struct Fault(#[source] FaultCause);

/// What is behind a [`Fault`], for the log alone.
#[derive(Debug, thiserror::Error)]
enum FaultCause {
    #[error(transparent)]
    Store(StoreError),
    #[error("{0}")]
    Busy(&'static str),
    #[error("{0}")]
    Other(String),
}

impl Fault {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(FaultCause::Other(message.into()))
    }

    pub(crate) fn busy(what: &'static str) -> Self {
        Self(FaultCause::Busy(what))
    }

    /// Whether trying again in a moment may help (503, Retry-After).
    pub fn is_passing(&self) -> bool {
        matches!(&self.0, FaultCause::Store(StoreError::Unavailable(_)) | FaultCause::Busy(_))
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self(FaultCause::Store(error))
    }
}

/// Lets `?` turn a [`StoreError`] into a use case's error, which holds it as a [`Fault`].
macro_rules! store_errors_are_faults {
    ($($error:ty),* $(,)?) => {$(
        impl From<casemate_store::StoreError> for $error {
            fn from(error: casemate_store::StoreError) -> Self {
                Self::Fault(error.into())
            }
        }
    )*};
}
pub(crate) use store_errors_are_faults;
