//! `/members`: people of the tenant, for administrators who proved a moment ago who they are.

use axum::extract::State;
use casemate_model::id::UserId;
use casemate_model::member::{Member, Role};
use casemate_model::text::Email;
use casemate_service::Service;
use casemate_service::members::{change_role, invite_member, list_members, remove_member};
use http::StatusCode;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::caller::Signed;
use super::input::{Faults, Json, Named, NoQuery};
use super::words::RoleWord;
use super::{List, moment};
use crate::failure::Failure;
use crate::state::AppState;

/// One member.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberBody {
    /// Id.
    #[schema(format = "uuid")]
    id: String,
    /// What others read.
    #[schema(example = "Ada Lovelace")]
    name: String,
    /// What they sign in with.
    #[schema(example = "ada@example.org")]
    email: String,
    /// As what.
    #[schema(value_type = RoleWord)]
    role: &'static str,
    /// Since when.
    #[schema(format = "date-time")]
    joined_at: String,
}

impl From<Member> for MemberBody {
    fn from(member: Member) -> Self {
        Self {
            id: member.user.id.to_string(),
            name: member.user.name.into(),
            email: member.user.email.into(),
            role: member.role.as_str(),
            joined_at: moment::time(member.joined_at),
        }
    }
}

/// List members by name
#[utoipa::path(get, path = "/api/v1/members", tag = "tenant", responses((status = 200, body = List<MemberBody>)))]
pub(crate) async fn list_members(
    State(service): State<Service>,
    Signed(asking): Signed,
    _: NoQuery,
) -> Result<axum::Json<List<MemberBody>>, Failure> {
    let members = list_members::list_members(&service, &asking).await?;
    Ok(axum::Json(List::whole(members.into_iter().map(Into::into))))
}

/// Whom to invite, as what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteMemberBody {
    /// E-mail address.
    #[schema(example = "ada@example.org")]
    email: String,
    /// As what.
    #[schema(value_type = RoleWord)]
    role: String,
}

/// An invitation, shown once.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationBody {
    /// Where the person accepts. Whoever has it can.
    link: String,
    /// When it ends.
    #[schema(format = "date-time")]
    expires_at: String,
}

/// Invite a person
#[utoipa::path(
    post, path = "/api/v1/members", tag = "tenant", request_body = InviteMemberBody,
    responses((status = 201, body = InvitationBody))
)]
pub(crate) async fn invite_member(
    State(state): State<AppState>,
    Signed(asking): Signed,
    _: NoQuery,
    Json(body): Json<InviteMemberBody>,
) -> Result<(StatusCode, axum::Json<InvitationBody>), Failure> {
    let mut faults = Faults::default();
    let email = faults.take("email", Email::parse(&body.email));
    let role = faults.take("role", body.role.parse::<Role>());
    let (email, role) = faults.given(email.zip(role))?;
    let request = invite_member::InviteMember { email, role };
    let invitation = invite_member::invite_member(&state.service, &asking, request).await?;
    let link = format!("{}/invitation/{}", state.settings.base_url(), invitation.token.expose_secret());
    let body = InvitationBody { link, expires_at: moment::time(invitation.expires_at) };
    Ok((StatusCode::CREATED, axum::Json(body)))
}

/// What a member is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeRoleBody {
    /// As what.
    #[schema(value_type = RoleWord)]
    role: String,
}

/// Change what a member is
#[utoipa::path(
    patch, path = "/api/v1/members/{id}", tag = "tenant", request_body = ChangeRoleBody,
    params(("id" = String, Path, format = "uuid")), responses((status = 200, body = MemberBody))
)]
pub(crate) async fn change_role(
    State(service): State<Service>,
    Signed(asking): Signed,
    Named(user): Named<UserId>,
    _: NoQuery,
    Json(body): Json<ChangeRoleBody>,
) -> Result<axum::Json<MemberBody>, Failure> {
    let mut faults = Faults::default();
    let role = faults.take("role", body.role.parse::<Role>());
    let role = faults.given(role)?;
    let member = change_role::change_role(&service, &asking, user, role).await?;
    Ok(axum::Json(member.into()))
}

/// Remove a member
#[utoipa::path(
    delete, path = "/api/v1/members/{id}", tag = "tenant", params(("id" = String, Path, format = "uuid")),
    responses((status = 204))
)]
pub(crate) async fn remove_member(
    State(service): State<Service>,
    Signed(asking): Signed,
    Named(user): Named<UserId>,
    _: NoQuery,
) -> Result<StatusCode, Failure> {
    remove_member::remove_member(&service, &asking, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
