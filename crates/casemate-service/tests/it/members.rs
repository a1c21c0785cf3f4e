//! People of a tenant.

use casemate_model::access::{Actor, Denied};
use casemate_model::audit::Chain;
use casemate_model::case::CaseSeverity;
use casemate_model::member::Role;
use casemate_service::cases::assign_case::assign_case;
use casemate_service::cases::create_case::{CreateCase, create_case};
use casemate_service::cases::read_case::read_case;
use casemate_service::members::accept_invitation::{
    AcceptInvitation, AcceptInvitationError, accept_invitation, read_invitation,
};
use casemate_service::members::change_role::{ChangeRoleError, change_role};
use casemate_service::members::directory::directory;
use casemate_service::members::invite_member::{InviteMember, InviteMemberError, invite_member};
use casemate_service::members::list_members::{ListMembersError, list_members};
use casemate_service::members::remove_member::{RemoveMemberError, remove_member};
use casemate_service::members::reset_password::{ResetPasswordError, begin_reset, finish_reset, is_reset_link_good};
use casemate_service::tenants::create_tenant::create_tenant;

use crate::office::{ADMIN, PASSWORD, acceptance, on_each, origin};

fn invite(email: &str, role: Role) -> InviteMember {
    InviteMember { email: email.parse().unwrap(), role }
}

#[tokio::test]
async fn an_invitation_is_read_accepted_once_and_ends() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let older = invite_member(&office.service, &admin, invite("grace@example.org", Role::Viewer)).await.unwrap();
        let invitation =
            invite_member(&office.service, &admin, invite("grace@example.org", Role::Reviewer)).await.unwrap();
        assert!(read_invitation(&office.service, &older.token).await.unwrap().is_none(), "a newer one voids it");
        let view = read_invitation(&office.service, &invitation.token).await.unwrap().unwrap();
        assert_eq!((view.tenant.as_str(), view.role, view.has_account), ("Acme", Role::Reviewer, false));

        let nameless = AcceptInvitation { name: None, ..acceptance(invitation.token.clone()) };
        let answer = accept_invitation(&office.service, nameless, &origin()).await;
        assert!(matches!(answer, Err(AcceptInvitationError::NameNeeded)));
        let accepted =
            accept_invitation(&office.service, acceptance(invitation.token.clone()), &origin()).await.unwrap();
        assert_eq!(office.resume(&accepted.token).await.unwrap().caller.role, Role::Reviewer);
        let again = accept_invitation(&office.service, acceptance(invitation.token), &origin()).await;
        assert!(matches!(again, Err(AcceptInvitationError::BadLink)));

        let late = invite_member(&office.service, &admin, invite("late@example.org", Role::Viewer)).await.unwrap();
        office.clock.advance_secs(1_801);
        assert!(read_invitation(&office.service, &late.token).await.unwrap().is_none());
        let answer = accept_invitation(&office.service, acceptance(late.token), &origin()).await;
        assert!(matches!(answer, Err(AcceptInvitationError::BadLink)));
    })
    .await;
}

#[tokio::test]
async fn an_invitation_does_not_open_an_account_that_exists() {
    on_each(|office| async move {
        office.set_up().await;
        let (_, token) = create_tenant(&office.service, "Zeta".parse().unwrap(), ADMIN.parse().unwrap()).await.unwrap();
        assert!(read_invitation(&office.service, &token).await.unwrap().unwrap().has_account);
        let thief = AcceptInvitation { password: "a password of my own".into(), ..acceptance(token.clone()) };
        let answer = accept_invitation(&office.service, thief, &origin()).await;
        assert!(matches!(answer, Err(AcceptInvitationError::Refused)));
        assert!(accept_invitation(&office.service, acceptance(token), &origin()).await.is_ok(), "its owner comes in");
        assert!(office.sign_in(ADMIN, PASSWORD).await.is_ok(), "with the old password");
    })
    .await;
}

