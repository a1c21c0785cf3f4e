//! What every handler works with.

use std::sync::Arc;

use axum::extract::FromRef;
use casemate_service::Service;

use crate::middleware::limits::Limiters;
use crate::middleware::load::Slots;
use crate::settings::WebSettings;

/// The use cases, the operator's settings and the limits. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The use cases.
    pub service: Service,
    /// What the operator decided.
    pub settings: Arc<WebSettings>,
    pub(crate) limiters: Arc<Limiters>,
    pub(crate) slots: Slots,
}

impl AppState {
    /// Puts use cases behind HTTP.
    pub fn new(service: Service, settings: WebSettings) -> Self {
        let limiters = Arc::new(Limiters::new(&settings));
        let slots = Slots::new(settings.concurrent_requests);
        Self { service, settings: Arc::new(settings), limiters, slots }
    }
}

impl std::fmt::Debug for AppState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppState").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl FromRef<AppState> for Service {
    fn from_ref(state: &AppState) -> Self {
        state.service.clone()
    }
}
