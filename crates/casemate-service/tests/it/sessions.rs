//! Signing in and out.

use casemate_model::audit::Chain;
use casemate_model::member::Role;
use casemate_service::sessions::confirm_password::{ConfirmPasswordError, confirm_password};
use casemate_service::sessions::list_sessions::list_sessions;
use casemate_service::sessions::revoke_session::revoke_session;
use casemate_service::sessions::sign_in::SignInError;
use casemate_service::sessions::sign_out::sign_out;
use casemate_service::sessions::switch_tenant::{SwitchTenantError, memberships, switch_tenant};
use casemate_service::tenants::create_tenant::create_tenant;
use casemate_service::{PasswordCost, SecretText, ServiceSettings};
use secrecy::ExposeSecret as _;

use crate::office::{ADMIN, Log, Office, PASSWORD, on_each, origin, settings};

#[tokio::test]
async fn wrong_password_and_unknown_address_look_the_same() {
    on_each(|office| async move {
        office.set_up().await;
        let mut answers = Vec::new();
        for email in [ADMIN, "nobody@example.org", "no address at all"] {
            let answer = office.sign_in(email, "wrong wrong wrong").await;
            assert!(matches!(answer, Err(SignInError::Refused)), "{email}: {answer:?}");
            answers.push(answer.unwrap_err().to_string());
        }
        answers.dedup();
        assert_eq!(answers.len(), 1);
        let failures = office.trail(Chain::Instance).await;
        let failures = failures.iter().filter(|event| event.event.action == "authn_login_fail");
        assert_eq!(failures.count(), 3, "each leaves the same trace");
    })
    .await;
}

