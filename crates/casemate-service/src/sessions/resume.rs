//! Finds out who a browser's cookie stands for.

use casemate_model::access::MemberCaller;
use casemate_model::member::User;
use casemate_model::session::Session;
use casemate_model::tenant::Tenant;

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
pub async fn resume(_service: &Service, _token: &SecretText) -> Result<Option<Resumed>, Fault> {
    todo!()
}
