//! `/me`: who the caller is to us.

use casemate_model::access::Caller;
use casemate_model::client::TokenScope;
use serde::Serialize;
use utoipa::ToSchema;

use super::caller::Signed;
use super::input::NoQuery;
use super::words::RoleWord;
use crate::failure::{Code, Failure};
use crate::session::MaybeVisitor;

/// Who the caller is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Me {
    /// A person.
    Member {
        /// Id.
        #[schema(format = "uuid")]
        id: String,
        /// What others read.
        name: String,
        /// What they sign in with.
        email: String,
        /// Id of the tenant they work in.
        #[schema(format = "uuid")]
        tenant: String,
        /// As what.
        #[schema(value_type = RoleWord)]
        role: &'static str,
        /// What changes made with the session cookie must carry in the header `X-CSRF-Token`.
        csrf_token: String,
    },
    /// A program.
    Client {
        /// `client_id`.
        #[schema(format = "uuid")]
        client_id: String,
        /// Id of its tenant.
        #[schema(format = "uuid")]
        tenant: String,
        /// What its token may do.
        scopes: Vec<&'static str>,
    },
}

/// Who am I?
#[utoipa::path(get, path = "/api/v1/me", tag = "tenant", responses((status = 200, body = Me)))]
pub(crate) async fn who_am_i(
    Signed(asking): Signed,
    MaybeVisitor(visitor): MaybeVisitor,
    _: NoQuery,
) -> Result<axum::Json<Me>, Failure> {
    let me = match (asking.caller, visitor) {
        (Caller::Client(client), _) => Me::Client {
            client_id: client.client.to_string(),
            tenant: client.tenant.to_string(),
            scopes: client.scopes.iter().map(TokenScope::as_str).collect(),
        },
        (Caller::Member(_), Some(visitor)) => Me::Member {
            id: visitor.user.id.to_string(),
            name: visitor.user.name.into(),
            email: visitor.user.email.into(),
            tenant: visitor.tenant.id.to_string(),
            role: visitor.role.as_str(),
            csrf_token: visitor.csrf,
        },
        _ => return Err(Failure::new(Code::Internal)),
    };
    Ok(axum::Json(me))
}