#[tokio::test]
async fn the_session_holds_and_the_cookie_alone_opens_it() {
    on_each(|office| async move {
        office.set_up().await;
        let signed_in = office.sign_in(&ADMIN.to_uppercase(), PASSWORD).await.unwrap();
        assert!(signed_in.token.expose_secret().len() >= 43, "256 bits");
        let resumed = office.resume(&signed_in.token).await.unwrap();
        assert_eq!(resumed.session.id, signed_in.session.id);
        assert!(resumed.caller.is_fresh);
        assert!(!resumed.csrf.is_empty() && resumed.csrf != *signed_in.token.expose_secret());
        for guess in ["", "guess", &signed_in.session.id.to_string(), &resumed.csrf] {
            assert!(office.resume(&SecretText::from(guess)).await.is_none());
        }
        let other = office.sign_in(ADMIN, PASSWORD).await.unwrap();
        assert_ne!(office.resume(&other.token).await.unwrap().csrf, resumed.csrf);
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_when_unused_and_when_too_old() {
    on_each(|office| async move {
        office.set_up().await;
        let unused = office.sign_in(ADMIN, PASSWORD).await.unwrap();
        office.clock.advance_secs(3_599);
        let used = office.sign_in(ADMIN, PASSWORD).await.unwrap();
        assert!(office.resume(&used.token).await.is_some());
        office.clock.advance_secs(1);
        assert!(office.resume(&unused.token).await.is_none(), "unused for an hour");
        assert!(office.resume(&unused.token).await.is_none(), "and stays so");
        // Used every half hour it lives, but not longer than twelve.
        for _ in 0..23 {
            office.clock.advance_secs(1_800);
            assert!(office.resume(&used.token).await.is_some());
        }
        office.clock.advance_secs(1_799);
        assert!(office.resume(&used.token).await.is_none(), "older than twelve hours");
    })
    .await;
}

#[tokio::test]
async fn failures_slow_down_one_account_from_one_network_and_never_for_good() {
    on_each(|office| async move {
        office.set_up().await;
        let mut longest = 0;
        for n in 0..12 {
            match office.sign_in(ADMIN, "wrong wrong wrong").await {
                Err(SignInError::Refused) => assert!(n < 4 || longest > 0),
                Err(SignInError::SlowDown { retry_after_secs }) => {
                    longest = longest.max(retry_after_secs);
                    let right = office.sign_in(ADMIN, PASSWORD).await;
                    assert!(matches!(right, Err(SignInError::SlowDown { .. })), "not even the right one is heard");
                    office.clock.advance_secs(i64::try_from(retry_after_secs).unwrap());
                }
                other => panic!("{other:?}"),
            }
        }
        assert!((4..=901).contains(&longest), "waits grow: {longest}");
        assert!(office.sign_in_from("198.51.100.1", ADMIN, PASSWORD).await.is_ok(), "another network is heard");
        assert!(office.sign_in("grace@example.org", "wrong wrong wrong").await.is_err());
        office.clock.advance_secs(901);
        assert!(office.sign_in(ADMIN, PASSWORD).await.is_ok(), "after the wait the owner gets in");
        assert!(office.sign_in(ADMIN, PASSWORD).await.is_ok(), "and the failures are forgotten");
    })
    .await;
}

#[tokio::test]
async fn a_burst_of_guesses_does_not_slip_through_together() {
    on_each(|office| async move {
        office.set_up().await;
        let guesses: Vec<_> = (0..20)
            .map(|_| {
                let service = office.service.clone();
                tokio::spawn(async move {
                    let password = SecretText::from("wrong wrong wrong");
                    let request = casemate_service::sessions::sign_in::SignIn { email: ADMIN.to_owned(), password };
                    casemate_service::sessions::sign_in::sign_in(&service, request, &origin()).await
                })
            })
            .collect();
        let mut heard = 0;
        for guess in guesses {
            heard += usize::from(matches!(guess.await.unwrap(), Err(SignInError::Refused)));
        }
        assert_eq!(heard, 4);
    })
    .await;
}

#[tokio::test]
async fn a_new_pepper_or_cost_renews_the_hash_at_sign_in() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let user = admin.caller.user().unwrap();
        let stored = || async { office.store.begin_instance().await.unwrap().credential(user).await.unwrap().unwrap() };
        let before = stored().await;
        assert!(before.phc.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{}", before.phc);
        office.sign_in(ADMIN, PASSWORD).await.unwrap();
        assert_eq!(stored().await, before, "an up-to-date hash stays");

        let secrets = office.secrets.clone().with_new_pepper().unwrap();
        let costly = ServiceSettings { password_cost: PasswordCost { memory_kib: 128, passes: 2 }, ..settings() };
        let renewed = office.again(costly, secrets.clone());
        sign_in_at(&renewed, PASSWORD).await.unwrap();
        let after = stored().await;
        assert!(after.phc.starts_with("$argon2id$v=19$m=128,t=2,p=1$"), "{}", after.phc);
        assert_ne!(after.pepper_id, before.pepper_id);
        sign_in_at(&renewed, PASSWORD).await.unwrap();

        // Without the pepper the hash is worth nothing, whatever is typed.
        let other = office.again(settings(), casemate_service::Secrets::generate().unwrap());
        assert!(matches!(sign_in_at(&other, PASSWORD).await, Err(SignInError::Refused)));
    })
    .await;
}

async fn sign_in_at(service: &casemate_service::Service, password: &str) -> Result<(), SignInError> {
    let request = casemate_service::sessions::sign_in::SignIn { email: ADMIN.to_owned(), password: password.into() };
    casemate_service::sessions::sign_in::sign_in(service, request, &origin()).await.map(drop)
}

#[tokio::test]
async fn the_same_text_from_another_keyboard_is_the_same_password() {
    let office = Office::on_memory().await;
    let admin = office.set_up().await;
    let email = "grace@example.org".parse().unwrap();
    let request = casemate_service::members::invite_member::InviteMember { email, role: Role::Viewer };
    let invitation =
        casemate_service::members::invite_member::invite_member(&office.service, &admin, request).await.unwrap();
    let acceptance = casemate_service::members::accept_invitation::AcceptInvitation {
        password: "ku\u{308}hle blaue Ziegel".into(),
        ..crate::office::acceptance(invitation.token)
    };
    casemate_service::members::accept_invitation::accept_invitation(&office.service, acceptance, &origin())
        .await
        .unwrap();
    assert!(office.sign_in("grace@example.org", "k\u{fc}hle blaue Ziegel").await.is_ok());
}

#[tokio::test]
async fn confirming_makes_fresh_under_a_new_secret() {
    on_each(|office| async move {
        office.set_up().await;
        let signed_in = office.sign_in(ADMIN, PASSWORD).await.unwrap();
        office.clock.advance_secs(301);
        let asking = office.asking(&signed_in.token).await;
        assert!(!office.resume(&signed_in.token).await.unwrap().caller.is_fresh);

        let wrong = confirm_password(&office.service, &asking, signed_in.session.id, "wrong wrong wrong".into()).await;
        assert!(matches!(wrong, Err(ConfirmPasswordError::Refused)));
        assert!(!office.resume(&signed_in.token).await.unwrap().caller.is_fresh);

        let confirmed =
            confirm_password(&office.service, &asking, signed_in.session.id, PASSWORD.into()).await.unwrap();
        assert!(office.resume(&signed_in.token).await.is_none(), "the old secret is dead (session fixation)");
        assert!(office.resume(&confirmed.token).await.unwrap().caller.is_fresh);
    })
    .await;
}

#[tokio::test]
async fn confirming_is_slowed_down_and_only_for_ones_own_session() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let grace = office.join(&admin, "grace@example.org", Role::Viewer).await;
        let theirs = confirm_password(&office.service, &admin, grace.session.id, PASSWORD.into()).await;
        assert!(matches!(theirs, Err(ConfirmPasswordError::Refused)));
        assert!(office.resume(&grace.token).await.is_some());
        let mut answers = Vec::new();
        for _ in 0..6 {
            answers.push(
                confirm_password(&office.service, &admin, grace.session.id, "wrong wrong wrong".into())
                    .await
                    .unwrap_err(),
            );
        }
        assert!(answers.iter().any(|answer| matches!(answer, ConfirmPasswordError::SlowDown { .. })));
    })
    .await;
}

