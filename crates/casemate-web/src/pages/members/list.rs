//! Members: their roles, invitations, removal.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use casemate_model::id::UserId;
use casemate_model::member::Role;
use casemate_model::text::Email;
use casemate_service::members::change_role;
use casemate_service::members::invite_member::{InviteMember, InviteMemberError, invite_member};
use casemate_service::members::list_members::list_members;
use casemate_service::members::remove_member;
use secrecy::ExposeSecret as _;

use crate::csrf::Form;
use crate::failure::{Code, Failure};
use crate::pages::answer;
use crate::pages::done::{self, Done};
use crate::pages::form::{Fields, Sheet};
use crate::pages::frame::Frame;
use crate::pages::people::Person;
use crate::pages::when::When;
use crate::session::Visitor;
use crate::state::AppState;

#[derive(Template)]
#[template(path = "members/list.html")]
struct MembersPage {
    frame: Frame,
    members: Vec<MemberRow>,
    roles: &'static [Role],
    sheet: Sheet,
    row_sheet: Sheet,
    link: Option<Link>,
}

struct MemberRow {
    id: String,
    person: Person,
    email: String,
    role: Role,
    joined: When,
    is_me: bool,
}

struct Link {
    email: String,
    url: String,
    ends: When,
}

impl MembersPage {
    async fn of(state: &AppState, visitor: &Visitor, query: &Fields) -> Result<Self, Failure> {
        let now = state.service.now();
        let members = list_members(&state.service, &visitor.asking).await?;
        Ok(Self {
            frame: Frame::of(state, visitor, "members", "Members").saying(query),
            members: members
                .into_iter()
                .map(|member| MemberRow {
                    id: member.user.id.to_string(),
                    person: Person::named(member.user.name.as_str()),
                    email: member.user.email.to_string(),
                    role: member.role,
                    joined: When::of(member.joined_at, now),
                    is_me: member.user.id == visitor.user.id,
                })
                .collect(),
            roles: &Role::ALL,
            sheet: Sheet::default().with("role", Role::Reviewer.as_str()),
            row_sheet: Sheet::default(),
            link: None,
        })
    }
}

/// Shows the members.
pub(crate) async fn show_members(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(query): Query<Fields>,
) -> Result<Response, Failure> {
    answer::page(&MembersPage::of(&state, &visitor, &query).await?)
}

/// Makes an invitation and shows its link, this once: it is in no address and in no log.
pub(crate) async fn invite(
    State(state): State<AppState>,
    visitor: Visitor,
    Form(form): Form<Fields>,
) -> Result<Response, Failure> {
    let mut page = MembersPage::of(&state, &visitor, &Fields::default()).await?;
    let mut sheet = form.sheet();
    let email = sheet.take("email", Email::parse(form.text("email")));
    let role: Option<Role> = sheet.take("role", form.text("role").parse());
    let failure = if let (Some(email), Some(role)) = (email, role) {
        let request = InviteMember { email: email.clone(), role };
        match invite_member(&state.service, &visitor.asking, request).await {
            Ok(invitation) => {
                page.link = Some(Link {
                    email: email.to_string(),
                    url: format!("{}/invitation/{}", state.settings.base_url(), invitation.token.expose_secret()),
                    ends: When::of(invitation.expires_at, state.service.now()),
                });
                return answer::page(&page);
            }
            Err(error @ InviteMemberError::AlreadyMember(_)) => {
                sheet.refuse("email", &error);
                None
            }
            Err(error) => Some(Failure::from(error)),
        }
    } else {
        None
    };
    sheet.answer(failure, |sheet| MembersPage { sheet, ..page })
}

/// Changes what a member is.
pub(crate) async fn change_role(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, Failure> {
    let user = member(&id)?;
    let role: Role = form.text("role").parse().map_err(|error| Failure::field("role", error))?;
    match change_role::change_role(&state.service, &visitor.asking, user, role).await {
        Ok(_) => Ok(answer::go(&done::address("/members", Done::RoleChanged))),
        Err(error) => again(&state, &visitor, error.into()).await,
    }
}

/// Removes a member.
pub(crate) async fn remove(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(id): Path<String>,
    _: Form<Fields>,
) -> Result<Response, Failure> {
    match remove_member::remove_member(&state.service, &visitor.asking, member(&id)?).await {
        Ok(()) => Ok(answer::go(&done::address("/members", Done::MemberRemoved))),
        Err(error) => again(&state, &visitor, error.into()).await,
    }
}

fn member(id: &str) -> Result<UserId, Failure> {
    id.parse().map_err(|_| Failure::new(Code::NotFound))
}

/// The list again, with what is wrong above it.
async fn again(state: &AppState, visitor: &Visitor, failure: Failure) -> Result<Response, Failure> {
    let row_sheet = Sheet::default().refused(&failure)?;
    let page = MembersPage { row_sheet, ..MembersPage::of(state, visitor, &Fields::default()).await? };
    answer::page_as(failure.code().status(), &page)
}