#[tokio::test]
async fn only_a_fresh_admin_manages_members() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        for role in [Role::Viewer, Role::Editor, Role::Reviewer, Role::SeniorReviewer] {
            let member = office.join(&admin, &format!("{role}@example.org"), role).await;
            let asking = office.asking(&member.token).await;
            let answer = invite_member(&office.service, &asking, invite("x@example.org", Role::Admin)).await;
            assert!(matches!(answer, Err(InviteMemberError::Denied(Denied::NotAllowed))), "{role}");
            let answer = change_role(&office.service, &asking, member.session.user, Role::Admin).await;
            assert!(matches!(answer, Err(ChangeRoleError::Denied(Denied::NotAllowed))), "{role}");
            let answer = remove_member(&office.service, &asking, admin.caller.user().unwrap()).await;
            assert!(matches!(answer, Err(RemoveMemberError::Denied(Denied::NotAllowed))), "{role}");
            let answer = list_members(&office.service, &asking).await;
            assert!(matches!(answer, Err(ListMembersError::Denied(Denied::NotAllowed))), "{role}");
        }
        let signed_in = office.sign_in(ADMIN, PASSWORD).await.unwrap();
        office.clock.advance_secs(301);
        let stale = office.asking(&signed_in.token).await;
        let answer = invite_member(&office.service, &stale, invite("x@example.org", Role::Admin)).await;
        assert!(matches!(answer, Err(InviteMemberError::Denied(Denied::NotFresh))), "{answer:?}");
    })
    .await;
}

#[tokio::test]
async fn a_new_role_counts_from_the_next_request_and_the_last_admin_stays() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let ada = admin.caller.user().unwrap();
        let grace = office.join(&admin, "grace@example.org", Role::Viewer).await;
        let answer = invite_member(&office.service, &admin, invite("grace@example.org", Role::Viewer)).await;
        assert!(matches!(answer, Err(InviteMemberError::AlreadyMember(_))));

        let answer = change_role(&office.service, &admin, ada, Role::Viewer).await;
        assert!(matches!(answer, Err(ChangeRoleError::LastAdmin)));
        let answer = remove_member(&office.service, &admin, ada).await;
        assert!(matches!(answer, Err(RemoveMemberError::LastAdmin)));
        assert!(office.sign_in(ADMIN, PASSWORD).await.is_ok());

        change_role(&office.service, &admin, grace.session.user, Role::Admin).await.unwrap();
        assert_eq!(office.resume(&grace.token).await.unwrap().caller.role, Role::Admin);
        change_role(&office.service, &admin, ada, Role::Viewer).await.unwrap();
        let members = list_members(&office.service, &office.asking(&grace.token).await).await.unwrap();
        let roles: Vec<_> = members.iter().map(|member| (member.user.name.as_str(), member.role)).collect();
        assert_eq!(roles, [("Ada", Role::Viewer), ("Grace", Role::Admin)]);
        let stranger = casemate_model::id::UserId::fresh();
        let answer = change_role(&office.service, &office.asking(&grace.token).await, stranger, Role::Admin).await;
        assert!(matches!(answer, Err(ChangeRoleError::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn two_admins_who_demote_each_other_leave_one() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let grace = office.join(&admin, "grace@example.org", Role::Admin).await;
        let other = office.asking(&grace.token).await;
        // Connections for both, so that neither has to wait for one while the other gets done.
        let (one, two) = tokio::join!(office.service.ping(), office.service.ping());
        one.and(two).unwrap();
        let (one, two) = tokio::join!(
            change_role(&office.service, &admin, grace.session.user, Role::Viewer),
            change_role(&office.service, &other, admin.caller.user().unwrap(), Role::Viewer),
        );
        assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|is_ok| **is_ok).count(), 1, "{one:?} {two:?}");
    })
    .await;
}

#[tokio::test]
async fn a_removed_member_is_out_at_once_and_stays_in_the_history() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let grace = office.join(&admin, "grace@example.org", Role::Reviewer).await;
        let request = CreateCase {
            title: "a case".parse().unwrap(),
            description: None,
            severity: CaseSeverity::Low,
            project: None,
            tags: Vec::new(),
            due_on: None,
        };
        let case = create_case(&office.service, &admin, request).await.unwrap();
        let case = assign_case(&office.service, &admin, case.reference, None, Some(grace.session.user)).await.unwrap();
        remove_member(&office.service, &admin, grace.session.user).await.unwrap();
        assert!(office.resume(&grace.token).await.is_none());
        let names = directory(&office.service, &admin).await.unwrap();
        assert_eq!(names.name(&Actor::Member(grace.session.user)), "Grace");
        let left = read_case(&office.service, &admin, case.reference).await.unwrap();
        assert_eq!((left.assignee, left.version), (None, case.version + 1));
        assert_eq!(names.members.len(), 1);
        let answer = remove_member(&office.service, &admin, grace.session.user).await;
        assert!(matches!(answer, Err(RemoveMemberError::NotFound)));
        assert!(office.actions(Chain::Tenant(admin.caller.tenant())).await.contains(&"member_remove".to_owned()));

        let again = office.join(&admin, "grace@example.org", Role::Viewer).await;
        assert_eq!(office.resume(&again.token).await.unwrap().caller.role, Role::Viewer);
    })
    .await;
}