#[tokio::test]
async fn signing_out_and_revoking_end_ones_own_sessions() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let grace = office.join(&admin, "grace@example.org", Role::Viewer).await;
        let here = office.sign_in(ADMIN, PASSWORD).await.unwrap();
        let there = office.sign_in(ADMIN, PASSWORD).await.unwrap();
        let asking = office.asking(&here.token).await;
        assert_eq!(list_sessions(&office.service, &asking).await.unwrap().len(), 3);

        assert!(!revoke_session(&office.service, &asking, grace.session.id).await.unwrap(), "not another person's");
        assert!(office.resume(&grace.token).await.is_some());
        assert!(revoke_session(&office.service, &asking, there.session.id).await.unwrap());
        assert!(office.resume(&there.token).await.is_none());
        sign_out(&office.service, &asking, here.session.id).await.unwrap();
        assert!(office.resume(&here.token).await.is_none());
        assert_eq!(list_sessions(&office.service, &asking).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn going_over_to_another_tenant_takes_a_membership_there() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let (other, invitation) =
            create_tenant(&office.service, "Zeta".parse().unwrap(), ADMIN.parse().unwrap()).await.unwrap();
        let (strangers, _) =
            create_tenant(&office.service, "Omega".parse().unwrap(), "o@example.org".parse().unwrap()).await.unwrap();
        let signed_in = office.sign_in(ADMIN, PASSWORD).await.unwrap();
        for tenant in [other.id, strangers.id, casemate_model::id::TenantId::fresh()] {
            let answer = switch_tenant(&office.service, &admin, signed_in.session.id, tenant).await;
            assert!(matches!(answer, Err(SwitchTenantError::NotFound)), "{answer:?}");
        }
        let accepted = casemate_service::members::accept_invitation::accept_invitation(
            &office.service,
            crate::office::acceptance(invitation),
            &origin(),
        )
        .await
        .unwrap();
        assert_eq!(accepted.session.tenant, other.id);
        let switched = switch_tenant(&office.service, &admin, signed_in.session.id, other.id).await.unwrap();
        assert!(office.resume(&signed_in.token).await.is_none(), "the old secret is dead");
        let resumed = office.resume(&switched.token).await.unwrap();
        assert_eq!((resumed.tenant.id, resumed.caller.role), (other.id, Role::Admin));
        let names: Vec<_> = memberships(&office.service, resumed.user.id).await.unwrap();
        assert_eq!(names.iter().map(|(tenant, _)| tenant.name.as_str()).collect::<Vec<_>>(), ["Acme", "Zeta"]);
    })
    .await;
}

#[tokio::test]
async fn a_member_of_no_tenant_gets_no_session() {
    on_each(|office| async move {
        let admin = office.set_up().await;
        let grace = office.join(&admin, "grace@example.org", Role::Viewer).await;
        casemate_service::members::remove_member::remove_member(&office.service, &admin, grace.session.user)
            .await
            .unwrap();
        let answer = office.sign_in("grace@example.org", PASSWORD).await;
        assert!(matches!(answer, Err(SignInError::NoTenant)), "{answer:?}");
    })
    .await;
}

#[tokio::test]
async fn no_secret_and_no_address_reaches_the_log_or_the_trail() {
    let log = Log::listen();
    let office = Office::on_memory().await;
    let admin = office.set_up().await;
    let signed_in = office.sign_in(ADMIN, PASSWORD).await.unwrap();
    let _ = office.sign_in(ADMIN, "canary-of-a-password").await;
    let _ = office.sign_in("canary@example.org", PASSWORD).await;
    let (client, secret) = office.client(&admin, "cases:read").await;
    let token = office.token(&client, &secret).await;
    let forged = SecretText::from(format!("{}x", token.expose_secret()));
    assert!(office.verify(&forged).await.is_err());
    sign_out(&office.service, &admin, signed_in.session.id).await.unwrap();

    let chains = [Chain::Instance, Chain::Tenant(admin.caller.tenant())];
    let trail = format!("{:?}{:?}", office.trail(chains[0]).await, office.trail(chains[1]).await);
    let text = log.text();
    for event in
        ["authn_login_success", "session_created", "authn_login_fail", "authn_token_created", "authn_token_fail"]
    {
        assert!(text.contains(&format!("\"event\":\"{event}\"")), "{event} is logged");
    }
    let secrets =
        [PASSWORD, "canary", ADMIN, signed_in.token.expose_secret(), secret.expose_secret(), token.expose_secret()];
    for canary in secrets {
        assert!(!text.contains(canary), "the log holds {canary}");
        assert!(!trail.contains(canary), "the trail holds {canary}");
    }
}