#[tokio::test]
async fn links_that_an_administrator_made_end_with_their_role() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        for is_removed in [true, false] {
            let address = format!("mole-{is_removed}@example.org");
            let mole = office.join(&admin, &address, Role::Admin).await;
            let asking = office.asking(&mole.token).await;
            let link =
                invite_member(&office.service, &asking, invite("second@example.org", Role::Admin)).await.unwrap();
            if is_removed {
                remove_member(&office.service, &admin, mole.session.user).await.unwrap();
            } else {
                change_role(&office.service, &admin, mole.session.user, Role::Viewer).await.unwrap();
            }
            let answer = accept_invitation(&office.service, acceptance(link.token), &origin()).await;
            assert!(matches!(answer, Err(AcceptInvitationError::BadLink)), "{is_removed} {answer:?}");
        }
        let link = invite_member(&office.service, &admin, invite("third@example.org", Role::Viewer)).await.unwrap();
        let editor = office.join(&admin, "editor@example.org", Role::Editor).await;
        remove_member(&office.service, &admin, editor.session.user).await.unwrap();
        assert!(read_invitation(&office.service, &link.token).await.unwrap().is_some(), "others' links stay");
    })
    .await;
}

#[tokio::test]
async fn another_tenants_members_do_not_exist() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let (_, token) =
            create_tenant(&office.service, "Zeta".parse().unwrap(), "z@example.org".parse().unwrap()).await.unwrap();
        let stranger = accept_invitation(&office.service, acceptance(token), &origin()).await.unwrap();
        let answer = change_role(&office.service, &admin, stranger.session.user, Role::Viewer).await;
        assert!(matches!(answer, Err(ChangeRoleError::NotFound)));
        let answer = remove_member(&office.service, &admin, stranger.session.user).await;
        assert!(matches!(answer, Err(RemoveMemberError::NotFound)));
        let names = directory(&office.service, &admin).await.unwrap();
        assert_eq!(names.name(&Actor::Member(stranger.session.user)), "a former member");
        assert_eq!(list_members(&office.service, &admin).await.unwrap().len(), 1);
        assert!(office.resume(&stranger.token).await.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_reset_link_sets_a_password_once_and_ends_all_sessions() {
    on_each(|office| async move {
        office.set_up().await;
        let before = office.sign_in(ADMIN, PASSWORD).await.unwrap();
        assert!(begin_reset(&office.service, &"nobody@example.org".parse().unwrap()).await.unwrap().is_none());
        let token = begin_reset(&office.service, &ADMIN.parse().unwrap()).await.unwrap().unwrap();
        assert!(is_reset_link_good(&office.service, &token).await.unwrap());
        assert!(read_invitation(&office.service, &token).await.unwrap().is_none(), "it is no invitation");

        let weak = finish_reset(&office.service, token.clone(), "Acme Acme Acme 1".into(), &origin()).await;
        assert!(matches!(weak, Err(ResetPasswordError::Password(_))));
        let new = "seven small boats";
        finish_reset(&office.service, token.clone(), new.into(), &origin()).await.unwrap();
        assert!(office.resume(&before.token).await.is_none());
        assert!(office.sign_in(ADMIN, PASSWORD).await.is_err());
        assert!(office.sign_in(ADMIN, new).await.is_ok());
        let again = finish_reset(&office.service, token, PASSWORD.into(), &origin()).await;
        assert!(matches!(again, Err(ResetPasswordError::BadLink)));

        let late = begin_reset(&office.service, &ADMIN.parse().unwrap()).await.unwrap().unwrap();
        office.clock.advance_secs(1_801);
        assert!(!is_reset_link_good(&office.service, &late).await.unwrap());
    })
    .await;
}
